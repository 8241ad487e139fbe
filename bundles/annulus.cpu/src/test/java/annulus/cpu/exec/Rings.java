package annulus.cpu.exec;

import annulus.arch.CpuFeature;
import annulus.arch.Seg;
import annulus.cpu.Cpu;
import annulus.cpu.GuestFault;
import annulus.cpu.decode.Decoder;
import annulus.cpu.decode.Instruction;
import annulus.cpu.testing.TestCpu;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A processor with a GDT, an IDT and a TSS in place, for tests of what crosses rings.
 *
 * <pre>
 * GDT  08 code ring 0   10 data ring 0   18 code ring 3   20 data ring 3   28 TSS (two slots)   38 free
 *      48 64-bit code ring 0   50 64-bit code ring 3
 * </pre>
 */
final class Rings {
  static final long GDT = 0x2_0000;
  static final long IDT = 0x2_1000;
  static final long TSS = 0x2_2000;
  static final long RING0_STACK = 0x3_0000;
  static final int CODE0 = 0x08;
  static final int DATA0 = 0x10;
  static final int CODE3 = 0x1B;
  static final int DATA3 = 0x23;
  static final int TASK = 0x28;
  static final int FREE = 0x38;
  static final int LONG_CODE0 = 0x48;
  static final int LONG_CODE3 = 0x53;
  static final long HANDLER = 0x1_0000;

  final TestCpu t;
  final Cpu c;
  private final Decoder decoder;

  private Rings(TestCpu t) {
    this.t = t;
    c = t.cpu;
    decoder = new Decoder(EnumSet.allOf(CpuFeature.class), Set.of(), InstructionSet.standard());
    c.gdtBase = GDT;
    c.gdtLimit = 0xFFF;
    c.idtBase = IDT;
    c.idtLimit = 0xFFF;
    segment(CODE0, 0xC09B);
    segment(DATA0, 0xC093);
    segment(CODE3, 0xC0FB);
    segment(DATA3, 0xC0F3);
    segment(LONG_CODE0, 0xA09B);
    segment(LONG_CODE3, 0xA0FB);
    taskState(TASK, TSS, 0x8B);
    c.seg[Seg.TR].set(TASK, TSS, 0xFFF, 0x8B);
    c.rip = 0x1000;
  }

  /** 32-bit protected mode at privilege {@code cpl}. */
  static Rings protectedMode(int cpl) {
    Rings r = new Rings(TestCpu.protectedMode(32, cpl));
    r.select(cpl == 0 ? CODE0 : CODE3, cpl == 0 ? DATA0 : DATA3);
    r.t.memory.write(TSS + 4, 4, RING0_STACK);
    r.t.memory.write(TSS + 8, 4, DATA0);
    return r;
  }

  static Rings longMode(int cpl) {
    Rings r = new Rings(TestCpu.longMode(cpl));
    r.select(cpl == 0 ? LONG_CODE0 : LONG_CODE3, cpl == 0 ? DATA0 : DATA3);
    r.t.memory.write(TSS + 4, 8, RING0_STACK);
    return r;
  }

  static Rings virtual8086(int iopl) {
    Rings r = new Rings(TestCpu.virtual8086(iopl));
    r.t.memory.write(TSS + 4, 4, RING0_STACK);
    r.t.memory.write(TSS + 8, 4, DATA0);
    return r;
  }

  private void select(int cs, int data) {
    c.seg[Seg.CS].selector = cs;
    for (int s : new int[] {Seg.ES, Seg.SS, Seg.DS, Seg.FS, Seg.GS}) {
      c.seg[s].selector = data;
    }
  }

  /** A flat 4 GiB segment with attributes as {@link annulus.arch.SegmentState} has them. */
  void segment(int selector, int attributes) {
    long d = 0xFFFF | 0xFL << 48 | (attributes & 0xFFL) << 40 | (attributes & 0xF000L) << 40;
    descriptor(selector, d);
  }

  void descriptor(int selector, long d) {
    t.memory.write(GDT + (selector & 0xFFF8), 8, d);
    c.memory.tlb.flush();
  }

  long descriptor(int selector) {
    return t.memory.read(GDT + (selector & 0xFFF8), 8);
  }

  /** A TSS descriptor of 0x68 bytes; its upper slot is zero. */
  void taskState(int selector, long base, int attributes) {
    descriptor(selector, 0x67 | (base & 0xFF_FFFF) << 16 | (long) attributes << 40);
    descriptor(selector + 8, 0);
  }

  static long gate(int type, int dpl, int selector, long offset, int count) {
    return offset & 0xFFFF | (long) selector << 16 | (long) count << 32 | (long) (0x80 | dpl << 5 | type) << 40
        | (offset & 0xFFFF_0000L) << 32;
  }

  /** A 32-bit gate in the IDT. */
  void interruptGate(int vector, int type, int dpl, int selector, long offset) {
    t.memory.write(IDT + 8L * vector, 8, gate(type, dpl, selector, offset, 0));
  }

  /** A 64-bit interrupt gate. */
  void longGate(int vector, int dpl, long offset, int ist) {
    t.memory.write(IDT + 16L * vector, 8, gate(14, dpl, LONG_CODE0, offset, ist));
    t.memory.write(IDT + 16L * vector + 8, 8, offset >>> 32);
  }

  /** Executes one instruction, given as its bytes, at the current address. @return its fault, or null */
  @Nullable Fault step(int... code) {
    byte[] bytes = new byte[code.length];
    for (int n = 0; n < code.length; n++) {
      bytes[n] = (byte) code[n];
    }
    Instruction i = decoder.decode(bytes, 0, bytes.length, c.codeBits);
    if (i == null || i.length != bytes.length) {
      throw new IllegalArgumentException("not one whole instruction");
    }
    long start = c.rip;
    c.rip = start + i.length & c.ipMask;
    try {
      i.semantics.execute(c, i);
      return null;
    } catch (GuestFault f) {
      c.rip = start;
      return new Fault(f.vector, f.errorCode);
    }
  }

  /** A fault as the guest sees it. */
  record Fault(int vector, int errorCode) {}

  long stack(int index, int size) {
    return t.peek(c.gpr[Cpu.RSP] + (long) index * size, size);
  }
}
