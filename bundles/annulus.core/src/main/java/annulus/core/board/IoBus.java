package annulus.core.board;

import annulus.device.DeviceException;
import annulus.device.DeviceException.Reason;
import annulus.device.MmioRegion;
import annulus.device.PortRegion;
import annulus.memory.GuestMemory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The machine's I/O ports and memory-mapped registers. Accesses use an immutable snapshot that changes of the map replace.
 * Changes happen under the device lock.
 */
public final class IoBus {
  private static final int PORTS = 0x1_0000;
  /** Ports whose regions are kept together: most groups have none, and share one array. */
  private static final int GROUP_SHIFT = 8;
  private static final int GROUP = 1 << GROUP_SHIFT;
  private static final @Nullable PortRegion[] NONE = new PortRegion[GROUP];

  private record Window(long start, long end, MmioRegion region, String owner) {}

  private record PortRange(int first, int last, PortRegion region, String owner) {}

  /** Ports by their number's upper and lower half; windows by ascending start. Each replacement of a device makes several. */
  private record Snapshot(@Nullable PortRegion[][] ports, Window[] windows) {
    @Nullable PortRegion at(int port) {
      return ports[port >>> GROUP_SHIFT][port & GROUP - 1];
    }
  }

  private final GuestMemory memory;
  private final List<PortRange> ranges = new ArrayList<>();
  private final List<Window> windows = new ArrayList<>();
  private volatile Snapshot snapshot;

  IoBus(GuestMemory memory) {
    this.memory = memory;
    snapshot = snapshot();
  }

  void claimPorts(String owner, int first, int count, PortRegion region) throws DeviceException {
    int last = first + count - 1;
    if (first < 0 || count < 1 || first >= PORTS || count > PORTS - first) {
      throw new DeviceException(Reason.BAD_OPTION,
          "%s: %d ports from 0x%x on; ports are 0 to 0xffff".formatted(owner, count, first));
    }
    for (PortRange r : ranges) {
      if (first <= r.last() && r.first() <= last) {
        throw new DeviceException(Reason.REGION_TAKEN, "%s: ports 0x%x to 0x%x are taken by %s (0x%x to 0x%x)"
            .formatted(owner, first, last, r.owner(), r.first(), r.last()));
      }
    }
    ranges.add(new PortRange(first, last, region, owner));
    publish();
  }

  void claimMmio(String owner, long gpa, long size, MmioRegion region) throws DeviceException {
    long end = gpa + size;
    if (gpa < 0 || size < 1 || end < gpa) {
      throw new DeviceException(Reason.BAD_OPTION, "%s: registers at 0x%x of 0x%x bytes".formatted(owner, gpa, size));
    }
    for (Window w : windows) {
      if (gpa < w.end() && w.start() < end) {
        throw new DeviceException(Reason.REGION_TAKEN, "%s: addresses 0x%x to 0x%x are taken by %s (0x%x to 0x%x)"
            .formatted(owner, gpa, end - 1, w.owner(), w.start(), w.end() - 1));
      }
    }
    for (GuestMemory.Range r : memory.ranges()) {
      if (gpa < r.end() && r.gpa() < end) {
        throw new DeviceException(Reason.REGION_TAKEN, "%s: addresses 0x%x to 0x%x are memory (0x%x to 0x%x)"
            .formatted(owner, gpa, end - 1, r.gpa(), r.end() - 1));
      }
    }
    windows.add(new Window(gpa, end, region, owner));
    publish();
  }

  /** Gives back what {@code owner} claimed with this region object. */
  void release(String owner, Object region) {
    ranges.removeIf(r -> r.owner().equals(owner) && r.region() == region);
    windows.removeIf(w -> w.owner().equals(owner) && w.region() == region);
    publish();
  }

  /** Everything one owner claimed. */
  record Claims(List<Object> claimed) {}

