package annulus.device.pit;

import annulus.arch.StateException;
import annulus.arch.StateReader;
import annulus.arch.StateWriter;

/**
 * One of the 8254's counters, computed from the time at which its count was loaded (Intel 8254 data sheet, order 231164). Times
 * are ticks of the 1.193182 MHz input; nothing happens between accesses.
 */
final class Counter {
  private static final long NEVER = -1;
  /** In ticks: 20 microseconds. */
  private static final int SHORTEST_PERIOD = 24;

  private int mode;
  private boolean bcd;
  /** Read/write format: 1 low byte, 2 high byte, 3 both. */
  private int format = 3;
  /** The count in force, 1 to 65,536. */
  private int count = 0x10000;
  /** A count that takes effect at the end of the period (modes 2, 3) or at the next trigger (1, 5); 0 when there is none. */
  private int next;
  /** A count was written since the control word. */
  private boolean loaded;
  /** The tick at which counting began, while it goes on. */
  private long origin = NEVER;
  /** Ticks that had been counted when counting was stopped by the gate or a half-written count. */
  private long elapsed;
  private boolean gate;
  private int lowByte;
  private boolean lowWritten;
  private boolean highNext;
  private int latched = -1;
  private int latchedStatus = -1;

  Counter(boolean gate) {
    this.gate = gate;
  }

  boolean gate() {
    return gate;
  }

  private boolean periodic() {
    return mode == 2 || mode == 3;
  }

  private boolean triggered() {
    return mode == 1 || mode == 5;
  }

  private long counted(long now) {
    return origin == NEVER ? elapsed : now - origin;
  }

  /** Brings a count into force that was waiting for the end of the period. */
  void settle(long now) {
    if (periodic() && next != 0 && origin != NEVER && now - origin >= count) {
      origin += count;
      count = next;
      next = 0;
    }
  }

  private void stop(long now) {
    elapsed = counted(now);
    origin = NEVER;
  }

  /** The control word: SC1 SC0 RW1 RW0 M2 M1 M0 BCD, RW not 0. */
  void control(int word) {
    format = word >> 4 & 3;
    mode = word >> 1 & 7;
    if (mode > 5) {
      mode -= 4; // M2 is a don't-care in modes 2 and 3
    }
    bcd = (word & 1) != 0;
    loaded = false;
    origin = NEVER;
    elapsed = 0;
    next = 0;
    lowWritten = false;
    highNext = false;
    latched = -1;
    latchedStatus = -1;
  }

  void write(int value, long now) {
    settle(now);
    if (format == 3 && !lowWritten) {
      lowByte = value;
      lowWritten = true;
      if (mode == 0 && loaded) { // the first byte of a new count stops mode 0
        origin = NEVER;
        elapsed = 0;
        loaded = false;
      }
      return;
    }
    lowWritten = false;
    load(decode(format == 1 ? value : format == 2 ? value << 8 : value << 8 | lowByte), now);
  }

  private void load(int value, long now) {
    if ((triggered() || periodic()) && origin != NEVER) {
      next = value;
      return;
    }
    count = value;
    next = 0;
    loaded = true;
    elapsed = 0;
    origin = gate && !triggered() ? now : NEVER;
  }

  private int decode(int written) {
    if (!bcd) {
      return written == 0 ? 0x10000 : written;
    }
    int n = (written >> 12 & 15) * 1000 + (written >> 8 & 15) * 100 + (written >> 4 & 15) * 10 + (written & 15);
    return n == 0 ? 10000 : Math.min(n, 0x10000); // digits above 9 are the guest's mistake, not a count out of range
  }

  private int encode(long value) {
    if (!bcd) {
      return (int) value & 0xFFFF;
    }
    int n = Math.floorMod(value, 10000);
    return n / 1000 << 12 | n / 100 % 10 << 8 | n / 10 % 10 << 4 | n % 10;
  }

  void setGate(boolean high, long now) {
    settle(now);
    if (high == gate) {
      return;
    }
    gate = high;
    if (triggered()) {
      if (high && loaded) {
        takeNext();
        origin = now;
      }
    } else if (!high) {
      stop(now);
    } else if (loaded) {
      takeNext();
      origin = periodic() ? now : now - elapsed; // a rising gate starts a period anew, and lets the other modes go on
    }
  }

