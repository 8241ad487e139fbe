package annulus.device.testdev;

import annulus.arch.DeviceState;
import annulus.arch.StateException;
import annulus.arch.StateReader;
import annulus.arch.StateWriter;
import annulus.device.BytePorts;
import annulus.device.Device;
import annulus.device.DeviceContext;
import annulus.device.DeviceException;
import annulus.device.InterruptLine;
import annulus.device.MachineControl;
import annulus.device.MmioRegion;
import annulus.device.PortRegion;

/**
 * What independent hypervisor and processor test programs expect of their machine.
 *
 * <p>State: complete.
 * <p>Features: exit port 0xF4 (status is code x 2 + 1); the string "Shutdown" written to port 0x8900 switches the machine off;
 * ports 0xE0-0xE3 are a latch of 32 bits; 0xE4 takes the address of a page to flush; 64 KiB at 0xFF000000 behave as memory but
 * are reached by way of a device; writing to port 0x2000+n sets the level of interrupt line n.
 * <p>Missing: nothing to flush: a page's translation is never kept from its guest, so 0xE4 only takes the write.
 * <p>Documentation: the comments of such test suites; the list above is the interface.
 */
final class TestDevice implements Device {
  private static final String SCHEMA = "annulus.device.testdev";
  private static final int LATCH = 0xE0;
  private static final int FLUSH = 0xE4;
  private static final int EXIT = 0xF4;
  private static final int LINES = 0x2000;
  private static final int LINE_COUNT = 24;
  private static final int SHUTDOWN = 0x8900;
  private static final String SHUTDOWN_WORD = "Shutdown";
  private static final long MEMORY = 0xFF000000L;
  private static final int MEMORY_SIZE = 0x10000;

  private final MachineControl machine;
  private final InterruptLine[] lines = new InterruptLine[LINE_COUNT];
  private int levels;
  private int latch;
  /** Letters of the shutdown word seen in order. */
  private int matched;
  private byte[] memory = new byte[MEMORY_SIZE];

  TestDevice(DeviceContext context) throws DeviceException {
    machine = context.machine();
    for (int i = 0; i < LINE_COUNT; i++) {
      lines[i] = context.line(i);
    }
    context.ports(LATCH, 4, new Latch());
    context.ports(FLUSH, 4, new WriteOnly() {
      @Override public void write(int port, int size, int value) {
        // nothing is cached about a page that the guest could still see after it changed
      }
    });
    context.ports(EXIT, 4, new WriteOnly() {
      @Override public void write(int port, int size, int value) {
        machine.exit(value << 1 & 0xFF | 1, "the test program wrote 0x%x to its exit port".formatted(value));
      }
    });
    context.ports(LINES, LINE_COUNT, new WriteOnly() {
      @Override public void write(int port, int size, int value) {
        setLine(port - LINES, value != 0);
      }
    });
    context.ports(SHUTDOWN, 1, new WriteOnly() {
      @Override public void write(int port, int size, int value) {
        shutdownLetter(value & 0xFF);
      }
    });
    context.mmio(MEMORY, MEMORY_SIZE, new Memory());
  }

  private interface WriteOnly extends PortRegion {
    @Override default int read(int port, int size) {
      return -1;
    }
  }

  private final class Latch implements BytePorts {
    @Override public int readByte(int port) {
      return latch >>> 8 * (port - LATCH) & 0xFF;
    }

    @Override public void writeByte(int port, int value) {
      int shift = 8 * (port - LATCH);
      latch = latch & ~(0xFF << shift) | value << shift;
    }
  }

  private final class Memory implements MmioRegion {
    @Override public long read(long offset, int size) {
      long value = 0;
      for (int i = 0; i < size; i++) {
        value |= (memory[(int) offset + i] & 0xFFL) << 8 * i;
      }
      return value;
    }

    @Override public void write(long offset, int size, long value) {
      for (int i = 0; i < size; i++) {
        memory[(int) offset + i] = (byte) (value >> 8 * i);
      }
    }
  }

  private void setLine(int n, boolean high) {
    levels = high ? levels | 1 << n : levels & ~(1 << n);
    lines[n].set(high);
  }

  private void shutdownLetter(int letter) {
    if (letter == SHUTDOWN_WORD.charAt(matched)) {
      matched++;
    } else {
      matched = letter == SHUTDOWN_WORD.charAt(0) ? 1 : 0;
    }
    if (matched == SHUTDOWN_WORD.length()) {
      matched = 0;
      machine.powerOff("the test program wrote \"Shutdown\"");
    }
  }

  private void driveLines() {
    for (int i = 0; i < LINE_COUNT; i++) {
      lines[i].set((levels & 1 << i) != 0);
    }
  }

  @Override public void start() {
    driveLines();
  }

  @Override public void pause() {
    // acts only when a processor accesses it
  }

  @Override public void resume() {
    // see pause
  }

  @Override public void reset() {
    levels = 0;
    latch = 0;
    matched = 0;
    memory = new byte[MEMORY_SIZE];
    driveLines();
  }

  @Override public void halt() {
    // holds no resource of the host
  }

  @Override public DeviceState export() {
    return new StateWriter().put("levels", levels).put("latch", latch).put("matched", matched).put("memory", memory)
        .toState(SCHEMA, 1);
  }

  @Override public void restore(DeviceState state) throws StateException {
    StateReader r = state.open(SCHEMA, 1);
    int newLevels = r.getInt("levels", 0, (1 << LINE_COUNT) - 1);
    int newLatch = r.getInt("latch", Integer.MIN_VALUE, Integer.MAX_VALUE);
    int newMatched = r.getInt("matched", 0, SHUTDOWN_WORD.length() - 1);
    byte[] newMemory = r.getBytes("memory");
    if (newMemory.length != MEMORY_SIZE) {
      throw new StateException("field memory has " + newMemory.length + " bytes; it must have " + MEMORY_SIZE);
    }
    r.finish();
    levels = newLevels;
    latch = newLatch;
    matched = newMatched;
    memory = newMemory;
  }
}
