package annulus.engine.translator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.arch.CpuFeature;
import annulus.arch.VcpuState.Activity;
import annulus.cpu.Cpu;
import annulus.cpu.Flags;
import annulus.cpu.Fpu;
import annulus.cpu.decode.Decoder;
import annulus.cpu.decode.Disassembler;
import annulus.cpu.decode.Instruction;
import annulus.cpu.exec.InstructionSet;
import annulus.engine.Exit;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random programs in compiled regions against the same programs by the general meanings: registers, flags, memory, faults with
 * their frames and the count of instructions must agree.
 */
class RandomCodeTest {
  private static final int PROGRAMS = 1200;
  private static final int ROUNDS = 6;
  private static final int LENGTH = 14;
  /** Of a function that some programs call, and where it is. */
  private static final int FUNCTION_LENGTH = 5;
  private static final int FUNCTION = 256;
  private static final int WINDOW = 128;
  private static final long BUDGET = 300;
  /**
   * First opcode bytes; 0x1xx stands for 0F xx, 0x2xx for 66 0F xx, 0x3xx for F3 0F xx, 0x4xx for F2 0F xx, 0x5xx for 66 0F 38 xx,
   * 0x6xx for 66 0F 3A xx.
   */
  private static final int[] INTEGER = integer();
  private static final int[] VECTOR = vector();
  private static final int[] X87 = x87();

  private static final long CODE = 0x10_0000;

  private final Random random = new Random(7);
  private final Decoder decoder =
      new Decoder(EnumSet.allOf(CpuFeature.class), Set.of(), InstructionSet.standard());
  private final Set<annulus.cpu.decode.Mnemonic> seen = EnumSet.noneOf(annulus.cpu.decode.Mnemonic.class);
  private long regionInstructions;

  private static int[] integer() {
    List<Integer> all = new ArrayList<>();
    for (int base = 0; base < 0x40; base += 8) {
      for (int n = 0; n < 6; n++) {
        all.add(base + n);
      }
    }
    range(all, 0x50, 0x5F);
    range(all, 0x80, 0x8B);
    range(all, 0xB0, 0xC1);
    range(all, 0xC6, 0xC7);
    range(all, 0xD0, 0xD3);
    range(all, 0x140, 0x14F);
    range(all, 0x190, 0x19F);
    range(all, 0x1C8, 0x1CF);
    for (int x : new int[] {0x63, 0x68, 0x69, 0x6A, 0x6B, 0x8D, 0x90, 0x91, 0x98, 0x99, 0xA8, 0xA9, 0xC9, 0xF6, 0xF7, 0xFE, 0xFF,
        0x11F, 0x1A3, 0x1AB, 0x1AF, 0x1B3, 0x1B6, 0x1B7, 0x1BA, 0x1BB, 0x1BE, 0x1BF, 0x1B0, 0x1C0, 0xD8, 0xD9, 0xDC, 0xDD}) {
      all.add(x);
    }
    // Groups: eight instructions each.
    for (int n = 0; n < 5; n++) {
      for (int x : new int[] {0x81, 0x83, 0xC0, 0xC1, 0xD1, 0xD3, 0xF6, 0xF7, 0xFE, 0xFF, 0x1BA}) {
        all.add(x);
      }
    }
    return all.stream().mapToInt(Integer::intValue).toArray();
  }

  private static int[] vector() {
    List<Integer> all = new ArrayList<>();
    range(all, 0x500, 0x50B);
    range(all, 0x60C, 0x60F);
    for (int prefix : new int[] {0x100, 0x200, 0x300, 0x400}) {
      range(all, prefix + 0x10, prefix + 0x17);
      range(all, prefix + 0x28, prefix + 0x2F);
      range(all, prefix + 0x51, prefix + 0x5F);
      range(all, prefix + 0x60, prefix + 0x76);
      range(all, prefix + 0x7E, prefix + 0x7F);
      range(all, prefix + 0xC5, prefix + 0xC6);
      range(all, prefix + 0xD0, prefix + 0xFE);
    }
    return all.stream().mapToInt(Integer::intValue).toArray();
  }

  private static int[] x87() {
    List<Integer> all = new ArrayList<>();
    range(all, 0xD8, 0xDF);
    return all.stream().mapToInt(Integer::intValue).toArray();
  }

