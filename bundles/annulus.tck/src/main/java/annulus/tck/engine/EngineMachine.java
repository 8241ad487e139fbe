package annulus.tck.engine;

import annulus.arch.Cr0;
import annulus.arch.Cr4;
import annulus.arch.Efer;
import annulus.arch.Rflags;
import annulus.arch.Seg;
import annulus.arch.SegmentState;
import annulus.arch.StateException;
import annulus.arch.StateGroup;
import annulus.arch.VcpuState;
import annulus.arch.VcpuState.Control;
import annulus.arch.VcpuState.Events;
import annulus.arch.VcpuState.General;
import annulus.arch.VcpuState.Segments;
import annulus.arch.VcpuState.Table;
import annulus.engine.Engine;
import annulus.engine.EngineException;
import annulus.engine.EngineProvider;
import annulus.engine.PendingEvents;
import annulus.engine.VcpuBus;
import annulus.engine.VcpuContext;
import annulus.memory.FramePool;
import annulus.memory.GuestMemory;
import annulus.memory.MappedGuestMemory;
import annulus.memory.OutOfFramesException;
import annulus.memory.translation.Translation;
import annulus.memory.translation.TranslationProvider;
import annulus.vendor.CpuModel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.LongConsumer;

/**
 * One processor over 8 MiB of RAM, for engine tests. Long mode maps the first 16 MiB one to one with 2 MiB pages, for every ring; protected
 * mode runs without paging; real mode has its interrupt table at 0. Every vector's handler is a HLT.
 *
 * <pre>
 * 0x0000 IVT   0x1000 GDT   0x2000 TSS   0x6000 IDT of long mode   0x7000 IDT of protected mode   0x8000 real-mode code
 * 0x30000 page tables   0x50000 + 16 * vector handlers   CODE, DATA, STACK
 * </pre>
 */
public final class EngineMachine implements VcpuContext, VcpuBus, AutoCloseable {
  public static final long RAM = 8 << 20;
  public static final long GDT = 0x1000;
  public static final long TSS = 0x2000;
  public static final long IDT_64 = 0x6000;
  public static final long IDT_32 = 0x7000;
  public static final int REAL_CODE = 0x8000;
  public static final long PML4 = 0x3_0000;
  public static final long PAGE_DIRECTORY = 0x3_2000;
  public static final long CODE = 0x10_0000;
  public static final long STACK = 0x18_0000;
  /** Where a change of ring finds its stack, by the TSS. */
  public static final long RING_0_STACK = 0x1C_0000;
  public static final long DATA = 0x20_0000;

  /** Selectors in every mode's GDT. */
  public static final int KERNEL_CODE = 0x10;
  public static final int KERNEL_DATA = 0x18;
  public static final int USER_CODE = 0x23;
  public static final int USER_DATA = 0x2B;
  public static final int TASK = 0x30;

  private static final FramePool POOL = new FramePool();
  private static final int ACCESSED_CODE = 0x9B;
  private static final int ACCESSED_DATA = 0x93;
  private static final int DPL_3 = 3 << SegmentState.DPL_SHIFT;

  /** Vectors that the interrupt controller has to give, in order; the line is asserted while there are any. */
  public final Deque<Integer> vectors = new ArrayDeque<>();
  /** Called for every OUT with port and value. */
  public BiConsumer<Integer, Integer> onOut = (port, value) -> { };
  /** Called for every store outside RAM, which in long mode is 8 MiB to 16 MiB. */
  public LongConsumer onStore = gpa -> { };

  private final MappedGuestMemory memory = new MappedGuestMemory(POOL);
  private final ObservedMemory observed = new ObservedMemory(memory);
  private final PendingEvents pending = new PendingEvents();
  private final CpuModel model;
  private final EngineProvider engines;
  private final TranslationProvider translations;
  private Translation translation;
  private Engine engine;
  private int priority;
  private boolean open = true;

  public EngineMachine(EngineProvider engines, CpuModel model, TranslationProvider translations) throws EngineException {
    this.engines = engines;
    this.model = model;
    this.translations = translations;
    try {
      memory.addRam(0, RAM);
    } catch (OutOfFramesException e) {
      throw new IllegalStateException(e);
    }
    tables();
    translation = translations.open(observed.memory(), model.physicalBits());
    engine = engines.open(this);
  }

