package annulus.engine.interpreter;

import static org.junit.jupiter.api.Assertions.assertEquals;

import annulus.arch.Cr0;
import annulus.arch.Cr4;
import annulus.arch.Seg;
import annulus.arch.Vector;
import annulus.cpu.Cpu;
import annulus.cpu.Flags;
import annulus.cpu.GuestFault;
import annulus.cpu.block.op.Generic;
import annulus.cpu.block.op.Op;
import annulus.cpu.block.op.Specialiser;
import annulus.cpu.decode.Decoder;
import annulus.cpu.decode.Instruction;
import annulus.cpu.exec.InstructionSet;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Every specialised operation on XMM registers against the general meaning of its instruction, on random state. */
class SimdOperationsTest {
  private static final int CASES = 250_000;
  private static final int WINDOW = 0x2000;
  private static final List<String> FAMILIES =
      List.of("SimdMoves", "SimdScalars", "SimdConversions", "SimdFloats", "SimdBitwise", "SimdIntegers", "SimdComparisons",
          "SimdShuffles");
  private static final int[] PREFIXES = {0, 0x66, 0xF2, 0xF3};
  /** Third opcode bytes of the instructions in the 0F 38 and 0F 3A maps that have specialised forms. */
  private static final int PSHUFB = 0x00;
  private static final int MOVNTDQA = 0x2A;
  private static final int PALIGNR = 0x0F;

  private final Random random = new Random(21);
  private final byte[] before = new byte[WINDOW];
  private final byte[] after = new byte[WINDOW];
  private final long[] xmm = new long[32];
  private final long[] gpr = new long[20];
  private final Set<String> covered = new TreeSet<>();

  @Test void everySpecialisedOperationDoesWhatTheGeneralMeaningDoes() throws ReflectiveOperationException {
    try (TestMachine m = new TestMachine()) {
      // Nothing is mapped but the two pages of data, so what is compared is all that an operation can reach.
      for (int n = 0; n < 512; n++) {
        if (n != TestMachine.DATA >> 12 && n != (TestMachine.DATA >> 12) + 1) {
          m.memory.write(TestMachine.PAGE_TABLE + 8L * n, 8, 0);
        }
        if (n != 0) {
          m.memory.write(0x3000 + 8L * n, 8, 0);
        }
      }
      m.cpu().memory.tlb.flush();
      random.nextBytes(before);
      compare(m);
    }
    Set<String> missing = new TreeSet<>();
    for (String family : FAMILIES) {
      for (Class<?> c : Class.forName(Op.class.getPackageName() + "." + family).getDeclaredClasses()) {
        if (!Modifier.isAbstract(c.getModifiers()) && !covered.contains(c.getName())) {
          missing.add(c.getName());
        }
      }
    }
    assertEquals(Set.of(), missing, "operations that no case reached");
  }

  private void compare(TestMachine m) {
    Cpu c = m.cpu();
    Decoder decoder = new Decoder(c.features, c.traits, InstructionSet.standard());
    for (int n = 0; n < CASES; n++) {
      Instruction i = Objects.requireNonNull(decoder.decode(bytes(), 0, 15, 64));
      boolean simd = i.kind0 == Instruction.XMM || i.kind1 == Instruction.XMM;
      Op op = simd ? Specialiser.specialise(i, i.length) : null;
      if (op != null) {
        check(m, op, i);
      }
    }
  }

  /** An instruction of the two-byte map, now and then of those behind it. */
  private byte[] bytes() {
    byte[] b = new byte[15];
    random.nextBytes(b);
    int n = 0;
    int prefix = PREFIXES[random.nextInt(4)];
    int map = random.nextInt(24);
    if (map < 3) {
      prefix = 0x66;
    }
    if (random.nextInt(8) == 0) {
      // FS: of the registers it is the one with a base.
      b[n++] = 0x64;
    }
    if (prefix != 0) {
      b[n++] = (byte) prefix;
    }
    if (random.nextBoolean()) {
      b[n++] = (byte) (0x40 | random.nextInt(16));
    }
    b[n++] = 0x0F;
    switch (map) {
      case 0 -> n = put(b, n, 0x38, PSHUFB);
      case 1 -> n = put(b, n, 0x38, MOVNTDQA);
      case 2 -> n = put(b, n, 0x3A, PALIGNR);
      default -> b[n++] = (byte) (random.nextInt(6) == 0 ? 0x10 + random.nextInt(0x20) : 0x50 + random.nextInt(0xB0));
    }
    int form = random.nextInt(8);
    if (form < 3) {
      b[n] |= (byte) 0xC0;
    } else if (form < 7) {
      // Memory with a short displacement: most others would only fault.
      b[n] = (byte) (b[n] & 0x3F | 0x40);
    }
    if (map == 2 || random.nextBoolean()) {
      // The immediate of register forms.
      b[n + 1] &= 0x1F;
    }
    return b;
  }

  private static int put(byte[] b, int n, int map, int opcode) {
    b[n] = (byte) map;
    b[n + 1] = (byte) opcode;
    return n + 2;
  }

