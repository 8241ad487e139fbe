package annulus.core;

import annulus.arch.CpuFeature;
import annulus.arch.DeviceState;
import annulus.arch.StateException;
import annulus.arch.StateWriter;
import annulus.arch.VcpuState;
import annulus.device.Device;
import annulus.device.DeviceContext;
import annulus.device.DeviceException;
import annulus.device.DeviceFactory;
import annulus.device.PortRegion;
import annulus.device.PowerButton;
import annulus.engine.Engine;
import annulus.engine.EngineCapability;
import annulus.engine.EngineProvider;
import annulus.engine.Exit;
import annulus.engine.PendingEvents;
import annulus.engine.VcpuContext;
import annulus.loader.EntryStates;
import annulus.loader.LoadException;
import annulus.loader.LoadPlan;
import annulus.loader.LoadRequest;
import annulus.loader.Loader;
import annulus.loader.Placements;
import annulus.memory.translation.Translation;
import annulus.memory.translation.TranslationProvider;
import annulus.vendor.CpuModel;
import annulus.vendor.CpuidContext;
import annulus.vendor.CpuidResult;
import annulus.vendor.VendorMsrs;
import annulus.vendor.VendorProvider;
import annulus.vendor.VendorTrait;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Proxy;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.osgi.framework.ServiceReference;

/** Providers whose behaviour a test decides, registered as the container would. */
final class Fakes {
  /** Port of the gadget: writing 1 makes it throw, 2 powers off, 3 resets, 4 ends with status 7. */
  static final int PORT = 0x500;

  private Fakes() {}

  /** What an engine does when it runs. */
  enum Script { COUNT, HALT, SHUTDOWN, THROW, OVERFLOW, PORT, HANG }

  static final class FakeEngines implements EngineProvider {
    volatile Script script = Script.COUNT;
    /** Written to {@link #PORT} by {@link Script#PORT}, once. */
    volatile int value;
    final List<FakeEngine> open = new CopyOnWriteArrayList<>();

    @Override public Set<EngineCapability> capabilities() {
      return EnumSet.allOf(EngineCapability.class);
    }

    @Override public Engine open(VcpuContext context) {
      FakeEngine e = new FakeEngine(this, context);
      open.add(e);
      return e;
    }
  }

  static final class FakeEngine implements Engine {
    private final FakeEngines provider;
    private final VcpuContext context;
    private VcpuState state = Objects.requireNonNull(complete());
    private volatile long instructions;

    FakeEngine(FakeEngines provider, VcpuContext context) {
      this.provider = provider;
      this.context = context;
    }

    @Override public int run(long budget) {
      int monitors = PendingEvents.HOLD | PendingEvents.INIT | PendingEvents.STARTUP | PendingEvents.FLUSH;
      for (long n = 0; n < budget; n++) {
        if ((context.pending().get() & monitors) != 0) {
          return Exit.PENDING;
        }
        switch (provider.script) {
          case COUNT -> Thread.onSpinWait();
          case HALT -> {
            return Exit.HALT;
          }
          case SHUTDOWN -> {
            return Exit.SHUTDOWN;
          }
          case THROW -> throw new IllegalStateException("the engine is broken");
          case OVERFLOW -> throw new StackOverflowError("the engine is too deep");
          case PORT -> {
            provider.script = Script.COUNT;
            context.bus().writePort(PORT, 1, provider.value);
          }
          case HANG -> {
            while (provider.script == Script.HANG) {
              Thread.onSpinWait();
            }
          }
        }
        instructions++;
      }
      return Exit.BUDGET;
    }

    @Override public long instructions() {
      return instructions;
    }

    @Override public VcpuState export(int groups) {
      return state;
    }

    @Override public void restore(VcpuState s) throws StateException {
      if (s.general() != null && s.general().rflags() == 0) {
        throw new StateException("RFLAGS is 0");
      }
      state = new VcpuState(s.general() != null ? s.general() : state.general(), s.segments() != null ? s.segments() : state.segments(),
          s.control() != null ? s.control() : state.control(), s.debug() != null ? s.debug() : state.debug(),
          s.extended() != null ? s.extended() : state.extended(), s.msrs() != null ? s.msrs() : state.msrs(),
          s.events() != null ? s.events() : state.events());
    }

    @Override public void flush() {}

    @Override public long translate(long linear) {
      return linear;
    }

    @Override public Map<String, Long> counters() {
      return Map.of();
    }

    @Override public void close() {
      provider.open.remove(this);
    }
  }

