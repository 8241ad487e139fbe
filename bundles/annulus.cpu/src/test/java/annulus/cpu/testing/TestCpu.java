package annulus.cpu.testing;

import annulus.arch.CpuFeature;
import annulus.arch.Cr0;
import annulus.arch.Cr4;
import annulus.arch.Efer;
import annulus.arch.Rflags;
import annulus.arch.Seg;
import annulus.arch.SegmentState;
import annulus.cpu.Cpu;
import annulus.cpu.GuestFault;
import annulus.cpu.decode.Decoder;
import annulus.cpu.decode.Instruction;
import annulus.cpu.exec.InstructionSet;
import annulus.engine.PendingEvents;
import annulus.engine.VcpuBus;
import annulus.engine.VcpuContext;
import annulus.memory.GuestMemory;
import annulus.memory.translation.Translation;
import annulus.vendor.CpuModel;
import annulus.vendor.VendorTrait;
import java.util.EnumSet;
import java.util.Set;

/**
 * A processor of every feature in a chosen mode, over {@value #SIZE} bytes of flat RAM, identity translation and a bus that
 * records. Segments are flat outside real mode; the stack pointer is {@value #STACK}.
 */
public final class TestCpu {
  public static final long SIZE = 4 << 20;
  public static final long STACK = 0x8000;

  public final FlatMemory memory;
  public final IdentityTranslation translation = new IdentityTranslation();
  public final RecordingBus bus = new RecordingBus();
  public final PendingEvents pending = new PendingEvents();
  /** What the machine's time-stamp counter says. */
  public long tsc;
  public final Cpu cpu;

  private static final InstructionSet INSTRUCTIONS = InstructionSet.standard();
  private final Decoder decoder;

  public TestCpu(Set<CpuFeature> features, Set<VendorTrait> traits) {
    this(features, traits, new FlatMemory(SIZE));
  }

  private TestCpu(Set<CpuFeature> features, Set<VendorTrait> traits, FlatMemory memory) {
    this.memory = memory;
    decoder = new Decoder(features, traits, INSTRUCTIONS);
    cpu = new Cpu(new Context(new CompleteModel(features, traits)));
    cpu.gpr[Cpu.RSP] = STACK;
  }

  /** A processor of all features in the state after reset, but for CS, which is 0, and the instruction pointer, 0x1000. */
  public static TestCpu real() {
    TestCpu t = new TestCpu(EnumSet.allOf(CpuFeature.class), EnumSet.noneOf(VendorTrait.class));
    t.cpu.seg[Seg.CS].set(0, 0, 0xFFFF, 0x9B);
    t.cpu.rip = 0x1000;
    t.cpu.modeChanged();
    return t;
  }

  /** Another processor of the same model, in 64-bit mode at CPL 0, that shares the memory and nothing else. */
  public TestCpu sibling() {
    TestCpu t = new TestCpu(cpu.features, cpu.traits, memory);
    t.enterLong(0);
    return t;
  }

  /** Protected mode without paging, flat segments of the code size {@code bits} (16 or 32) and of privilege {@code cpl}. */
  public static TestCpu protectedMode(int bits, int cpl) {
    TestCpu t = real();
    t.enterProtected(bits, cpl);
    return t;
  }

  /** 64-bit mode at privilege {@code cpl}. */
  public static TestCpu longMode(int cpl) {
    TestCpu t = real();
    t.enterLong(cpl);
    return t;
  }

  /** Virtual-8086 mode with this IOPL; selectors are zero. */
  public static TestCpu virtual8086(int iopl) {
    TestCpu t = real();
    t.cpu.paging.cr0 |= Cr0.PE | Cr0.NE;
    t.cpu.systemFlags = Rflags.VM | iopl << 12;
    t.cpu.cpl = 3;
    for (int s = Seg.ES; s <= Seg.GS; s++) {
      t.cpu.seg[s].set(0, 0, 0xFFFF, 0xF3);
    }
    t.cpu.modeChanged();
    return t;
  }