  private void takeNext() {
    if (next != 0) {
      count = next;
      next = 0;
    }
  }

  /** OUT. */
  boolean output(long now) {
    settle(now);
    long n = counted(now);
    return switch (mode) {
      case 0 -> loaded && n >= count;
      case 1 -> origin == NEVER || n >= count;
      case 2 -> origin == NEVER || n % count != count - 1;
      case 3 -> origin == NEVER || n % count < (count + 1) / 2;
      default -> origin == NEVER || n != count; // 4 and 5: low for the tick after the last
    };
  }

  /** The tick after {@code now} at which OUT rises, or -1 when it does not while nothing is written. */
  long nextRise(long now) {
    settle(now);
    if (origin == NEVER) {
      return NEVER;
    }
    long n = now - origin;
    if (periodic()) {
      // Periods too short for any host are coalesced: a guest must not keep the machine's timers busy for ever
      return origin + ((n + Math.max(0, SHORTEST_PERIOD - count)) / count + 1) * count;
    }
    long rise = mode >= 4 ? count + 1L : count;
    return n < rise ? origin + rise : NEVER;
  }

  private int value(long now) {
    settle(now);
    long n = counted(now);
    return switch (mode) {
      case 2 -> encode(count - n % count);
      case 3 -> {
        // Counts down by two, twice per period; an odd count spends its extra tick in the high half
        long p = n % count;
        int high = (count + 1) / 2;
        yield encode((count & ~1) - 2 * (p < high ? p : p - high));
      }
      default -> encode(count - n);
    };
  }

  void latchCount(long now) {
    if (latched < 0) {
      latched = value(now);
    }
  }

  /** Status: OUT, null count, RW1 RW0, M2 M1 M0, BCD. */
  void latchStatus(long now) {
    if (latchedStatus < 0) {
      boolean out = output(now);
      latchedStatus = (out ? 0x80 : 0) | (!loaded || next != 0 ? 0x40 : 0) | format << 4 | mode << 1 | (bcd ? 1 : 0);
    }
  }

  int read(long now) {
    if (latchedStatus >= 0) {
      int status = latchedStatus;
      latchedStatus = -1;
      return status;
    }
    int value = latched >= 0 ? latched : value(now);
    boolean high = format == 2 || format == 3 && highNext;
    if (format == 3) {
      highNext = !highNext;
    }
    if (format != 3 || high) {
      latched = -1;
    }
    return (high ? value >> 8 : value) & 0xFF;
  }

  void export(StateWriter w, String p) {
    w.put(p + "mode", mode).put(p + "bcd", bcd).put(p + "format", format).put(p + "count", count).put(p + "next", next)
        .put(p + "loaded", loaded).put(p + "origin", origin).put(p + "elapsed", elapsed).put(p + "gate", gate)
        .put(p + "lowByte", lowByte).put(p + "lowWritten", lowWritten).put(p + "highNext", highNext)
        .put(p + "latched", latched).put(p + "latchedStatus", latchedStatus);
  }

  static Counter restored(StateReader r, String p, long now) throws StateException {
    Counter c = new Counter(r.getBoolean(p + "gate"));
    c.mode = r.getInt(p + "mode", 0, 5);
    c.bcd = r.getBoolean(p + "bcd");
    c.format = r.getInt(p + "format", 1, 3);
    c.count = r.getInt(p + "count", 1, 0x10000);
    c.next = r.getInt(p + "next", 0, 0x10000);
    c.loaded = r.getBoolean(p + "loaded");
    c.origin = r.getLong(p + "origin");
    c.elapsed = r.getLong(p + "elapsed");
    c.lowByte = r.getInt(p + "lowByte", 0, 0xFF);
    c.lowWritten = r.getBoolean(p + "lowWritten");
    c.highNext = r.getBoolean(p + "highNext");
    c.latched = r.getInt(p + "latched", -1, 0xFFFF);
    c.latchedStatus = r.getInt(p + "latchedStatus", -1, 0xFF);
    if (c.origin > now || c.elapsed < 0) {
      throw new StateException("counting of " + p + " began at tick " + c.origin + " after " + c.elapsed
          + " ticks; it must have begun by now, tick " + now);
    }
    return c;
  }
}
