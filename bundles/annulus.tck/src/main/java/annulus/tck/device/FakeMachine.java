package annulus.tck.device;

import annulus.device.Device;
import annulus.device.DeviceClock;
import annulus.device.DeviceException;
import annulus.device.DeviceFactory;
import annulus.device.InterruptSink;
import annulus.device.MachineControl;
import annulus.device.MmioRegion;
import annulus.device.Platform;
import annulus.device.PortRegion;
import annulus.device.VcpuSignals;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A machine without processors: devices live in it as in a real one, a test moves its clock, accesses ports and memory-mapped
 * registers, and reads {@link #log} of everything that left a device. Single-threaded.
 */
public final class FakeMachine implements DeviceClock, Platform, MachineControl, VcpuSignals {
  /** Frequency of the time-stamp counter. */
  public static final long TSC_HZ = 2_000_000_000L;

  record Claim(Object region, boolean mmio, long first, long count, FakeContext owner) {
    boolean covers(boolean isMmio, long address) {
      return mmio == isMmio && address >= first && address - first < count;
    }
  }

  /**
   * What devices did, in order: {@code line 4 high}, {@code vcpu 0 interrupt high}, {@code vcpu 1 nmi}, {@code vcpu 1 init},
   * {@code vcpu 1 startup 9f}, {@code send serial0 41}, {@code power off}, {@code reset}, {@code exit 3}. Levels appear when they change.
   */
  public final List<String> log = new ArrayList<>();

  final List<Claim> claims = new ArrayList<>();
  final List<FakeTimer> timers = new ArrayList<>();
  private final Map<Device, FakeContext> devices = new LinkedHashMap<>();
  private final List<FakeContext> contexts = new ArrayList<>();
  private final Map<String, FakeCharacters> characters = new LinkedHashMap<>();
  private final Map<Integer, Boolean> levels = new LinkedHashMap<>();
  private final boolean[] requests;
  private final List<long[]> ram;
  private final Map<String, String> models = new LinkedHashMap<>();
  private long nanos;
  /** What passes behind the next reading of the clock. */
  private long pause;
  private int accessing = -1;
  private int expiries;

  /** A machine with one processor and 512 MiB of RAM. */
  public FakeMachine() {
    this(1, List.of(new long[] {0, 0xA0000}, new long[] {0x100000, (512L << 20) - 0x100000}));
  }

  public FakeMachine(int processors, List<long[]> ram) {
    this.requests = new boolean[processors];
    this.ram = ram;
  }

  // ---- building

  /** Creates a device called {@code name}; one that fails gives back what it claimed. */
  public Device create(DeviceFactory factory, String name, Map<String, String> options) throws DeviceException {
    FakeContext context = context(name);
    try {
      Device device = factory.create(context, options);
      devices.put(device, context);
      models.putIfAbsent(name, name.replaceAll("\\d+$", ""));
      return device;
    } catch (DeviceException e) {
      forget(context);
      throw e;
    }
  }

  /** Creates and starts a device. */
  public Device start(DeviceFactory factory, String name, Map<String, String> options) throws DeviceException {
    Device device = create(factory, name, options);
    device.start();
    return device;
  }

  /** A context for the test itself: to offer roles and to drive lines. */
  public FakeContext context(String name) {
    FakeContext context = new FakeContext(this, name);
    contexts.add(context);
    return context;
  }

  /** Says in {@link #devices} that there is a device. */
  public void describe(String name, String model) {
    models.put(name, model);
  }

  /** Halts a device and takes its claims, lines and roles away, as the machine does. */
  public void halt(Device device) {
    device.halt();
    forget(Objects.requireNonNull(devices.remove(device), "not a device of this machine"));
  }

  private void forget(FakeContext context) {
    context.lines.forEach((gsi, line) -> line.set(false));
    contexts.remove(context);
    claims.removeIf(c -> c.owner() == context);
  }

  // ---- time

  @Override public long nanos() {
    long now = nanos;
    nanos += pause;
    pause = 0;
    return now;
  }

  @Override public long tsc() {
    return nanos * (TSC_HZ / 1_000_000_000L);
  }

  /** Moves the clock on; timers fire at their deadlines, in order. */
  public void advance(long by) {
    long end = nanos + by;
    for (FakeTimer due; (due = earliest(end)) != null; ) {
      nanos = Math.max(nanos, due.deadline);
      expiries++;
      due.fire();
    }
    nanos = Math.max(nanos, end);
  }

  /** How often a timer has fired: each time costs a real machine's host a wake-up. */
  public int expiries() {
    return expiries;
  }

  /** Moves the clock on while the host is too busy for timers: those that are due fire late, with the next {@link #advance}. */
  public void starve(long by) {
    nanos += by;
  }

  /** The same right behind the next reading of the clock. */
  public void starveAfterReading(long by) {
    pause = by;
  }

  /** Deadline of the timer that fires first, or -1 when none is set. */
  public long nextTimer() {
    FakeTimer t = earliest(Long.MAX_VALUE);
    return t == null ? -1 : t.deadline;
  }

  private @Nullable FakeTimer earliest(long end) {
    FakeTimer first = null;
    for (FakeTimer t : timers) {
      if (t.armed && t.deadline <= end && (first == null || t.deadline < first.deadline)) {
        first = t;
      }
    }
    return first;
  }

  // ---- accesses

  public int in(int port) {
    return in(port, 1);
  }

  public int in(int port, int size) {
    Claim c = whole(false, port, size);
    if (c != null) {
      return ((PortRegion) c.region()).read(port, size) & (int) mask(size);
    }
    int value = 0;
    for (int i = 0; i < size; i++) {
      value |= (size == 1 ? 0xFF : in(port + i, 1)) << 8 * i;
    }
    return value;
  }

  public void out(int port, int value) {
    out(port, 1, value);
  }

  public void out(int port, int size, int value) {
    Claim c = whole(false, port, size);
    if (c != null) {
      ((PortRegion) c.region()).write(port, size, value);
    } else if (size > 1) {
      for (int i = 0; i < size; i++) {
        out(port + i, 1, value >> 8 * i & 0xFF);
      }
    }
  }

  public long read(long gpa, int size) {
    Claim c = whole(true, gpa, size);
    return c == null ? mask(size) : ((MmioRegion) c.region()).read(gpa - c.first(), size) & mask(size);
  }

  public void write(long gpa, int size, long value) {
    Claim c = whole(true, gpa, size);
    if (c != null) {
      ((MmioRegion) c.region()).write(gpa - c.first(), size, value & mask(size));
    }
  }

  private static long mask(int size) {
    return size == 8 ? -1L : (1L << 8 * size) - 1;
  }

  private @Nullable Claim whole(boolean mmio, long address, int size) {
    for (Claim c : claims) {
      if (c.covers(mmio, address) && c.covers(mmio, address + size - 1)) {
        return c;
      }
    }
    return null;
  }

  /** Runs accesses as virtual processor {@code vcpu}. */
  public void as(int vcpu, Runnable accesses) {
    int before = accessing;
    accessing = vcpu;
    try {
      accesses.run();
    } finally {
      accessing = before;
    }
  }

  int accessing() {
    return accessing;
  }

  // ---- lines, roles, characters

  /** The wire-ORed level of a line. */
  public boolean line(int gsi) {
    return levels.getOrDefault(gsi, false);
  }

  void lineMayHaveChanged(int gsi) {
    boolean level = contexts.stream().anyMatch(c -> c.drives(gsi));
    if (level != line(gsi)) {
      levels.put(gsi, level);
      log.add("line " + gsi + (level ? " high" : " low"));
      for (InterruptSink sink : all(InterruptSink.class)) {
        sink.lineChanged(gsi, level);
      }
    }
  }

  <T> List<T> all(Class<T> role) {
    return contexts.stream().filter(c -> c.roles.containsKey(role)).map(c -> role.cast(c.roles.get(role))).toList();
  }

  /** The first device that offers a role; a test that asks needs one. */
  public <T> T the(Class<T> role) {
    return all(role).getFirst();
  }

  /** The test's end of a character back end. */
  public FakeCharacters characters(String id) {
    return characters.computeIfAbsent(id, i -> new FakeCharacters(i, log::add));
  }

  /** Types a byte into every character back end that is in use. */
  public void typeEverywhere(int value) {
    List.copyOf(characters.values()).forEach(c -> c.type(value));
  }

  // ---- signals and facts

  /** Level of a processor's interrupt request line. */
  public boolean requested(int vcpu) {
    return requests[vcpu];
  }

  @Override public void interrupt(int vcpu, boolean asserted) {
    if (requests[vcpu] != asserted) {
      requests[vcpu] = asserted;
      log.add("vcpu " + vcpu + " interrupt" + (asserted ? " high" : " low"));
    }
  }

  @Override public void nmi(int vcpu) {
    log.add("vcpu " + vcpu + " nmi");
  }

  @Override public void init(int vcpu) {
    log.add("vcpu " + vcpu + " init");
  }

  @Override public void startup(int vcpu, int vector) {
    log.add("vcpu " + vcpu + " startup " + Integer.toHexString(vector));
  }

  @Override public void powerOff(String reason) {
    log.add("power off");
  }

  @Override public void reset(String reason) {
    log.add("reset");
  }

  @Override public void exit(int status, String reason) {
    log.add("exit " + status);
  }

  @Override public int processors() {
    return requests.length;
  }

  @Override public List<long[]> ram() {
    return ram;
  }

  @Override public long tscHz() {
    return TSC_HZ;
  }

  @Override public Map<String, String> devices() {
    return models;
  }

  /** 2026-02-28 23:59:50 UTC, a Saturday. */
  @Override public long epochSeconds() {
    return 1_772_323_190L;
  }

  /** A timer on this machine's clock. */
  FakeTimer timer(Runnable expiry) {
    FakeTimer t = new FakeTimer(expiry);
    timers.add(t);
    return t;
  }
}
