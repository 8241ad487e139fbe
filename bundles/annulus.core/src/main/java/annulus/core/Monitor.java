package annulus.core;

import annulus.arch.StateException;
import annulus.core.provider.ProviderRegistry;
import annulus.core.snapshot.Snapshot;
import annulus.device.DeviceFactory;
import annulus.engine.EngineProvider;
import annulus.loader.ImageSource;
import annulus.loader.Loader;
import annulus.machine.Machine;
import annulus.machine.MachineException;
import annulus.machine.MachineException.Reason;
import annulus.machine.MachineListener;
import annulus.machine.MachineService;
import annulus.machine.MachineSpec;
import annulus.machine.MachineStatus.Phase;
import annulus.machine.SpecProperties;
import annulus.memory.FramePool;
import annulus.memory.MachineMemory;
import annulus.memory.translation.TranslationProvider;
import annulus.vendor.CpuModel;
import annulus.vendor.VendorProvider;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/** The machine service: the machines of this container and the providers they choose from. */
@Component(immediate = true)
public final class Monitor implements MachineService {
  private final Providers providers = new Providers();
  private final MachineMemory pool = new FramePool();
  private final Map<String, VirtualMachine> machines = new TreeMap<>();
  /** Those who hear of every machine. */
  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
  private volatile List<MachineListener> listeners = List.of();

  @Activate
  public Monitor() {
    watch(providers.engines(), Axis.ENGINE);
    watch(providers.translations(), Axis.TRANSLATION);
    watch(providers.devices(), Axis.DEVICE);
  }

  /** Tells the machines of every provider that comes and goes. */
  private <T> void watch(ProviderRegistry<T> registry, Axis axis) {
    registry.onGone(service -> machinesNow().forEach(m -> m.serviceGone(axis, service)));
    registry.onCame(name -> machinesNow().forEach(VirtualMachine::serviceCame));
  }

  @Deactivate
  void stop() {
    machinesNow().forEach(VirtualMachine::dispose);
    synchronized (machines) {
      machines.clear();
    }
  }

  private List<VirtualMachine> machinesNow() {
    synchronized (machines) {
      return new ArrayList<>(machines.values());
    }
  }

  // ---- machines ---------------------------------------------------------------------------------------------------------------

  @Override public Machine define(MachineSpec spec) throws MachineException {
    return add(SpecProperties.read(SpecProperties.write(spec)));
  }

  private VirtualMachine add(MachineSpec spec) throws MachineException {
    synchronized (machines) {
      if (machines.containsKey(spec.name())) {
        throw new MachineException(Reason.NAME_TAKEN, "a machine called " + spec.name() + " exists already");
      }
      VirtualMachine m = new VirtualMachine(spec, providers, pool, () -> listeners);
      machines.put(spec.name(), m);
      return m;
    }
  }

  @Override public void undefine(String name, boolean force) throws MachineException {
    VirtualMachine m;
    synchronized (machines) {
      m = machines.get(name);
      if (m == null) {
        throw new MachineException(Reason.NO_SUCH_MACHINE, "no machine is called " + name + "; there are " + machines.keySet());
      }
      Phase phase = m.status().phase();
      if (!force && phase != Phase.DEFINED && phase != Phase.STOPPED) {
        throw new MachineException(Reason.WRONG_PHASE, name + " is " + phase + ": destroy it first, or force");
      }
      machines.remove(name);
    }
    m.dispose();
  }

  @Override public List<Machine> machines() {
    return List.copyOf(machinesNow());
  }

  @Override public Optional<Machine> machine(String name) {
    synchronized (machines) {
      return Optional.ofNullable(machines.get(name));
    }
  }

  @Override public Machine restore(Path file, String name) throws MachineException {
    Snapshot snapshot;
    try {
      snapshot = Snapshot.read(file);
    } catch (NoSuchFileException e) {
      throw new MachineException(Reason.HOST, file + ": no such file", e);
    } catch (IOException e) {
      throw new MachineException(Reason.HOST, file + ": cannot be read: " + e.getMessage(), e);
    } catch (StateException e) {
      throw new MachineException(Reason.STATE, file + ": " + e.getMessage(), e);
    }
    Map<String, String> properties = SpecProperties.write(snapshot.spec());
    if (!name.isEmpty()) {
      properties.put("name", name);
    }
    VirtualMachine m = add(SpecProperties.read(properties));
    try {
      m.restore(snapshot, file);
      return m;
    } catch (MachineException | RuntimeException e) {
      undefine(m.name(), true);
      throw e;
    }
  }

  // ---- providers --------------------------------------------------------------------------------------------------------------

  @Override public List<Provider> providers(Axis axis) {
    return switch (axis) {
      case ENGINE -> list(axis, providers.engines(),
          e -> String.join(" ", e.capabilities().stream().map(c -> c.name().toLowerCase(java.util.Locale.ROOT)).sorted().toList()));
      case VENDOR -> list(axis, providers.vendors(), v -> String.join(" ", v.models().stream().map(CpuModel::name).toList()));
      case TRANSLATION -> list(axis, providers.translations(), t -> "");
      case DEVICE -> devices();
      case LOADER -> list(axis, providers.loaders(), l -> "");
      case IMAGE -> list(axis, providers.images(), ImageSource::description);
    };
  }

  private <T> List<Provider> list(Axis axis, ProviderRegistry<T> registry, Function<T, String> details) {
    return registry.all().stream().map(e -> new Provider(axis, e.name(), e.bundle(), details.apply(e.service()), users(axis, e.name())))
        .toList();
  }

  private List<Provider> devices() {
    return providers.devices().all().stream().map(e -> new Provider(Axis.DEVICE, e.name(), e.bundle(),
        e.flag(DeviceFactory.PLATFORM) ? "platform" : "", users(Axis.DEVICE, e.name()))).toList();
  }

  private List<String> users(Axis axis, String name) {
    return machinesNow().stream().filter(m -> m.status().phase() != Phase.DEFINED && m.status().phase() != Phase.STOPPED)
        .filter(m -> m.providers().stream()
            .anyMatch(p -> p.axis() == axis && (axis == Axis.DEVICE ? p.details() : p.name()).equals(name)))
        .map(VirtualMachine::name).toList();
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
  void bindEngine(EngineProvider service, ServiceReference<EngineProvider> reference) {
    providers.engines().add(service, reference);
  }

  void unbindEngine(EngineProvider service) {
    providers.engines().remove(service);
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
  void bindVendor(VendorProvider service, ServiceReference<VendorProvider> reference) {
    providers.vendors().add(service, reference);
  }

  void unbindVendor(VendorProvider service) {
    providers.vendors().remove(service);
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
  void bindTranslation(TranslationProvider service, ServiceReference<TranslationProvider> reference) {
    providers.translations().add(service, reference);
  }

  void unbindTranslation(TranslationProvider service) {
    providers.translations().remove(service);
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
  void bindDevice(DeviceFactory service, ServiceReference<DeviceFactory> reference) {
    providers.devices().add(service, reference);
  }

  void unbindDevice(DeviceFactory service) {
    providers.devices().remove(service);
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
  void bindLoader(Loader service, ServiceReference<Loader> reference) {
    providers.loaders().add(service, reference);
  }

  void unbindLoader(Loader service) {
    providers.loaders().remove(service);
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
  void bindImage(ImageSource service, ServiceReference<ImageSource> reference) {
    providers.images().add(service, reference);
  }

  void unbindImage(ImageSource service) {
    providers.images().remove(service);
  }
}
