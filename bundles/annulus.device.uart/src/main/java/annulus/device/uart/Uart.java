package annulus.device.uart;

import static annulus.device.uart.Registers.*;

import annulus.arch.DeviceState;
import annulus.arch.StateException;
import annulus.arch.StateReader;
import annulus.arch.StateWriter;
import annulus.device.BytePorts;
import annulus.device.CharacterPort;
import annulus.device.Device;
import annulus.device.DeviceClock;
import annulus.device.DeviceContext;
import annulus.device.DeviceException;
import annulus.device.DeviceTimer;
import annulus.device.InterruptLine;
import annulus.device.IsaDevice;
import java.util.List;

/**
 * A 16550A serial port.
 *
 * <p>State: complete; characters the guest has not taken yet stay in the back end.
 * <p>Features: all registers, FIFOs of 16 with trigger levels and time-out, interrupts for line status, data, time-out, empty
 * transmitter and modem status, gated by OUT2; loop-back with modem signals and break. Characters move at once, unless
 * {@code rate=real}: a modelled line makes every console a 9600-baud one. The receiver takes only what it has room for, and only
 * while somebody listens, so that nothing typed is lost: not even what is typed before the guest's driver clears the FIFOs and reads
 * stale characters away.
 * <p>Missing: parity and framing errors, which a back end of bytes does not have; a break is not sent; DMA mode is kept.
 * <p>Documentation: National Semiconductor PC16550D data sheet.
 */
final class Uart implements Device, BytePorts {
  private static final String SCHEMA = "annulus.device.uart";
  private static final int ERROR_BREAK = 0x10;
  private static final int LINE_STATUS = 5;
  /** Drivers enable interrupts to see which there are, and FIFOs after interrupts; milliseconds on a slow engine. */
  private static final long SETTLED_NANOS = 20_000_000;
  /** So many reads of the line status in a row are a wait for a character: the transmitter is ready at once. Drivers do two or three. */
  private static final int POLLED = 16;

  private final DeviceClock clock;
  private final CharacterPort line;
  private final InterruptLine interrupt;
  private final DeviceTimer timer;
  private final int port;
  private final boolean real;
  private Registers r = new Registers();
  private boolean running;
  /** Reads of the line status since any other access. */
  private int statusReads;

  Uart(DeviceContext context, int number, int port, int irq, String characters, boolean real) throws DeviceException {
    this.port = port;
    this.real = real;
    clock = context.clock();
    interrupt = context.line(irq);
    timer = context.timer(this::expired);
    context.ports(port, 8, this);
    context.provide(IsaDevice.class,
        new IsaDevice("COM" + (number + 1), "PNP0501", number + 1, List.of(new IsaDevice.Ports(port, 8)), List.of(irq)));
    line = context.characters(characters);
    line.onInput(this::update);
  }

  // ---- characters

  /** Takes what has arrived and there is room for. */
  private void receive() {
    while (wanted()) {
      if (clock.nanos() < r.receiveAt) {
        return;
      }
      arrive(line.receive());
      r.receiveAt = real ? clock.nanos() + r.characterNanos() : -1;
    }
  }

  /** A character waits, there is room for it, and the guest listens: by interrupt or by polling. */
  private boolean wanted() {
    return ((r.ier & 1) != 0 || r.listening) && r.received.count() < r.capacity() && !r.loop() && line.available();
  }

  /** What waits already goes on waiting while a driver that has not taken a character yet may still be setting the port up. */
  private void settle() {
    if (!r.listening && line.available()) {
      r.receiveAt = clock.nanos() + SETTLED_NANOS;
    }
  }

  private void arrive(int entry) {
    if (r.received.count() >= r.capacity()) {
      r.overrun = true;
      if (!r.fifos()) {
        r.received.replaceLast(entry);
      }
      return;
    }
    r.received.add(entry);
    r.timedOut = false;
    r.timeoutAt = r.fifos() ? clock.nanos() + 4 * r.characterNanos() : -1;
  }

  private void transmit(int value) {
    r.emptied = false;
    if (!real) {
      put(value);
      r.emptied = true;
      return;
    }
    if (r.toSend.count() < r.capacity()) {
      r.toSend.add(value);
      if (r.sentAt < 0) {
        r.sentAt = clock.nanos() + r.characterNanos();
      }
    }
  }

  private void put(int value) {
    int character = value & 0xFF >> 3 - (r.lcr & 3);
    if (r.loop()) {
      arrive(character);
    } else {
      line.send(character);
    }
  }

  private void expired() {
    long now = clock.nanos();
    if (r.timeoutAt >= 0 && now >= r.timeoutAt) {
      r.timeoutAt = -1;
      r.timedOut = !r.received.empty();
    }
    while (r.sentAt >= 0 && now >= r.sentAt) {
      put(r.toSend.remove());
      r.emptied |= r.toSend.empty();
      r.sentAt = r.toSend.empty() ? -1 : r.sentAt + r.characterNanos();
    }
    update();
  }

  /** Brings receiver, interrupt line and timer up to date with the registers. */
  private void update() {
    if (!running) {
      return; // input waits in the back end
    }
    receive();
    interrupt.set((r.mcr & MCR_OUT2) != 0 && !r.loop() && identification() != 1);
    long next = Long.MAX_VALUE;
    next = r.timeoutAt >= 0 && !r.received.empty() ? r.timeoutAt : next;
    next = r.sentAt >= 0 ? Math.min(next, r.sentAt) : next;
    next = wanted() ? Math.min(next, r.receiveAt) : next;
    if (next == Long.MAX_VALUE) {
      timer.cancel();
    } else {
      timer.at(next);
    }
  }