  private void enterLong(int cpl) {
    cpu.paging.cr4 |= Cr4.PAE | Cr4.OSFXSR | Cr4.OSXMMEXCPT;
    cpu.paging.efer |= Efer.LME | Efer.LMA | Efer.NXE | Efer.SCE;
    cpu.paging.cr0 |= Cr0.PG;
    enterProtected(64, cpl);
  }

  private void enterProtected(int bits, int cpl) {
    cpu.paging.cr0 |= Cr0.PE | Cr0.NE;
    cpu.cpl = cpl;
    int dpl = cpl << SegmentState.DPL_SHIFT;
    int width = bits == 64 ? SegmentState.LONG : bits == 32 ? SegmentState.BIG : 0;
    int stackWidth = bits == 16 ? 0 : SegmentState.BIG;
    for (int s = Seg.ES; s <= Seg.GS; s++) {
      cpu.seg[s].set(0x10 | cpl, 0, 0xFFFF_FFFFL, 0x93 | dpl | SegmentState.GRANULARITY | stackWidth);
    }
    cpu.seg[Seg.CS].set(0x8 | cpl, 0, 0xFFFF_FFFFL, 0x9B | dpl | SegmentState.GRANULARITY | width);
    cpu.modeChanged();
  }

  /** Makes accesses of these kinds to the page of {@code linear} fault; 0 allows them again. */
  public void deny(long linear, int kinds) {
    translation.deny(linear, kinds);
    cpu.memory.tlb.flush();
  }

  /** Decodes what the bytes mean in the current mode. */
  public Instruction decode(int... bytes) {
    byte[] code = new byte[bytes.length];
    for (int n = 0; n < code.length; n++) {
      code[n] = (byte) bytes[n];
    }
    Instruction i = decoder.decode(code, 0, code.length, cpu.codeBits);
    if (i == null) {
      throw new IllegalArgumentException("instruction is cut short after " + code.length + " bytes");
    }
    return i;
  }

  /** Executes one instruction as if it stood at the instruction pointer. A fault leaves the pointer at its start. */
  public void run(int... bytes) {
    execute(decode(bytes));
  }

  /** The same for an instruction decoded before. */
  public void execute(Instruction i) {
    long start = cpu.rip;
    cpu.rip = start + i.length & cpu.ipMask;
    try {
      i.semantics.execute(cpu, i);
    } catch (GuestFault e) {
      cpu.rip = start;
      throw e;
    }
  }

  /** Executes the one instruction at CS:IP, from memory, as its bytes are. */
  public Instruction step() {
    byte[] code = new byte[15];
    for (int n = 0; n < code.length; n++) {
      code[n] = (byte) cpu.memory.load8(cpu.seg[Seg.CS].base + (cpu.rip + n & cpu.ipMask));
    }
    Instruction i = decoder.decode(code, 0, code.length, cpu.codeBits);
    if (i == null) {
      throw new IllegalStateException("15 bytes are enough for any instruction");
    }
    execute(i);
    return i;
  }

  public void poke(long address, int... bytes) {
    for (int i = 0; i < bytes.length; i++) {
      memory.write(address + i, 1, bytes[i]);
    }
  }

  public long peek(long address, int size) {
    return memory.read(address, size);
  }

  private final class Context implements VcpuContext {
    private final CpuModel model;

    Context(CpuModel model) {
      this.model = model;
    }

    @Override public int index() {
      return 0;
    }

    @Override public int processors() {
      return 1;
    }

    @Override public GuestMemory memory() {
      return memory;
    }

    @Override public Translation translation() {
      return translation;
    }

    @Override public CpuModel model() {
      return model;
    }

    @Override public PendingEvents pending() {
      return pending;
    }

    @Override public VcpuBus bus() {
      return bus;
    }

    @Override public long tsc() {
      return tsc;
    }
  }
}
