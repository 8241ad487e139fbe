package annulus.shell.command;

import annulus.machine.Console;
import annulus.machine.Machine;
import annulus.machine.MachineException;
import annulus.machine.MachineException.Reason;
import annulus.machine.MachineService;
import annulus.machine.MachineSpec;
import annulus.machine.MachineStatus;
import annulus.machine.MachineStatus.Phase;
import annulus.machine.SwapReport;
import annulus.arch.VcpuState;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A machine service whose machines are records of what was asked of them. */
final class FakeMachines implements MachineService {
  final Map<String, Machine> machines = new TreeMap<>();
  final List<String> calls = new ArrayList<>();
  final List<Provider> providers = new ArrayList<>();
  final ByteArrayOutputStream typed = new ByteArrayOutputStream();
  final Map<String, Long> statistics = new TreeMap<>();
  /** Guest-physical pages by number, and what guest-virtual pages they are seen at. */
  final Map<Long, byte[]> pages = new HashMap<>();
  final Map<Long, Long> mappings = new HashMap<>();
  MachineStatus status = MachineStatus.of(Phase.RUNNING);
  @Nullable VcpuState state;
  final List<SwapReport> swaps = new ArrayList<>();

  @Override public Machine define(MachineSpec spec) throws MachineException {
    if (machines.containsKey(spec.name())) {
      throw new MachineException(Reason.NAME_TAKEN, spec.name() + " exists");
    }
    Machine machine = (Machine) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {Machine.class}, (proxy, method, arguments) -> {
      try {
        var own = Fake.class.getDeclaredMethod(method.getName(), method.getParameterTypes());
        return own.invoke(new Fake(spec), arguments);
      } catch (NoSuchMethodException e) {
        calls.add(method.getName() + " " + spec.name());
        return null;
      } catch (InvocationTargetException e) {
        throw e.getCause();
      }
    });
    machines.put(spec.name(), machine);
    return machine;
  }

  /** What a fake machine answers; everything else is only noted. */
  @SuppressWarnings("UnusedMethod") // called by the proxy
  final class Fake {
    private final MachineSpec spec;

    Fake(MachineSpec spec) {
      this.spec = spec;
    }

    String name() {
      return spec.name();
    }

    MachineSpec spec() {
      return spec;
    }

    MachineStatus status() {
      return status;
    }

    List<Provider> providers() {
      return providers;
    }

    List<SwapReport> swaps() {
      return swaps;
    }

    Map<String, Long> statistics() {
      return new TreeMap<>(statistics);
    }

    @Nullable VcpuState vcpu(int index) {
      return state;
    }

    long translate(int index, long linear) {
      Long page = mappings.get(linear >> 12);
      return page == null ? -1 : page << 12 | linear & 0xFFF;
    }

    byte[] readMemory(long gpa, int length) {
      byte[] page = pages.get(gpa >> 12);
      int from = (int) (gpa & 0xFFF);
      return page == null ? new byte[0] : java.util.Arrays.copyOfRange(page, from, from + length);
    }

    Console console(String id) {
      return (Console) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {Console.class}, (proxy, method, arguments) -> {
        typed.writeBytes((byte[]) arguments[0]);
        return null;
      });
    }
  }

  @Override public void undefine(String name, boolean force) {
    machines.remove(name);
  }

  @Override public List<Machine> machines() {
    return List.copyOf(machines.values());
  }

  @Override public Optional<Machine> machine(String name) {
    return Optional.ofNullable(machines.get(name));
  }

  @Override public Machine restore(Path file, String name) throws MachineException {
    throw new MachineException(Reason.HOST, file + ": cannot be read");
  }

  @Override public List<Provider> providers(Axis axis) {
    return providers.stream().filter(p -> p.axis() == axis).toList();
  }
}