  /** A state with every group. */
  static VcpuState complete() {
    VcpuState s = EntryStates.real(0, 0x7C00, 0, new long[16]);
    return new VcpuState(s.general(), s.segments(), s.control(), new VcpuState.Debug(0, 0, 0, 0, 0xFFFF_0FF0L, 0x400),
        new VcpuState.Extended(new byte[VcpuState.Extended.SIZE]), new VcpuState.Msrs(Map.of(0x277, 1L, 0xC000_0081, -5L)), s.events());
  }

  /** A device that counts what is written to it, and does what it is told. */
  static final class Gadgets implements DeviceFactory {
    volatile boolean refuses;
    final List<String> verbs = new CopyOnWriteArrayList<>();

    @Override public Device create(DeviceContext context, Map<String, String> options) throws DeviceException {
      if (refuses) {
        throw new DeviceException(DeviceException.Reason.BAD_OPTION, "device " + context.name() + ": option colour=blue is unknown");
      }
      Gadget g = new Gadget(context, verbs);
      context.ports(PORT, 1, g);
      context.provide(PowerButton.class, () -> context.machine().powerOff("pressed"));
      context.characters("serial0");
      return g;
    }
  }

  private static final class Gadget implements Device, PortRegion {
    private static final String SCHEMA = "test.gadget";
    private final DeviceContext context;
    private final List<String> verbs;
    private long writes;

    Gadget(DeviceContext context, List<String> verbs) {
      this.context = context;
      this.verbs = verbs;
    }

    @Override public int read(int port, int size) {
      return (int) writes;
    }

    @Override public void write(int port, int size, int value) {
      writes++;
      context.characters("serial0").send('0' + value);
      switch (value) {
        case 1 -> throw new IllegalStateException("the gadget is broken");
        case 2 -> context.machine().powerOff("guest asked");
        case 3 -> context.machine().reset("guest asked");
        case 4 -> context.machine().exit(7, "test over");
        default -> { }
      }
    }

    @Override public void start() {
      verbs.add("start");
    }

    @Override public void pause() {
      verbs.add("pause");
    }

    @Override public void resume() {
      verbs.add("resume");
    }

    @Override public void reset() {
      verbs.add("reset");
      writes = 0;
    }

    @Override public void halt() {
      verbs.add("halt");
    }

    @Override public DeviceState export() {
      return new StateWriter().put("writes", writes).toState(SCHEMA, 1);
    }

    @Override public void restore(DeviceState state) throws StateException {
      var in = state.open(SCHEMA, 1);
      long w = in.getLong("writes");
      in.finish();
      writes = w;
    }
  }

  /** Places the file at 0x7C00. */
  static final class FakeLoader implements Loader {
    volatile boolean throwsUp;

    @Override public int probe(MemorySegment image) {
      return 10;
    }

    @Override public LoadPlan plan(LoadRequest request) throws LoadException {
      if (throwsUp) {
        throw new IndexOutOfBoundsException("loader at its end");
      }
      Placements p = new Placements(request);
      p.add("image", 0x7C00, request.image(), request.image().byteSize());
      return new LoadPlan(p.list(), EntryStates.real(0, 0x7C00, 0, new long[16]), "a fake guest", Map.of());
    }
  }

  static final TranslationProvider TRANSLATIONS = (memory, bits) -> nothing(Translation.class);

  static final VendorProvider VENDORS = () -> List.of(model("one"), model("two"));

  private static CpuModel model(String name) {
    return new CpuModel() {
      @Override public String name() {
        return name;
      }

      @Override public String description() {
        return name;
      }

      @Override public Set<CpuFeature> features() {
        return Set.of();
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
        return new CpuidResult(0x123, 0, 0, 0);
      }

      @Override public VendorMsrs openMsrs() {
        return nothing(VendorMsrs.class);
      }
    };
  }

  /** An implementation that answers 0, false or an empty map to everything. */
  private static <T> T nothing(Class<T> type) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
      Class<?> r = method.getReturnType();
      return r == boolean.class ? (Object) false : r == int.class ? 0 : r == long.class ? 0L : r == Map.class ? Map.of() : null;
    }));
  }

  /** A service reference with these properties. */
  @SuppressWarnings("unchecked")
  static <T> ServiceReference<T> reference(Map<String, Object> properties) {
    return (ServiceReference<T>) Proxy.newProxyInstance(Fakes.class.getClassLoader(), new Class<?>[] {ServiceReference.class},
        (proxy, method, arguments) -> switch (method.getName()) {
          case "getProperty" -> properties.get(arguments[0]);
          case "compareTo" -> Integer.compare(System.identityHashCode(proxy), System.identityHashCode(arguments[0]));
          case "hashCode" -> System.identityHashCode(proxy);
          case "equals" -> proxy == arguments[0];
          case "toString" -> properties.toString();
          default -> null;
        });
  }
}
