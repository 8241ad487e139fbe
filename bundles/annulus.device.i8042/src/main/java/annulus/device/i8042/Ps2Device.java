package annulus.device.i8042;

import annulus.arch.StateException;
import annulus.arch.StateReader;
import annulus.arch.StateWriter;

/** What is at the other end of a PS/2 cable: takes commands and queues bytes for the controller. */
abstract class Ps2Device {
  static final int ACKNOWLEDGE = 0xFA;
  static final int RESEND = 0xFE;
  static final int TEST_PASSED = 0xAA;

  private final String prefix;
  /** Bytes for the controller, oldest first. */
  private final java.util.ArrayDeque<Integer> queue = new java.util.ArrayDeque<>();
  /** The command whose argument comes next, or 0. */
  int awaiting;
  int last;
  boolean enabled;

  Ps2Device(String prefix) {
    this.prefix = prefix;
  }

  final boolean hasBytes() {
    return !queue.isEmpty();
  }

  final int queued() {
    return queue.size();
  }

  final int next() {
    last = queue.remove();
    return last;
  }

  final void queue(int... bytes) {
    for (int b : bytes) {
      queue.add(b);
    }
  }

  /** A byte from the controller: whatever still waits is dropped, as the device must answer next. */
  final void receive(int value) {
    queue.clear();
    int command = awaiting;
    awaiting = 0;
    if (command != 0) {
      argument(command, value);
    } else {
      command(value);
    }
  }

  abstract void command(int command);

  abstract void argument(int command, int value);

  void export(StateWriter w) {
    byte[] bytes = new byte[queue.size()];
    int i = 0;
    for (int b : queue) {
      bytes[i++] = (byte) b;
    }
    w.put(prefix + "queue", bytes).put(prefix + "awaiting", awaiting).put(prefix + "last", last).put(prefix + "enabled", enabled);
  }

  void restore(StateReader r) throws StateException {
    for (byte b : r.getBytes(prefix + "queue")) {
      queue.add(b & 0xFF);
    }
    awaiting = r.getInt(prefix + "awaiting", 0, 0xFF);
    last = r.getInt(prefix + "last", 0, 0xFF);
    enabled = r.getBoolean(prefix + "enabled");
  }
}