  /** Takes an owner's claims off the bus, to be put back by {@link #reattach}. */
  Claims detach(String owner) {
    List<Object> claimed = new ArrayList<>();
    ranges.stream().filter(r -> r.owner().equals(owner)).forEach(claimed::add);
    windows.stream().filter(w -> w.owner().equals(owner)).forEach(claimed::add);
    releaseAll(owner);
    return new Claims(claimed);
  }

  /** Puts claims back that nothing else has taken meanwhile. */
  void reattach(Claims claims) {
    for (Object c : claims.claimed()) {
      if (c instanceof PortRange r) {
        ranges.add(r);
      } else if (c instanceof Window w) {
        windows.add(w);
      }
    }
    publish();
  }

  /** Gives back everything {@code owner} claimed. */
  void releaseAll(String owner) {
    ranges.removeIf(r -> r.owner().equals(owner));
    windows.removeIf(w -> w.owner().equals(owner));
    publish();
  }

  private void publish() {
    snapshot = snapshot();
  }

  private Snapshot snapshot() {
    @Nullable PortRegion[][] ports = new PortRegion[PORTS >>> GROUP_SHIFT][];
    Arrays.fill(ports, NONE);
    for (PortRange r : ranges) {
      for (int p = r.first(); p <= r.last(); p++) {
        int group = p >>> GROUP_SHIFT;
        if (ports[group] == NONE) {
          ports[group] = new PortRegion[GROUP];
        }
        ports[group][p & GROUP - 1] = r.region();
      }
    }
    Window[] sorted = windows.toArray(new Window[0]);
    Arrays.sort(sorted, Comparator.comparingLong(Window::start));
    return new Snapshot(ports, sorted);
  }

  int readPort(int port, int size) {
    Snapshot s = snapshot;
    PortRegion region = s.at(port);
    if (size == 1 || whole(s, port, size)) {
      return region == null ? -1 >>> 32 - 8 * size : region.read(port, size);
    }
    int value = 0;
    for (int i = 0; i < size; i++) {
      value |= (readPort(port + i & 0xFFFF, 1) & 0xFF) << 8 * i;
    }
    return value;
  }

  void writePort(int port, int size, int value) {
    Snapshot s = snapshot;
    PortRegion region = s.at(port);
    if (size == 1 || whole(s, port, size)) {
      if (region != null) {
        region.write(port, size, value);
      }
      return;
    }
    for (int i = 0; i < size; i++) {
      writePort(port + i & 0xFFFF, 1, value >>> 8 * i & 0xFF);
    }
  }

  /** Whether one region, or none, has all the ports of an access. */
  private static boolean whole(Snapshot s, int port, int size) {
    if (port + size > PORTS) {
      return false;
    }
    for (int i = 1; i < size; i++) {
      if (s.at(port + i) != s.at(port)) {
        return false;
      }
    }
    return true;
  }

  long readMmio(long gpa, int size) {
    Window w = window(gpa, size);
    if (w != null) {
      return w.region().read(gpa - w.start(), size);
    }
    return -1L >>> 64 - 8 * size;
  }

  void writeMmio(long gpa, int size, long value) {
    Window w = window(gpa, size);
    if (w != null) {
      w.region().write(gpa - w.start(), size, value);
    }
  }

  /** Whose port this is, for messages. */
  String nameAtPort(int port) {
    String owner = ranges.stream().filter(r -> r.first() <= port && port <= r.last()).map(PortRange::owner).findAny().orElse("none");
    return "%s, port 0x%x".formatted(owner, port);
  }

  /** Whose register this is, for messages. */
  String nameAt(long gpa) {
    Window w = window(gpa, 1);
    return "%s, register at 0x%x".formatted(w == null ? "none" : w.owner(), gpa);
  }

  private @Nullable Window window(long gpa, int size) {
    Window[] all = snapshot.windows();
    int low = 0;
    int high = all.length - 1;
    while (low <= high) {
      int middle = low + high >>> 1;
      Window w = all[middle];
      if (gpa < w.start()) {
        high = middle - 1;
      } else if (gpa >= w.end()) {
        low = middle + 1;
      } else {
        return gpa + size <= w.end() ? w : null;
      }
    }
    return null;
  }
}
