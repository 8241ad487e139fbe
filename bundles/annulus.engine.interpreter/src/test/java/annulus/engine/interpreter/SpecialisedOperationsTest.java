package annulus.engine.interpreter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.cpu.Cpu;
import annulus.cpu.Flags;
import annulus.cpu.GuestFault;
import annulus.cpu.block.BlockEnds;
import annulus.cpu.block.op.Generic;
import annulus.cpu.block.op.Op;
import annulus.cpu.block.op.Specialiser;
import annulus.cpu.decode.Decoder;
import annulus.cpu.decode.Instruction;
import annulus.cpu.exec.InstructionSet;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Every specialised operation against the general meaning of its instruction, on random operands, registers and memory. */
class SpecialisedOperationsTest {
  private static final int CASES = 120_000;
  private static final int WINDOW = 64;
  /** First opcode bytes of instructions that have specialised forms; 0x1xx stands for 0F xx. */
  private static final int[] OPCODES = opcodes();

  private final Random random = new Random(20);
  private final byte[] after = new byte[0x2000];
  private final Set<String> covered = new TreeSet<>();

  private static int[] opcodes() {
    List<Integer> all = new ArrayList<>();
    for (int base = 0; base < 0x40; base += 8) {
      for (int n = 0; n < 6; n++) {
        all.add(base + n);
      }
    }
    range(all, 0x50, 0x5F);
    range(all, 0x70, 0x7F);
    range(all, 0x80, 0x8B);
    range(all, 0xB0, 0xC3);
    range(all, 0xD0, 0xD3);
    range(all, 0x140, 0x14F);
    range(all, 0x180, 0x19F);
    for (int x : new int[] {0x40, 0x48, 0x63, 0x68, 0x69, 0x6A, 0x6B, 0x8D, 0x90, 0x91, 0x98, 0x99, 0xA8, 0xA9, 0xC6, 0xC7, 0xC9, 0xE8, 0xE9, 0xEB,
        0xF6, 0xF7, 0xFE, 0xFF, 0x11F, 0x1AF, 0x1B6, 0x1B7, 0x1BE, 0x1BF}) {
      all.add(x);
    }
    return all.stream().mapToInt(Integer::intValue).toArray();
  }

  private static void range(List<Integer> all, int from, int to) {
    for (int x = from; x <= to; x++) {
      all.add(x);
    }
  }

  @Test void everySpecialisedOperationDoesWhatTheGeneralMeaningDoes() throws ReflectiveOperationException {
    try (TestMachine m = new TestMachine()) {
      for (long at = 0x3000; at < 0x5000; at += 8) {
        unmap(m, at, 8, at - TestMachine.PAGE_TABLE >> 3);
      }
      compare(m, CASES);
    }
    try (TestMachine m = new TestMachine()) {
      m.protectedMode();
      for (int n = 0; n < 1024; n++) {
        unmap(m, TestMachine.PAGE_TABLE_32 + 4L * n, 4, n);
      }
      compare(m, CASES);
    }
    Set<String> missing = new TreeSet<>();
    for (String family : List.of("Moves", "Loads", "Stores", "Arithmetic32", "Arithmetic64", "Narrow", "StackOps", "Branches",
        "CompareBranches")) {
      for (Class<?> c : Class.forName(Op.class.getPackageName() + "." + family).getDeclaredClasses()) {
        if (!Modifier.isAbstract(c.getModifiers()) && !covered.contains(c.getName())) {
          missing.add(c.getName());
        }
      }
    }
    assertEquals(Set.of(), missing, "operations that no case reached");
  }

  /** Leaves only the two pages of data: what is compared is all that an operation can reach. */
  private static void unmap(TestMachine m, long entry, int size, long page) {
    if (entry != 0x3000 && page != TestMachine.DATA >> 12 && page != (TestMachine.DATA >> 12) + 1) {
      m.memory.write(entry, size, 0);
    }
    m.cpu().memory.tlb.flush();
  }

  private void compare(TestMachine m, int cases) {
    Cpu c = m.cpu();
    Decoder decoder = new Decoder(c.features, c.traits, InstructionSet.standard());
    Instruction previous = null;
    int compared = 0;
    for (int n = 0; n < cases; n++) {
      Instruction i = decoder.decode(bytes(c.codeBits), 0, 15, c.codeBits);
      Op op = Specialiser.specialise(Objects.requireNonNull(i), i.length);
      if (op != null) {
        check(m, op, i, null);
        compared++;
      }
      if (previous != null) {
        int between = previous.length;
        Op fused = Specialiser.fuse(previous, between, i, between + i.length);
        if (fused != null) {
          check(m, fused, previous, i);
          compared++;
        }
      }
      boolean fusable = op != null && !BlockEnds.branches(i);
      previous = fusable ? i : null;
    }
    assertTrue(compared > cases / 3, compared + " of " + cases + " cases had a specialised form");
  }

