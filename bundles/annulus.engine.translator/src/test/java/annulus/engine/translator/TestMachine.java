package annulus.engine.translator;

import annulus.arch.CpuFeature;
import annulus.arch.Cr0;
import annulus.arch.Cr4;
import annulus.arch.Efer;
import annulus.arch.Seg;
import annulus.arch.SegmentState;
import annulus.arch.VcpuState.Activity;
import annulus.cpu.Cpu;
import annulus.cpu.block.BlockEngine;
import annulus.cpu.block.CodeRegistry;
import annulus.engine.PendingEvents;
import annulus.engine.VcpuBus;
import annulus.engine.VcpuContext;
import annulus.memory.FramePool;
import annulus.memory.GuestMemory;
import annulus.memory.MappedGuestMemory;
import annulus.memory.OutOfFramesException;
import annulus.memory.translation.Translation;
import annulus.vendor.CpuModel;
import annulus.vendor.CpuidContext;
import annulus.vendor.CpuidResult;
import annulus.vendor.VendorMsrs;
import annulus.vendor.VendorTrait;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A machine of one or more engines over {@value #SIZE} bytes of RAM, mapped one to one with 2 MiB pages, the first of them in
 * 4 KiB pages, by the table at {@value #PAGE_TABLE}. Ring 0, 64-bit, unless asked otherwise.
 */
final class TestMachine implements AutoCloseable {
  /** Regions grow soon, in instructions: tests that run long run in grown ones. */
  static final int GROWTH = 10_000;
  private static final long STAY = 400;
  /** Compiles on the processor's own thread: tests know what has been compiled. */
  private record Now(@Nullable RegionStore store) implements Compilers {
    @Override public void execute(Runnable task) {
      task.run();
    }

    @Override public void executeHot(Runnable task) {
      execute(task);
    }

    @Override public void later(Runnable task, long milliseconds) {
      task.run();
    }

    @Override public boolean haveTime() {
      return false;
    }

    @Override public boolean ahead() {
      return false;
    }
  }

  static final long SIZE = 8 << 20;
  static final long PAGE_TABLE = 0x4000;
  static final long PAGE_TABLE_32 = 0xB000;
  /** I/O space that answers with the bytes of {@link #io}. */
  static final long IO = 0xC0_0000;
  static final long STACK = 0x9000;
  static final long CODE = 0x1_0000;
  static final long DATA = 0x2_0000;
  private static final FramePool POOL = new FramePool();

  final byte[] io = new byte[64];
  final MappedGuestMemory memory = new MappedGuestMemory(POOL);
  private final TierClock clock = new TierClock();
  final BlockEngine[] engines;
  final PendingEvents[] pending;
  /** Vectors that the interrupt controller has to give, in order. */
  final Deque<Integer> vectors = new ArrayDeque<>();

  /** Compiles each block when it runs for the second time, on the processor's own thread. */
  TestMachine() {
    this(1, true);
  }

  /** @param translate otherwise every instruction runs by its general meaning */
  TestMachine(int processors, boolean translate) {
    this(processors, translate, Form.WARM, 16 << 20);
  }

  /** @param form of all regions that have not grown */
  TestMachine(int processors, boolean translate, Form form, long mostBytecode) {
    this(processors, translate, new Tiers(0, form, GROWTH, STAY, mostBytecode));
  }

  TestMachine(int processors, boolean translate, Tiers tiers) {
    this(processors, translate, tiers, new Now(null));
  }

  /** Uses regions of {@code store}, and keeps its own there. */
  TestMachine(Tiers tiers, RegionStore store) {
    this(1, true, tiers, new Now(store));
  }

  TestMachine(int processors, boolean translate, Tiers tiers, Compilers compilers) {
    try {
      memory.addRam(0, SIZE);
    } catch (OutOfFramesException e) {
      throw new IllegalStateException(e);
    }
    memory.write(0x1000, 8, 0x2007);
    memory.write(0x2000, 8, 0x3007);
    memory.write(0x3000, 8, PAGE_TABLE | 7);
    for (int n = 1; n < SIZE >> 21; n++) {
      memory.write(0x3000 + 8L * n, 8, (long) n << 21 | 0xE7);
    }
    memory.write(0x3000 + 8 * (IO >> 21), 8, IO | 0xE7);
    for (int n = 0; n < 512; n++) {
      memory.write(PAGE_TABLE + 8L * n, 8, (long) n << 12 | 0x67);
    }
    CodeRegistry registry = new CodeRegistry(memory);
    engines = new BlockEngine[processors];
    pending = new PendingEvents[processors];
    for (int n = 0; n < processors; n++) {
      pending[n] = new PendingEvents();
      engines[n] = new BlockEngine(new Context(n), registry, translate,
          translate ? e -> new Translator(e, compilers, clock, null, tiers) : null, (e, m) -> registry.remove(e));
      registry.add(engines[n]);
      longMode(engines[n].cpu());
    }
  }

  BlockEngine engine() {
    return engines[0];
  }

  Cpu cpu() {
    return engines[0].cpu();
  }

  /** The processor, about to run what is at {@code rip}. */
  Cpu at(long rip) {
    Cpu c = cpu();
    c.rip = rip;
    c.activity = Activity.ACTIVE;
    return c;
  }

  private static void longMode(Cpu c) {
    c.paging.cr0 = Cr0.PG | Cr0.PE | Cr0.NE | Cr0.WP | Cr0.ET;
    c.paging.cr3 = 0x1000;
    c.paging.cr4 = Cr4.PAE | Cr4.OSFXSR | Cr4.OSXMMEXCPT;
    c.paging.efer = Efer.LME | Efer.LMA | Efer.NXE | Efer.SCE;
    segments(c, SegmentState.LONG);
    c.gpr[Cpu.RSP] = STACK;
    c.rip = CODE;
    c.context.translation().modeChanged(c.paging, c.memory.tlb);
    c.modeChanged();
  }

  /** Flat 32-bit protected mode; 32-bit paging maps the first 4 MiB one to one, by the table at {@value #PAGE_TABLE_32}. */
  void protectedMode() {
    memory.write(PAGE_TABLE_32 - 0x1000, 4, PAGE_TABLE_32 | 0x27);
    for (int n = 0; n < 1024; n++) {
      memory.write(PAGE_TABLE_32 + 4L * n, 4, (long) n << 12 | 0x67);
    }
    Cpu c = cpu();
    c.paging.cr0 = Cr0.PG | Cr0.PE | Cr0.NE | Cr0.WP | Cr0.ET;
    c.paging.cr3 = PAGE_TABLE_32 - 0x1000;
    c.paging.cr4 = Cr4.OSFXSR;
    c.paging.efer = 0;
    segments(c, SegmentState.BIG);
    c.context.translation().modeChanged(c.paging, c.memory.tlb);
    c.modeChanged();
  }

  /** Real mode at segment 0. */
  void realMode() {
    Cpu c = cpu();
    c.paging.cr0 = Cr0.ET;
    c.paging.cr4 = 0;
    c.paging.efer = 0;
    for (int s = Seg.ES; s <= Seg.GS; s++) {
      c.seg[s].set(SegmentState.real(0));
    }
    c.seg[Seg.CS].set(0, 0, 0xFFFF, 0x9B);
    c.context.translation().modeChanged(c.paging, c.memory.tlb);
    c.modeChanged();
  }

  private static void segments(Cpu c, int width) {
    for (int s = Seg.ES; s <= Seg.GS; s++) {
      c.seg[s].set(0x10, 0, 0xFFFF_FFFFL, 0x93 | SegmentState.GRANULARITY | SegmentState.BIG);
    }
    c.seg[Seg.CS].set(0x8, 0, 0xFFFF_FFFFL, 0x9B | SegmentState.GRANULARITY | width);
  }

  /** Points every interrupt gate of a 64-bit IDT at 0x6000 to {@link #handler}, where a HLT stands. */
  void handlers() {
    memory.write(0x5008, 8, 0x00AF_9B00_0000_FFFFL);
    memory.write(0x5010, 8, 0x00CF_9300_0000_FFFFL);
    for (int v = 0; v < 256; v++) {
      long at = handler(v);
      memory.write(0x6000 + 16L * v, 8, at & 0xFFFF | 8 << 16 | 0x8E00_0000_0000L | (at & 0xFFFF_0000L) << 32);
      memory.write(0x6008 + 16L * v, 8, 0);
      memory.write(at, 1, 0xF4);
    }
    for (BlockEngine e : engines) {
      e.cpu().gdtBase = 0x5000;
      e.cpu().gdtLimit = 0x17;
      e.cpu().idtBase = 0x6000;
      e.cpu().idtLimit = 0xFFF;
    }
  }

  static long handler(int vector) {
    return 0x8_0000 + 16L * vector;
  }

  /** Writes bytes, given as hexadecimal digits and spaces. */
  void code(long at, String hex) {
    byte[] bytes = java.util.HexFormat.of().parseHex(hex.replaceAll("\\s", ""));
    memory.write(at, bytes, 0, bytes.length);
  }

  @Override public void close() {
    for (BlockEngine e : engines) {
      e.close();
    }
    memory.close();
  }

  private final class Context implements VcpuContext, VcpuBus {
    private final int index;
    private final Translation translation = new WalkingTranslation(memory);

    Context(int index) {
      this.index = index;
    }

    @Override public int index() {
      return index;
    }

    @Override public int processors() {
      return engines.length;
    }

    @Override public GuestMemory memory() {
      return memory;
    }

    @Override public Translation translation() {
      return translation;
    }

    @Override public CpuModel model() {
      return Model.INSTANCE;
    }

    @Override public PendingEvents pending() {
      return pending[index];
    }

    @Override public VcpuBus bus() {
      return this;
    }

    @Override public long tsc() {
      return 1_000_000;
    }

    @Override public int readPort(int port, int size) {
      return -1;
    }

    @Override public void writePort(int port, int size, int value) {}

    @Override public long readMmio(long gpa, int size) {
      return gpa >= IO && gpa < IO + io.length ? io[(int) (gpa - IO)] : -1;
    }

    @Override public void writeMmio(long gpa, int size, long value) {}

    @Override public int acknowledgeInterrupt() {
      int vector = vectors.isEmpty() ? -1 : vectors.removeFirst();
      if (vectors.isEmpty()) {
        pending[index].clear(PendingEvents.INTERRUPT);
      }
      return vector;
    }

    @Override public int taskPriority() {
      return 0;
    }

    @Override public void setTaskPriority(int priority) {}

    @Override public boolean apicMsrReadable(int msr) {
      return false;
    }

    @Override public long readApicMsr(int msr) {
      return 0;
    }

    @Override public boolean writeApicMsr(int msr, long value) {
      return false;
    }

    @Override public boolean apicEnabled() {
      return false;
    }
  }

  /** Every feature. */
  private enum Model implements CpuModel, VendorMsrs {
    INSTANCE;

    @Override public String description() {
      return "every feature, for tests";
    }

    @Override public Set<CpuFeature> features() {
      return EnumSet.allOf(CpuFeature.class);
    }

    @Override public Set<VendorTrait> traits() {
      return Set.of();
    }

    @Override public int physicalBits() {
      return 40;
    }

    @Override public long tscHz() {
      return 1_000_000_000;
    }

    @Override public CpuidResult cpuid(int leaf, int subleaf, CpuidContext context) {
      return CpuidResult.ZERO;
    }

    @Override public VendorMsrs openMsrs() {
      return this;
    }

    @Override public boolean readable(int msr) {
      return false;
    }

    @Override public long read(int msr) {
      return 0;
    }

    @Override public boolean write(int msr, long value) {
      return false;
    }

    @Override public Map<Integer, Long> export() {
      return Map.of();
    }
  }
}
