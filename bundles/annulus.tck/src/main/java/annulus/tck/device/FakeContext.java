package annulus.tck.device;

import annulus.device.CharacterPort;
import annulus.device.DeviceClock;
import annulus.device.DeviceContext;
import annulus.device.DeviceException;
import annulus.device.DeviceTimer;
import annulus.device.DmaPort;
import annulus.device.InterruptLine;
import annulus.device.MachineControl;
import annulus.device.MmioRegion;
import annulus.device.Platform;
import annulus.device.PortRegion;
import annulus.device.Role;
import annulus.device.VcpuSignals;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What {@link FakeMachine} offers to one device. */
public final class FakeContext implements DeviceContext {
  final Map<Class<?>, Object> roles = new LinkedHashMap<>();
  final Map<Integer, InterruptLine> lines = new LinkedHashMap<>();
  private final Map<Integer, Boolean> levels = new LinkedHashMap<>();
  private final FakeMachine machine;
  private final String name;

  FakeContext(FakeMachine machine, String name) {
    this.machine = machine;
    this.name = name;
  }

  boolean drives(int gsi) {
    return levels.getOrDefault(gsi, false);
  }

  @Override public String name() {
    return name;
  }

  @Override public void ports(int first, int count, PortRegion region) throws DeviceException {
    if (first < 0 || count < 1 || first + count > 0x10000) {
      throw new IllegalArgumentException("ports 0x%x, %d of them".formatted(first, count));
    }
    claim(new FakeMachine.Claim(region, false, first, count, this));
  }

  @Override public void mmio(long gpa, long size, MmioRegion region) throws DeviceException {
    claim(new FakeMachine.Claim(region, true, gpa, size, this));
  }

  private void claim(FakeMachine.Claim claim) throws DeviceException {
    for (FakeMachine.Claim c : machine.claims) {
      if (c.mmio() == claim.mmio() && c.first() < claim.first() + claim.count() && claim.first() < c.first() + c.count()) {
        throw new DeviceException(DeviceException.Reason.REGION_TAKEN, "device %s: 0x%x to 0x%x is taken by %s".formatted(
            name, claim.first(), claim.first() + claim.count() - 1, c.owner().name));
      }
    }
    machine.claims.add(claim);
  }

  @SuppressWarnings("ReferenceEquality") // a region is the very object that was claimed
  @Override public void release(Object region) {
    if (!machine.claims.removeIf(c -> c.owner() == this && c.region() == region)) {
      throw new IllegalArgumentException("device " + name + " releases a region it has not claimed");
    }
  }

  @Override public InterruptLine line(int gsi) {
    if (gsi < 0 || gsi > 23) {
      throw new IllegalArgumentException("line " + gsi + " is not 0 to 23");
    }
    return lines.computeIfAbsent(gsi, n -> asserted -> {
      levels.put(n, asserted);
      machine.lineMayHaveChanged(n);
    });
  }

  @Override public <T> void provide(Class<T> role, T implementation) {
    roles.put(role, implementation);
  }

  @Override public <T> Role<T> role(Class<T> role) {
    return new Role<>() {
      @Override public @Nullable T get() {
        List<T> all = all();
        return all.isEmpty() ? null : all.getFirst();
      }

      @Override public List<T> all() {
        return machine.all(role);
      }
    };
  }

  @Override public DeviceTimer timer(Runnable expiry) {
    return machine.timer(expiry);
  }

  @Override public DeviceClock clock() {
    return machine;
  }

  @Override public DmaPort dma() {
    throw new IllegalStateException("device " + name + " wants DMA, which this machine does not have");
  }

  @Override public VcpuSignals vcpus() {
    return machine;
  }

  @Override public int currentVcpu() {
    return machine.accessing();
  }

  @Override public CharacterPort characters(String id) {
    return machine.characters(id);
  }

  @Override public MachineControl machine() {
    return machine;
  }

  @Override public Platform platform() {
    return machine;
  }
}