  /** IIR bits 3-0: the pending interrupt of highest priority, or 1. */
  private int identification() {
    if ((r.ier & 4) != 0 && (lineStatus() & 0x1E) != 0) {
      return 0x6;
    }
    if ((r.ier & 1) != 0 && r.received.count() >= r.trigger()) {
      return 0x4;
    }
    if ((r.ier & 1) != 0 && r.timedOut && !r.received.empty()) {
      return 0xC;
    }
    if ((r.ier & 2) != 0 && r.emptied) {
      return 0x2;
    }
    return (r.ier & 8) != 0 && (r.msr & 0x0F) != 0 ? 0x0 : 0x1;
  }

  /** LSR: FIFO error, transmitter empty, holding register empty, break, framing, parity, overrun, data ready. */
  private int lineStatus() {
    return (r.fifos() && r.received.hasErrors() ? 0x80 : 0) | (r.toSend.empty() ? 0x60 : 0) | r.received.first() >> 8
        | (r.overrun ? 2 : 0) | (r.received.empty() ? 0 : 1);
  }

  // ---- registers

  @Override public int readByte(int port) {
    int register = port - this.port;
    statusReads = register == LINE_STATUS ? statusReads + 1 : 0;
    if (statusReads >= POLLED && !r.listening) {
      r.listening = true;
      update();
    }
    int value = read(register);
    update();
    return value;
  }

  private int read(int register) {
    boolean divisorLatch = (r.lcr & LCR_DIVISOR) != 0;
    return switch (register) {
      case 0 -> divisorLatch ? r.divisor & 0xFF : takeReceived();
      case 1 -> divisorLatch ? r.divisor >> 8 : r.ier;
      case 2 -> takeIdentification();
      case 3 -> r.lcr;
      case 4 -> r.mcr;
      case LINE_STATUS -> takeLineStatus();
      case 6 -> {
        int status = r.msr;
        r.msr &= 0xF0;
        yield status;
      }
      default -> r.scratch;
    };
  }

  private int takeReceived() {
    if (r.received.empty()) {
      return 0;
    }
    r.timedOut = false;
    r.listening |= !r.loop();
    int value = r.received.remove() & 0xFF;
    r.timeoutAt = r.fifos() && !r.received.empty() ? clock.nanos() + 4 * r.characterNanos() : -1;
    return value;
  }

  private int takeIdentification() {
    int id = identification();
    if (id == 0x2) {
      r.emptied = false;
    }
    return id | (r.fifos() ? 0xC0 : 0);
  }

  private int takeLineStatus() {
    int status = lineStatus();
    r.overrun = false;
    r.received.forgetFirstErrors(); // the character stays
    return status;
  }

  @Override public void writeByte(int port, int value) {
    statusReads = 0;
    write(port - this.port, value);
    update();
  }

  private void write(int register, int value) {
    switch (register) {
      case 0 -> {
        if ((r.lcr & LCR_DIVISOR) != 0) {
          r.divisor = r.divisor & 0xFF00 | value;
        } else {
          transmit(value);
        }
      }
      case 1 -> {
        if ((r.lcr & LCR_DIVISOR) != 0) {
          r.divisor = r.divisor & 0xFF | value << 8;
        } else {
          // Enabling the transmitter's interrupt while it is empty raises it
          r.emptied |= (value & ~r.ier & 2) != 0 && r.toSend.empty();
          if ((value & ~r.ier & 1) != 0) {
            settle();
          }
          r.ier = value & 0x0F;
        }
      }
      case 2 -> writeFifoControl(value);
      case 3 -> {
        if (r.loop() && (value & ~r.lcr & LCR_BREAK) != 0) {
          arrive(ERROR_BREAK << 8); // a break that comes back is a zero with its error bit
        }
        r.lcr = value;
      }
      case 4 -> writeModemControl(value & 0x1F);
      case 7 -> r.scratch = value;
      default -> { } // line and modem status are read-only
    }
  }

  /** FCR: trigger 7-6, DMA mode 3, clear transmitter 2, clear receiver 1, enable 0. */
  private void writeFifoControl(int value) {
    boolean switched = ((value ^ r.fcr) & 1) != 0; // which clears both
    if (switched || (value & 2) != 0) {
      r.received.clear();
      r.listening = false;
      settle();
      r.timedOut = false;
      r.timeoutAt = -1;
    }
    if (switched || (value & 4) != 0) {
      r.emptied |= !r.toSend.empty();
      r.toSend.clear();
      r.sentAt = -1;
    }
    r.fcr = (value & 1) != 0 ? value & 0xC9 : 0;
  }

  private void writeModemControl(int value) {
    r.mcr = value;
    // Looped back, DTR, RTS, OUT1 and OUT2 are DSR, CTS, RI and DCD
    int inputs = r.loop()
        ? (value & 2) << 3 | (value & 1) << 5 | (value & 4) << 4 | (value & 8) << 4
        : MSR_CONNECTED;
    int changed = inputs ^ r.msr;
    int deltas = changed >> 4 & 0x0B | (changed & ~inputs & 0x40) >> 4; // RI counts when it ends
    r.msr = inputs | r.msr & 0x0F | deltas;
  }

  // ---- lifecycle

  @Override public void start() {
    resume();
  }

  @Override public void pause() {
    running = false;
  }

  @Override public void resume() {
    running = true;
    update();
  }

  @Override public void reset() {
    r = new Registers();
    update();
  }

  @Override public void halt() {
    running = false;
    timer.cancel();
  }

  @Override public DeviceState export() {
    StateWriter w = new StateWriter();
    r.export(w);
    return w.toState(SCHEMA, 1);
  }

  @Override public void restore(DeviceState state) throws StateException {
    StateReader in = state.open(SCHEMA, 1);
    Registers fresh = Registers.restored(in);
    in.finish();
    r = fresh;
  }
}