  private byte[] bytes(int bits) {
    byte[] b = new byte[15];
    if (random.nextInt(3) > 0) {
      random.nextBytes(b);
    } else {
      b[8] = (byte) random.nextInt();
    }
    int n = 0;
    int prefix = random.nextInt(24);
    if (prefix < 5) {
      b[n++] = (byte) new int[] {0x66, 0x67, 0x64, 0x65, 0x36}[prefix];
    }
    if (bits == 64 && random.nextBoolean()) {
      b[n++] = (byte) (0x40 | random.nextInt(16) | (random.nextBoolean() ? 8 : 0));
    }
    int opcode = random.nextInt(4) == 0 ? 0x70 + random.nextInt(16) : OPCODES[random.nextInt(OPCODES.length)];
    if (opcode >= 0x100) {
      b[n++] = 0x0F;
    }
    b[n++] = (byte) opcode;
    if (random.nextBoolean()) {
      // Register, or memory with a short displacement: most random addresses would only fault.
      b[n] = (byte) (b[n] & 0x3F | (random.nextBoolean() ? 0xC0 : 0x40));
    }
    return b;
  }

  private void check(TestMachine m, Op op, Instruction first, @Nullable Instruction second) {
    covered.add(op.getClass().getName());
    Cpu c = m.cpu();
    long[] gpr = registers(c.codeBits);
    int flags = random.nextInt(0x1000);
    byte[] memory = new byte[WINDOW];
    random.nextBytes(memory);

    String special = run(m, gpr, flags, memory, () -> op.execute(c), op);
    if (c.codeBits == 32 && c.cr2 >= 0xFFFF_FFF0L) {
      // Whether an access across the end of a 4 GiB segment faults for its limit is the implementation's choice (SDM 3A 5.3).
      return;
    }
    int between = second == null ? 0 : first.length;
    Op general1 = new Generic(first, first.length);
    Op general2 = second == null ? null : new Generic(second, between + second.length);
    // Whether an operation without a branch sets the instruction pointer is its own affair.
    boolean branches = second != null || BlockEnds.branches(first);
    String general = run(m, gpr, flags, memory, () -> {
      general1.execute(c);
      if (general2 != null) {
        general2.execute(c);
      } else if (!branches) {
        c.rip = TestMachine.CODE;
      }
    }, null);
    assertEquals(general, special,
        () -> op.getClass().getName() + " for " + first.mnemonic + (second == null ? "" : ", " + second.mnemonic) + " length " + first.length
            + " registers " + Arrays.toString(gpr) + " flags " + Integer.toHexString(flags) + " displacement " + first.displacement
            + " segment " + first.segment);
  }

  private long[] registers(int bits) {
    long[] gpr = new long[20];
    for (int n = 0; n < 16; n++) {
      gpr[n] = switch (random.nextInt(8)) {
        case 0 -> random.nextLong();
        case 1 -> random.nextInt(256) - 128L;
        case 2 -> 0x7FFF_FFFF_FFF0L + random.nextInt(24);
        case 3 -> -1L << random.nextInt(64);
        default -> TestMachine.DATA + random.nextInt(WINDOW) + (random.nextInt(4) == 0 ? 0xFE0 : 0);
      };
      if (bits == 32) {
        gpr[n] &= 0xFFFF_FFFFL;
      }
    }
    gpr[Op.START] = TestMachine.CODE;
    return gpr;
  }

  /** What an execution leaves behind, in words. */
  private String run(TestMachine m, long[] gpr, int flags, byte[] memory, Runnable execution, @Nullable Op op) {
    Cpu c = m.cpu();
    System.arraycopy(gpr, 0, c.gpr, 0, gpr.length);
    c.gpr[Op.FS_BASE] = c.seg[annulus.arch.Seg.FS].base;
    c.gpr[Op.GS_BASE] = c.seg[annulus.arch.Seg.GS].base;
    Flags.setStatus(c, flags);
    c.rip = TestMachine.CODE;
    c.cr2 = 0;
    c.memory.nonCanonical = false;
    m.memory.clear(TestMachine.DATA, 0x2000);
    m.memory.write(TestMachine.DATA, memory, 0, WINDOW);
    m.memory.write(TestMachine.DATA + 0xFE0, memory, 0, WINDOW);
    String outcome;
    try {
      execution.run();
      outcome = "rip " + Long.toHexString(c.rip);
    } catch (GuestFault f) {
      int vector = c.memory.nonCanonical && op != null && op.usesStack() ? annulus.arch.Vector.SS : f.vector;
      outcome = "fault " + vector + " " + f.errorCode + " cr2 " + Long.toHexString(c.cr2);
    }
    m.memory.read(TestMachine.DATA, after, 0, after.length);
    return outcome + " flags " + Integer.toHexString(Flags.status(c)) + " " + HexFormat.of().toHexDigits(Arrays.hashCode(after)) + " "
        + Arrays.toString(Arrays.copyOf(c.gpr, 16));
  }
}