  private void check(TestMachine m, Op op, Instruction i) {
    covered.add(op.getClass().getName());
    Cpu c = m.cpu();
    randomise(i);
    int flags = random.nextInt(0x1000);
    int mxcsr = mxcsr();
    c.paging.cr0 = c.paging.cr0 & ~(Cr0.TS | Cr0.EM) | switch (random.nextInt(40)) {
      case 0 -> Cr0.TS;
      case 1 -> Cr0.EM;
      case 2 -> Cr0.TS | Cr0.EM;
      default -> 0;
    };
    c.paging.cr4 = random.nextInt(40) == 0 ? c.paging.cr4 & ~Cr4.OSFXSR : c.paging.cr4 | Cr4.OSFXSR;
    c.paging.cr4 = random.nextInt(40) == 0 ? c.paging.cr4 & ~Cr4.OSXMMEXCPT : c.paging.cr4 | Cr4.OSXMMEXCPT;
    c.seg[Seg.FS].base = random.nextInt(64);

    String special = run(m, flags, mxcsr, op, op);
    String general = run(m, flags, mxcsr, new Generic(i, i.length), null);
    assertEquals(general, special, () -> op.getClass().getName() + " for " + i.mnemonic + " displacement " + i.displacement
        + " segment " + i.segment + " mxcsr " + Integer.toHexString(mxcsr) + " registers " + Arrays.toString(gpr)
        + " xmm " + Arrays.toString(xmm));
  }

  private void randomise(Instruction i) {
    for (int n = 0; n < 16; n++) {
      gpr[n] = switch (random.nextInt(6)) {
        case 0 -> random.nextLong();
        case 1 -> random.nextInt(256) - 128L;
        case 2 -> 0x7FFF_FFFF_FFC0L + random.nextInt(72);
        default -> TestMachine.DATA + random.nextInt(WINDOW);
      };
    }
    if (i.hasMemory() && i.base < 16 && random.nextInt(4) > 0) {
      long at = address();
      long rest = (random.nextBoolean() ? at & ~15L : at) - i.displacement;
      if (i.index != Instruction.NO_REGISTER && i.index != i.base) {
        gpr[i.index] = random.nextInt(8) * 16L;
        rest -= gpr[i.index] << i.scale;
      }
      gpr[i.base] = i.index == i.base ? rest / (1 + (1L << i.scale)) : rest;
    }
    gpr[Op.START] = TestMachine.CODE;
    boolean doubles = random.nextBoolean();
    for (int n = 0; n < 32; n++) {
      xmm[n] = doubles ? Double.doubleToRawLongBits(number()) : single() & 0xFFFF_FFFFL | single() << 32;
    }
    for (int n = 0; n < WINDOW; n += 8) {
      if (random.nextInt(64) == 0) {
        long value = doubles ? Double.doubleToRawLongBits(number()) : single() & 0xFFFF_FFFFL | single() << 32;
        for (int k = 0; k < 8; k++) {
          before[n + k] = (byte) (value >>> 8 * k);
        }
      }
    }
  }

  /** At the end of canonical addresses, at a border of the data's pages, or anywhere in them. */
  private long address() {
    return switch (random.nextInt(6)) {
      case 0 -> 0x7FFF_FFFF_FFE0L + random.nextInt(36);
      case 1 -> TestMachine.DATA + 0xFE0 + random.nextInt(32);
      case 2 -> TestMachine.DATA + 0x1FE0 + random.nextInt(32);
      default -> TestMachine.DATA + random.nextInt(WINDOW);
    };
  }

  private long single() {
    return random.nextBoolean() ? Float.floatToRawIntBits((float) number()) : random.nextInt();
  }

  private double number() {
    return switch (random.nextInt(12)) {
      case 0 -> 0.0;
      case 1 -> -0.0;
      case 2 -> random.nextInt(64) - 32;
      case 3 -> Double.NaN;
      case 4 -> Double.longBitsToDouble(0x7FF0_0000_0000_0000L | random.nextInt(2));
      case 5 -> Double.MIN_VALUE * random.nextInt(1000);
      case 6 -> Double.longBitsToDouble(random.nextLong());
      case 7 -> random.nextLong();
      case 8 -> 1e38 * random.nextGaussian();
      default -> random.nextGaussian();
    };
  }

  /** Mostly all masked and rounding to nearest, with and without what is sticky. */
  private int mxcsr() {
    int mxcsr = random.nextInt(4) == 0 ? random.nextInt(0x10000) : 0x1F80 | (random.nextBoolean() ? 0x20 : 0);
    return mxcsr | random.nextInt(2) << 17;
  }

  /** What an execution leaves behind, in words. */
  private String run(TestMachine m, int flags, int mxcsr, Op execution, @Nullable Op special) {
    Cpu c = m.cpu();
    System.arraycopy(gpr, 0, c.gpr, 0, gpr.length);
    System.arraycopy(xmm, 0, c.xmm, 0, xmm.length);
    c.gpr[Op.FS_BASE] = c.seg[Seg.FS].base;
    c.gpr[Op.GS_BASE] = c.seg[Seg.GS].base;
    c.mxcsr = mxcsr;
    Flags.setStatus(c, flags);
    c.cr2 = 0;
    c.memory.nonCanonical = false;
    m.memory.write(TestMachine.DATA, before, 0, WINDOW);
    String outcome = "done";
    try {
      execution.execute(c);
    } catch (GuestFault f) {
      boolean stack = c.memory.nonCanonical && f.vector == Vector.GP && special != null && special.usesStack();
      outcome = "fault " + (stack ? Vector.SS : f.vector) + " " + f.errorCode + " cr2 " + Long.toHexString(c.cr2);
    }
    m.memory.read(TestMachine.DATA, after, 0, WINDOW);
    return outcome + " flags " + Integer.toHexString(Flags.status(c)) + " mxcsr " + Integer.toHexString(c.mxcsr)
        + " memory " + Integer.toHexString(Arrays.hashCode(after)) + " registers " + Arrays.toString(Arrays.copyOf(c.gpr, 16))
        + " xmm " + Arrays.toString(c.xmm);
  }
}