  private void tables() {
    memory.write(PML4, 8, PML4 + 0x1000 | 7);
    memory.write(PML4 + 0x1000, 8, PAGE_DIRECTORY | 7);
    for (long n = 0; n < 8; n++) {
      memory.write(PAGE_DIRECTORY + 8 * n, 8, n << 21 | 0x87);
    }
    for (int v = 0; v < 256; v++) {
      long at = handler(v);
      memory.write(at, 1, 0xF4);
      memory.write(4L * v, 2, at & 0xF);
      memory.write(4L * v + 2, 2, at >> 4);
      long gate = at & 0xFFFF | KERNEL_CODE << 16 | 0x8E00L << 32 | (at & 0xFFFF_0000L) << 32;
      memory.write(IDT_64 + 16L * v, 8, gate);
      memory.write(IDT_32 + 8L * v, 8, gate);
    }
  }

  private void descriptors(boolean wide) {
    long code = wide ? 0x00AF_9B00_0000_FFFFL : 0x00CF_9B00_0000_FFFFL;
    long[] gdt = {0, 0, code, 0x00CF_9300_0000_FFFFL, code | 0x6000L << 32, 0x00CF_F300_0000_FFFFL, 0x0000_8B00_0000_0067L | TSS << 16, 0};
    for (int n = 0; n < gdt.length; n++) {
      memory.write(GDT + 8L * n, 8, gdt[n]);
    }
  }

  public static long handler(int vector) {
    return 0x5_0000 + 16L * vector;
  }

