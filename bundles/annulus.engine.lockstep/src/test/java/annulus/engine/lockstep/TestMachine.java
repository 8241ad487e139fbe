package annulus.engine.lockstep;

import annulus.arch.SegmentState;
import annulus.arch.StateException;
import annulus.arch.StateGroup;
import annulus.arch.VcpuState;
import annulus.engine.Engine;
import annulus.engine.EngineException;
import annulus.engine.EngineProvider;
import annulus.engine.PendingEvents;
import annulus.engine.VcpuBus;
import annulus.engine.VcpuContext;
import annulus.engine.interpreter.InterpreterProvider;
import annulus.memory.FramePool;
import annulus.memory.GuestMemory;
import annulus.memory.MappedGuestMemory;
import annulus.memory.OutOfFramesException;
import annulus.memory.direct.DirectTranslationProvider;
import annulus.memory.translation.Translation;
import annulus.memory.translation.TranslationProvider;
import annulus.vendor.CpuModel;
import annulus.vendor.intel.IntelVendor;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A processor in real mode at {@value #CODE}, run by lockstep: the interpreter leads and another engine follows. */
class TestMachine implements VcpuContext, VcpuBus, AutoCloseable {
  static final int CODE = 0x1000;
  static final int RAM = 0xC_0000;
  /** A write to it makes the device store a counter at {@link #DMA}. */
  static final int DMA_PORT = 0x20;
  static final int DMA = 0x4000;
  /** A write to it asserts the interrupt line. */
  static final int INTERRUPT_PORT = 0x21;
  static final int VECTOR = 0x40;
  private static final FramePool POOL = new FramePool();

  final MappedGuestMemory memory = new MappedGuestMemory(POOL);
  final PendingEvents pending = new PendingEvents();
  final LockstepProvider provider;
  /** Writes to ports other than those above: port shifted by 32, and value. */
  final List<Long> written = new ArrayList<>();
  private final int processors;
  private final CpuModel model = new IntelVendor().models().get(0);
  private final Translation translation;
  private final Engine engine;
  private int reads;
  private int stored;

  /** @param code in hexadecimal */
  TestMachine(EngineProvider checked, long step, String code) throws EngineException, StateException, OutOfFramesException {
    this(checked, Map.of("step", step), code, 1);
  }

  TestMachine(EngineProvider checked, Map<String, Object> configuration, String code, int processors)
      throws EngineException, StateException, OutOfFramesException {
    this.processors = processors;
    memory.addRam(0, RAM);
    TranslationProvider direct = new DirectTranslationProvider();
    translation = direct.open(memory, 40);
    provider = new LockstepProvider(configuration);
    provider.bindEngine(new InterpreterProvider(), Map.of(EngineProvider.NAME, "interpreter"));
    provider.bindEngine(checked, Map.of(EngineProvider.NAME, "translator"));
    provider.bindTranslation(direct, Map.of(TranslationProvider.NAME, "direct"));
    engine = provider.open(this);
    code(CODE, code);
    enter(engine);
  }

  static int free() {
    return POOL.available();
  }

  final void code(int at, String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
    memory.write(at, bytes, 0, bytes.length);
  }

  private static void enter(Engine engine) throws StateException {
    VcpuState s = engine.export(StateGroup.ALL);
    List<SegmentState> registers = new ArrayList<>(Objects.requireNonNull(s.segments()).registers());
    for (int n = 0; n < 6; n++) {
      registers.set(n, SegmentState.real(0));
    }
    registers.set(annulus.arch.Seg.CS, new SegmentState(0, 0, 0xFFFF, registers.get(annulus.arch.Seg.CS).attributes()));
    List<Long> general = new ArrayList<>(Objects.requireNonNull(s.general()).registers());
    general.set(4, 0x8000L);
    engine.restore(new VcpuState(new VcpuState.General(general, CODE, s.general().rflags()),
        new VcpuState.Segments(registers, s.segments().gdtr(), new VcpuState.Table(0, 0x3FF)), null, null, null, null, null));
  }

  Engine engine() {
    return engine;
  }

  long register(int n) {
    return Objects.requireNonNull(engine.export(StateGroup.GENERAL.bit()).general()).registers().get(n);
  }

  @Override public void close() {
    engine.close();
    translation.close();
    memory.close();
  }

  // ---- the processor's surroundings -----------------------------------------------------------------------------------------------

  @Override public int index() {
    return 0;
  }

  @Override public int processors() {
    return processors;
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
    return this;
  }

  @Override public long tsc() {
    return System.nanoTime();
  }

  @Override public int readPort(int port, int size) {
    return reads++ & 0xFF;
  }

  @Override public void writePort(int port, int size, int value) {
    switch (port) {
      case DMA_PORT -> memory.write(DMA, 4, ++stored);
      case INTERRUPT_PORT -> pending.raise(PendingEvents.INTERRUPT);
      default -> written.add((long) port << 32 | value);
    }
  }

  @Override public long readMmio(long gpa, int size) {
    return reads++;
  }

  @Override public void writeMmio(long gpa, int size, long value) {
    written.add(gpa << 32 | value);
  }

  @Override public int acknowledgeInterrupt() {
    return pending.clear(PendingEvents.INTERRUPT) != 0 ? VECTOR : -1;
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
