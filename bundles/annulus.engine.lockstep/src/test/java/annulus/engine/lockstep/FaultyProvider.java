package annulus.engine.lockstep;

import annulus.arch.StateException;
import annulus.arch.StateGroup;
import annulus.arch.VcpuState;
import annulus.engine.Engine;
import annulus.engine.EngineCapability;
import annulus.engine.EngineException;
import annulus.engine.EngineProvider;
import annulus.engine.Exit;
import annulus.engine.VcpuBus;
import annulus.engine.VcpuContext;
import annulus.engine.interpreter.InterpreterProvider;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** The interpreter with a defect put in: before what it sees of the outside, or after an instruction. */
final class FaultyProvider implements EngineProvider {
  /** Called after each instruction. */
  interface After {
    void instruction(Faulty engine, VcpuState.General now) throws StateException;
  }

  /** Stands before a method of the bus. */
  interface Bus {
    Object call(String method, Object[] arguments, Original original) throws ReflectiveOperationException;
  }

  /** The bus as it is. */
  interface Original {
    Object call(Object[] arguments) throws ReflectiveOperationException;
  }

  private static final Integer TASK_PRIORITY = 0;

  private final InterpreterProvider interpreter = new InterpreterProvider();
  private final After after;
  private final Bus bus;
  /** A change of registers looks at the task priority, which the leading engine does not. */
  private boolean flipping;

  FaultyProvider(After after) {
    this(after, (method, arguments, original) -> original.call(arguments));
  }

  FaultyProvider(Bus bus) {
    this((engine, now) -> {}, bus);
  }

  private FaultyProvider(After after, Bus bus) {
    this.after = after;
    this.bus = bus;
  }

  @Override public Set<EngineCapability> capabilities() {
    return interpreter.capabilities();
  }

  @Override public Engine open(VcpuContext context) throws EngineException {
    VcpuBus wrong = proxy(VcpuBus.class, context.bus(),
        (method, arguments, original) -> flipping ? TASK_PRIORITY : bus.call(method, arguments, original));
    VcpuContext seen = proxy(VcpuContext.class, context,
        (method, arguments, original) -> method.equals("bus") ? wrong : original.call(arguments));
    return new Faulty(interpreter.open(seen), context);
  }

  private static <T> T proxy(Class<T> type, T target, Bus before) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
      try {
        return before.call(method.getName(), arguments, a -> method.invoke(target, a));
      } catch (InvocationTargetException e) {
        throw e.getCause();
      }
    }));
  }

  final class Faulty implements Engine {
    private final Engine engine;
    final VcpuContext context;

    Faulty(Engine engine, VcpuContext context) {
      this.engine = engine;
      this.context = context;
    }

    /** Turns bits of a register over. */
    void flip(int register, long bits) throws StateException {
      VcpuState.General g = Objects.requireNonNull(engine.export(StateGroup.GENERAL.bit()).general());
      List<Long> registers = new ArrayList<>(g.registers());
      registers.set(register, registers.get(register) ^ bits);
      flipping = true;
      engine.restore(new VcpuState(new VcpuState.General(registers, g.rip(), g.rflags()), null, null, null, null, null, null));
      flipping = false;
    }

    @Override public int run(long budget) throws EngineException {
      long end = instructions() + budget;
      while (instructions() < end) {
        int exit = engine.run(1);
        if (exit != Exit.BUDGET) {
          return exit;
        }
        try {
          after.instruction(this, Objects.requireNonNull(engine.export(StateGroup.GENERAL.bit()).general()));
        } catch (StateException e) {
          throw new EngineException(EngineException.Reason.DEFECT, "the test's own", e);
        }
      }
      return Exit.BUDGET;
    }

    @Override public long instructions() {
      return engine.instructions();
    }

    @Override public VcpuState export(int groups) {
      return engine.export(groups);
    }

    @Override public void restore(VcpuState state) throws StateException {
      engine.restore(state);
    }

    @Override public void flush() {
      engine.flush();
    }

    @Override public long translate(long linear) {
      return engine.translate(linear);
    }

    @Override public Map<String, Long> counters() {
      return engine.counters();
    }

    @Override public void close() {
      engine.close();
    }
  }
}