  /** Writes bytes given as hexadecimal digits and spaces. */
  public void code(long at, String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex.replaceAll("\\s", ""));
    memory.write(at, bytes, 0, bytes.length);
  }

  /** Asserts the interrupt request line for these vectors. */
  public void interrupt(int... wanted) {
    for (int v : wanted) {
      vectors.add(v);
    }
    pending.raise(PendingEvents.INTERRUPT);
  }

  // ---- states -----------------------------------------------------------------------------------------------------------------

  /** 64-bit mode at {@link #CODE} in ring 0 or 3. */
  public VcpuState long64(int ring, long flags, long... gpr) {
    descriptors(true);
    memory.write(TSS + 4, 8, RING_0_STACK);
    int dpl = ring == 3 ? DPL_3 : 0;
    Control control = new Control(Cr0.PE | Cr0.ET | Cr0.PG | Cr0.NE | Cr0.WP, 0, PML4, Cr4.PAE | Cr4.OSFXSR, 0, 1,
        Efer.LME | Efer.LMA | Efer.NXE, 0);
    return state(CODE, flags, gpr, STACK, segments(ring, SegmentState.LONG | ACCESSED_CODE | dpl, dpl, new Table(IDT_64, 0xFFF)), control);
  }

  /** Flat 32-bit mode at {@link #CODE} in ring 0 or 3, without paging. */
  public VcpuState protected32(int ring, long flags, long... gpr) {
    descriptors(false);
    int dpl = ring == 3 ? DPL_3 : 0;
    memory.write(TSS + 4, 4, RING_0_STACK);
    memory.write(TSS + 8, 4, KERNEL_DATA);
    return state(CODE, flags, gpr, STACK, segments(ring, SegmentState.BIG | ACCESSED_CODE | dpl, dpl, new Table(IDT_32, 0x7FF)),
        new Control(Cr0.PE | Cr0.ET | Cr0.NE, 0, 0, Cr4.OSFXSR, 0, 1, 0, 0));
  }

  /** Real mode at 0000:{@link #REAL_CODE}, the stack from 0000:F000 down. */
  public VcpuState real(long flags, long... gpr) {
    List<SegmentState> s = new ArrayList<>(Collections.nCopies(8, SegmentState.real(0)));
    s.set(Seg.CS, new SegmentState(0, 0, 0xFFFF, ACCESSED_CODE));
    s.set(Seg.LDTR, new SegmentState(0, 0, 0xFFFF, 0x82));
    s.set(Seg.TR, new SegmentState(0, 0, 0xFFFF, 0x8B));
    return state(REAL_CODE, flags, gpr, 0xF000, new Segments(s, new Table(0, 0xFFFF), new Table(0, 0x3FF)),
        new Control(Cr0.ET, 0, 0, 0, 0, 1, 0, 0));
  }

  private static Segments segments(int ring, int code, int dpl, Table idt) {
    SegmentState data = SegmentState.flat(ring == 3 ? USER_DATA : KERNEL_DATA, ACCESSED_DATA | dpl | SegmentState.BIG | SegmentState.GRANULARITY);
    List<SegmentState> s = new ArrayList<>(Collections.nCopies(8, data));
    s.set(Seg.CS, SegmentState.flat(ring == 3 ? USER_CODE : KERNEL_CODE, code | SegmentState.GRANULARITY));
    s.set(Seg.LDTR, new SegmentState(0, 0, 0, 0x82 | SegmentState.UNUSABLE));
    s.set(Seg.TR, new SegmentState(TASK, TSS, 0x67, 0x8B));
    return new Segments(s, new Table(GDT, 0x3F), idt);
  }

  private static VcpuState state(long rip, long flags, long[] gpr, long stack, Segments segments, Control control) {
    List<Long> registers = new ArrayList<>(Collections.nCopies(16, 0L));
    for (int n = 0; n < gpr.length; n++) {
      registers.set(n, gpr[n]);
    }
    registers.set(4, stack);
    return new VcpuState(new General(registers, rip, flags | Rflags.FIXED), segments, control, null, null, null, Events.RUNNING);
  }

  /** Gives the processor a state. */
  public EngineMachine enter(VcpuState state) throws StateException {
    engine.restore(state);
    return this;
  }

  // ---- running and looking ------------------------------------------------------------------------------------------------------

  public int run(long budget) throws EngineException {
    return engine.run(budget);
  }

  public Engine engine() {
    return engine;
  }

  public General general() {
    return Objects.requireNonNull(engine.export(StateGroup.GENERAL.bit()).general());
  }

  public long register(int n) {
    return general().registers().get(n);
  }

  public long rip() {
    return general().rip();
  }

  public Segments segments() {
    return Objects.requireNonNull(engine.export(StateGroup.SEGMENTS.bit()).segments());
  }

  public Control control() {
    return Objects.requireNonNull(engine.export(StateGroup.CONTROL.bit()).control());
  }

  public Events events() {
    return Objects.requireNonNull(engine.export(StateGroup.EVENTS.bit()).events());
  }

  /** What lies on the stack {@code n} elements of {@code size} bytes above its top. */
  public long pushed(int n, int size) {
    return memory.read(register(4) + (long) n * size, size);
  }

  /** All of RAM. */
  public byte[] ram() {
    byte[] all = new byte[(int) RAM];
    memory.read(0, all, 0, all.length);
    return all;
  }

  /** Closes engine and translation and goes on with new ones that get the whole state. */
  public void move() throws EngineException, StateException {
    VcpuState state = engine.export(StateGroup.ALL);
    closeEngine();
    open = true;
    translation = translations.open(observed.memory(), model.physicalBits());
    engine = engines.open(this);
    engine.restore(state);
  }

  /** Code observers that are registered now. */
  public int codeObservers() {
    return observed.count();
  }

  /** Closes the engine and the translation behind it. */
  public void closeEngine() {
    if (open) {
      open = false;
      engine.close();
      translation.close();
    }
  }

  @Override public void close() {
    closeEngine();
    memory.close();
  }

  // ---- context and bus ----------------------------------------------------------------------------------------------------------

  @Override public int index() {
    return 0;
  }

  @Override public int processors() {
    return 1;
  }

  @Override public GuestMemory memory() {
    return observed.memory();
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
    return this;
  }

  @Override public long tsc() {
    return 1000;
  }

  @Override public int readPort(int port, int size) {
    return -1 >>> 32 - 8 * size;
  }

  @Override public void writePort(int port, int size, int value) {
    onOut.accept(port, value);
  }

  @Override public long readMmio(long gpa, int size) {
    return -1L >>> 64 - 8 * size;
  }

  @Override public void writeMmio(long gpa, int size, long value) {
    onStore.accept(gpa);
  }

  @Override public int acknowledgeInterrupt() {
    int vector = vectors.isEmpty() ? -1 : vectors.removeFirst();
    if (vectors.isEmpty()) {
      pending.clear(PendingEvents.INTERRUPT);
    }
    return vector;
  }

  @Override public int taskPriority() {
    return priority;
  }

  @Override public void setTaskPriority(int to) {
    priority = to;
  }

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
