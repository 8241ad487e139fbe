package annulus.core.board;

import annulus.device.InterruptLine;
import annulus.device.InterruptSink;
import annulus.device.Role;
import java.util.HashMap;
import java.util.Map;

/** The interrupt lines: the outputs of several devices on one are wire-ORed, and every interrupt controller sees each change. */
final class Lines {
  private static final int COUNT = 24;

  private final DeviceLock lock;
  private final Role<InterruptSink> sinks;
  private final Map<String, Output> outputs = new HashMap<>();
  private final int[] asserted = new int[COUNT];

  Lines(DeviceLock lock, Role<InterruptSink> sinks) {
    this.lock = lock;
    this.sinks = sinks;
  }

  private final class Output implements InterruptLine {
    private final int gsi;
    private boolean level;

    Output(int gsi) {
      this.gsi = gsi;
    }

    @Override public void set(boolean on) {
      lock.check();
      if (on == level) {
        return;
      }
      level = on;
      asserted[gsi] += on ? 1 : -1;
      if (asserted[gsi] == (on ? 1 : 0)) {
        for (InterruptSink s : sinks.all()) {
          s.lineChanged(gsi, on);
        }
      }
    }
  }

  InterruptLine line(String owner, int gsi) {
    if (gsi < 0 || gsi >= COUNT) {
      throw new IllegalArgumentException(owner + ": interrupt line " + gsi + "; lines are 0 to " + (COUNT - 1));
    }
    return outputs.computeIfAbsent(owner + '/' + gsi, k -> new Output(gsi));
  }

  /**
   * Takes a device's outputs away from it. They stay as they are until {@link #release}, so that no controller sees an edge when
   * another device drives the same line by then.
   */
  Map<String, InterruptLine> detach(String owner) {
    Map<String, InterruptLine> detached = new HashMap<>();
    outputs.entrySet().removeIf(e -> {
      boolean its = e.getKey().startsWith(owner + '/');
      if (its) {
        detached.put(e.getKey(), e.getValue());
      }
      return its;
    });
    return detached;
  }

  /** Lowers outputs that were detached: their device has gone. */
  static void release(Map<String, InterruptLine> detached) {
    detached.values().forEach(line -> line.set(false));
  }

  /** The device stays: it has its outputs again. */
  void reattach(Map<String, InterruptLine> detached) {
    detached.forEach((key, line) -> outputs.put(key, (Output) line));
  }
}