  private static void range(List<Integer> all, int from, int to) {
    for (int x = from; x <= to; x++) {
      all.add(x);
    }
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void regionsDoWhatTheGeneralMeaningsDo(Form form) {
    try (TestMachine translated = new TestMachine(1, true, form, 16 << 20); TestMachine general = new TestMachine(1, false)) {
      translated.handlers();
      general.handlers();
      for (int n = 0; n < PROGRAMS; n++) {
        compare(translated, general, n, form);
      }
      regionInstructions = translated.engine().counters().get("region-instructions");
    }
    assertTrue(regionInstructions > PROGRAMS * 10L, regionInstructions + " instructions ran in regions");
    assertTrue(seen.size() > 150, seen.size() + " kinds of instructions");
  }

  @Test void evictionLosesNothing() {
    try (TestMachine translated = new TestMachine(1, true, Form.WARM, 5000); TestMachine general = new TestMachine(1, false)) {
      translated.handlers();
      general.handlers();
      for (int n = 0; n < 50; n++) {
        compare(translated, general, n, Form.WARM);
      }
      assertTrue(translated.engine().counters().get("regions-evictions") > 5);
    }
  }

  private void compare(TestMachine translated, TestMachine general, int program, Form form) {
    // Most of a region that does not do all in place would never be run: it is left too soon.
    byte[] code = program(form == Form.LOCALS && program % 8 != 0);
    // Each in its own page: one that is rewritten all the time is no longer watched, and nothing of it is compiled.
    long at = CODE + 0x1000L * program;
    translated.memory.write(at, code, 0, code.length);
    general.memory.write(at, code, 0, code.length);
    for (int round = 0; round < ROUNDS; round++) {
      long seed = random.nextLong();
      String expected = run(general, at, seed);
      String found = run(translated, at, seed);
      int r = round;
      assertEquals(expected, found, () -> "program " + program + " round " + r + "\n" + listing(at, code));
    }
  }

  /** @param inPlace of instructions that regions with registers in locals do themselves */
  private byte[] program(boolean inPlace) {
    byte[] code = new byte[512];
    Arrays.fill(code, (byte) 0xF4);
    int call = random.nextInt(2 * LENGTH);
    List<Integer> starts = new ArrayList<>();
    int at = append(code, 0, call, inPlace, starts);
    if (call < LENGTH) {
      code[at] = (byte) 0xE8;
      at += 5;
      ByteBuffer.wrap(code).order(ByteOrder.LITTLE_ENDIAN).putInt(at - 4, FUNCTION - at);
      append(code, at, LENGTH, inPlace, starts);
      code[append(code, FUNCTION, FUNCTION_LENGTH, inPlace, new ArrayList<>())] = (byte) 0xC3;
    }
    return code;
  }

  /** Puts instructions at {@code from} until there are {@code most} or {@link #LENGTH}. @return where the last ends */
  private int append(byte[] code, int from, int most, boolean inPlace, List<Integer> starts) {
    int at = from;
    while (starts.size() < Math.min(most, LENGTH)) {
      byte[] bytes = random.nextInt(6) == 0 ? branch(starts, at) : instruction();
      Instruction i = Objects.requireNonNull(decoder.decode(bytes, 0, 15, 64));
      if (annulus.cpu.block.BlockEnds.stops(i) || annulus.cpu.block.BlockEnds.branches(i) && bytes[0] >> 4 != 7 && bytes[0] != (byte) 0xEB
          || i.length > 12 || inPlace && !RegionWriter.inPlace(i)) {
        continue;
      }
      seen.add(i.mnemonic);
      starts.add(at);
      System.arraycopy(bytes, 0, code, at, i.length);
      at += i.length;
    }
    return at;
  }

  /** A jump back, or forward over what comes next. */
  private byte[] branch(List<Integer> starts, int at) {
    byte[] b = new byte[15];
    b[0] = (byte) (random.nextInt(8) == 0 ? 0xEB : 0x70 + random.nextInt(16));
    boolean back = !starts.isEmpty() && random.nextBoolean();
    b[1] = (byte) (back ? starts.get(random.nextInt(starts.size())) - at - 2 : random.nextInt(12));
    return b;
  }

  private byte[] instruction() {
    byte[] b = new byte[15];
    random.nextBytes(b);
    if (random.nextInt(3) == 0) {
      Arrays.fill(b, (byte) 0);
      b[8] = (byte) random.nextInt();
    }
    int[] opcodes = switch (random.nextInt(6)) {
      case 0, 1 -> VECTOR;
      case 2 -> X87;
      default -> INTEGER;
    };
    int opcode = opcodes[random.nextInt(opcodes.length)];
    int n = 0;
    switch (opcode >> 8) {
      case 2, 5, 6 -> b[n++] = 0x66;
      case 3 -> b[n++] = (byte) 0xF3;
      case 4 -> b[n++] = (byte) 0xF2;
      default -> {
        int prefix = random.nextInt(24);
        if (prefix < 5) {
          b[n++] = (byte) new int[] {0x66, 0x67, 0x64, 0x65, 0x36}[prefix];
        }
      }
    }
    if (random.nextBoolean()) {
      b[n++] = (byte) (0x40 | random.nextInt(16) | (random.nextBoolean() ? 8 : 0));
    }
    if (opcode >= 0x100) {
      b[n++] = 0x0F;
    }
    if (opcode >= 0x500) {
      b[n++] = (byte) (opcode >> 8 == 5 ? 0x38 : 0x3A);
    }
    b[n++] = (byte) opcode;
    // A register, or memory with a short displacement: most random addresses would only fault.
    int form = random.nextInt(4);
    b[n] = (byte) (b[n] & 0x3F | (form < 2 ? 0xC0 : 0x40));
    if (form == 2) {
      b[n] = (byte) (b[n] & 0xF8 | 5);
    }
    if ((opcode == 0xFE || opcode == 0xFF) && random.nextInt(8) > 0) {
      // INC and DEC; the rest of the group branches.
      b[n] = (byte) (b[n] & 0xCF);
    }
    if (form >= 2) {
      b[n + 1 + ((b[n] & 7) == 4 ? 1 : 0)] = (byte) (random.nextInt(64) - 16);
    }
    return b;
  }

  private String run(TestMachine m, long code, long seed) {
    Random r = new Random(seed);
    Cpu c = m.cpu();
    for (int n = 0; n < 16; n++) {
      c.gpr[n] = switch (r.nextInt(8)) {
        case 0 -> r.nextLong();
        case 1 -> r.nextInt(256) - 128L;
        case 2 -> -1L << r.nextInt(64);
        default -> TestMachine.DATA + (r.nextInt(WINDOW) & -8) + (r.nextInt(4) == 0 ? 0xFA0 : 0);
      };
    }
    c.gpr[Cpu.RSP] = TestMachine.DATA + 0x800;
    c.gpr[Cpu.RBP] = TestMachine.DATA + 0x900;
    for (int n = 0; n < 32; n++) {
      c.xmm[n] = switch (r.nextInt(4)) {
        case 0 -> r.nextInt(3) == 0 ? 0x7FF8_0000_7FC0_0000L : r.nextLong();
        case 1 -> Float.floatToRawIntBits(r.nextFloat() * 1000) | (long) Float.floatToRawIntBits(r.nextInt(100)) << 32;
        default -> Double.doubleToRawLongBits((r.nextDouble() - 0.5) * (1 << r.nextInt(31)));
      };
    }
    c.mxcsr = 0x1F80 | (r.nextInt(4) == 0 ? r.nextInt(4) << 13 : 0) | (r.nextInt(4) > 0 ? 0x20 : 0);
    Flags.setStatus(c, r.nextInt(0x1000));
    c.systemFlags = 0;
    c.cr2 = 0;
    c.rip = code;
    c.activity = Activity.ACTIVE;
    c.fpu.initialise();
    c.fpu.control = switch (r.nextInt(6)) {
      case 0 -> 0x7F | r.nextInt(16) << 8;
      case 1 -> 0x340 | r.nextInt(64);
      default -> 0x37F;
    };
    c.fpu.status = r.nextInt(4) > 0 ? 0x20 : 0;
    c.fpu.top = r.nextInt(8);
    c.fpu.valid = r.nextInt(3) == 0 ? r.nextInt(256) : (0x0F << c.fpu.top | 0x0F >>> 8 - c.fpu.top) & 0xFF;
    for (int n = 0; n < 8; n++) {
      c.fpu.significand[n] = 1L << 63 | r.nextLong();
      c.fpu.signExponent[n] = 0x3FFF + r.nextInt(8) | r.nextInt(2) << 15;
      if (r.nextInt(12) == 0) {
        c.fpu.significand[n] = r.nextBoolean() ? 0 : 1L << 63;
        c.fpu.signExponent[n] = r.nextBoolean() ? 0 : 0x7FFF;
      }
    }
    byte[] data = new byte[0x2000];
    r.nextBytes(data);
    m.memory.write(TestMachine.DATA, data, 0, data.length);
    c.systemFlagsChanged();
    long before = m.engine().instructions();
    int exit = m.engine().run(BUDGET);
    m.memory.read(TestMachine.DATA, data, 0, data.length);
    return Exit.name(exit) + " after " + (m.engine().instructions() - before) + " rip " + Long.toHexString(c.rip) + " flags "
        + Long.toHexString(Flags.rflags(c)) + " cr2 " + Long.toHexString(c.cr2) + " mxcsr " + Integer.toHexString(c.mxcsr) + "\n"
        + HexFormat.of().toHexDigits(Arrays.hashCode(data)) + " " + hex(Arrays.copyOf(c.gpr, 16)) + "\n" + hex(c.xmm) + "\n"
        + unit(c.fpu);
  }

  private static String unit(Fpu f) {
    return hex(f.significand) + Arrays.toString(f.signExponent) + " " + Integer.toHexString(f.statusWord()) + " valid "
        + Integer.toHexString(f.valid) + " last " + Integer.toHexString(f.opcode) + " at " + f.instructionSelector + ":"
        + Long.toHexString(f.instructionPointer) + " operand " + f.dataSelector + ":" + Long.toHexString(f.dataPointer);
  }

  private static String hex(long[] values) {
    StringBuilder s = new StringBuilder();
    for (long v : values) {
      s.append(Long.toHexString(v)).append(' ');
    }
    return s.toString();
  }

  private String listing(long start, byte[] code) {
    StringBuilder s = new StringBuilder();
    int at = 0;
    for (int n = 0; n <= LENGTH + FUNCTION_LENGTH + 2; n++) {
      at = n == LENGTH + 2 ? FUNCTION : at;
      Instruction i = Objects.requireNonNull(decoder.decode(code, at, 15, 64));
      s.append(Long.toHexString(start + at)).append("  ").append(Disassembler.text(i, start + at)).append('\n');
      at += i.length;
    }
    return s.toString();
  }
}
