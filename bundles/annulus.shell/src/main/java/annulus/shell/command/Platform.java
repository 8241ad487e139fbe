package annulus.shell.command;

import annulus.machine.Machine;
import annulus.machine.MachineException;
import annulus.machine.MachineException.Reason;
import annulus.machine.MachineService;
import annulus.machine.MachineSpec;
import annulus.vendor.CpuModel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What commands work on.
 *
 * @param models the processor model of a specification, where its vendor is installed
 * @param machineFolder where configured machines are, or null where this container has no such folder
 * @param samples figures of each machine when they were last asked for
 */
record Platform(MachineService service, Function<MachineSpec, Optional<CpuModel>> models, @Nullable Path machineFolder,
    Map<String, Stats.Sample> samples) {

  Platform(MachineService service, Function<MachineSpec, Optional<CpuModel>> models, @Nullable Path machineFolder) {
    this(service, models, machineFolder, new ConcurrentHashMap<>());
  }

  Machine machine(String name) throws MachineException {
    return service.machine(name).orElseThrow(() -> {
      List<String> names = names();
      return new MachineException(Reason.NO_SUCH_MACHINE, "no machine is called \"" + name + "\"; "
          + (names.isEmpty() ? "none is defined: vm:define NAME defines one" : "there are " + String.join(", ", names)));
    });
  }

  List<String> names() {
    return service.machines().stream().map(Machine::name).sorted().toList();
  }
}
