package annulus.device.uart;

import annulus.arch.StateException;
import annulus.arch.StateReader;
import annulus.arch.StateWriter;

/** Registers of a 16550A (PC16550D data sheet, section 8), without behaviour. */
final class Registers {
  static final int LCR_DIVISOR = 0x80;
  static final int LCR_BREAK = 0x40;
  static final int MCR_OUT2 = 0x08;
  static final int MCR_LOOP = 0x10;
  /** Modem inputs of a terminal that is always there: CTS, DSR, DCD. */
  static final int MSR_CONNECTED = 0xB0;

  int ier;
  int fcr;
  /** 8 bits, no parity, 1 stop bit, as firmware leaves a console: small programs write to it without setting it up. */
  int lcr = 3;
  int mcr;
  int msr = MSR_CONNECTED;
  int scratch;
  /** 9600 baud. */
  int divisor = 12;
  /** The guest has taken a character since it cleared the FIFOs, or waits for one by reading the line status. */
  boolean listening;
  boolean overrun;
  /** The transmitter has run empty and nobody has seen it. */
  boolean emptied;
  /** Received characters have waited too long below the trigger level. */
  boolean timedOut;
  /** When the character in the receiver's FIFO times out, the transmitter is done with one, the next can arrive; -1 for never. */
  long timeoutAt = -1;
  long sentAt = -1;
  long receiveAt = -1;
  Fifo received = new Fifo();
  Fifo toSend = new Fifo();

  boolean fifos() {
    return (fcr & 1) != 0;
  }

  int trigger() {
    return fifos() ? new int[] {1, 4, 8, 14}[fcr >> 6] : 1;
  }

  int capacity() {
    return fifos() ? Fifo.SIZE : 1;
  }

  boolean loop() {
    return (mcr & MCR_LOOP) != 0;
  }

  /** Nanoseconds a character takes on the line: start, 5 to 8 data bits, parity, stop; the clock is 1.8432 MHz / 16. */
  long characterNanos() {
    int bits = 7 + (lcr & 3) + (lcr >> 3 & 1) + (lcr >> 2 & 1);
    return bits * (divisor == 0 ? 0x10000L : divisor) * 1_000_000_000L / 115_200;
  }

  void export(StateWriter w) {
    w.put("ier", ier).put("fcr", fcr).put("lcr", lcr).put("mcr", mcr).put("msr", msr).put("scratch", scratch)
        .put("divisor", divisor).put("listening", listening).put("overrun", overrun).put("emptied", emptied)
        .put("timedOut", timedOut).put("timeoutAt", timeoutAt).put("sentAt", sentAt).put("receiveAt", receiveAt)
        .put("received", received.bytes()).put("toSend", toSend.bytes());
  }

  static Registers restored(StateReader in) throws StateException {
    Registers r = new Registers();
    r.ier = in.getInt("ier", 0, 0x0F);
    r.fcr = in.getInt("fcr", 0, 0xFF);
    r.lcr = in.getInt("lcr", 0, 0xFF);
    r.mcr = in.getInt("mcr", 0, 0x1F);
    r.msr = in.getInt("msr", 0, 0xFF);
    r.scratch = in.getInt("scratch", 0, 0xFF);
    r.divisor = in.getInt("divisor", 0, 0xFFFF);
    r.listening = in.getBoolean("listening");
    r.overrun = in.getBoolean("overrun");
    r.emptied = in.getBoolean("emptied");
    r.timedOut = in.getBoolean("timedOut");
    r.timeoutAt = in.getLong("timeoutAt");
    r.sentAt = in.getLong("sentAt");
    r.receiveAt = in.getLong("receiveAt");
    r.received = Fifo.of("received", in.getBytes("received"));
    r.toSend = Fifo.of("toSend", in.getBytes("toSend"));
    if (r.toSend.empty() != (r.sentAt < 0)) {
      throw new StateException("field sentAt is " + r.sentAt + " with " + r.toSend.count() + " characters to send");
    }
    return r;
  }
}
