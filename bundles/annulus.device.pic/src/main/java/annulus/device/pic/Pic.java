package annulus.device.pic;

import annulus.arch.StateException;
import annulus.arch.StateReader;
import annulus.arch.StateWriter;

/** One 8259A: its registers and their rules (Intel 8259A data sheet, order 231468), without the wiring around it. */
final class Pic {
  /** Inputs that ELCR can make level-triggered. */
  private final int elcrMask;
  /** Inputs another 8259A is on. */
  private final int cascades;

  private int lines;
  private int irr;
  private int isr;
  private int imr;
  private int elcr;
  private int vectorBase;
  /** The input of lowest priority: 7 unless rotated. */
  private int lowest = 7;
  /** The initialization word port A0=1 waits for: 2, 3, 4, or 0 when initialized. */
  private int awaited;
  private boolean single;
  private boolean wantsIcw4;
  private boolean levelMode;
  private boolean autoEoi;
  private boolean rotateOnAutoEoi;
  private boolean specialMask;
  private boolean fullyNested;
  private boolean poll;
  private boolean readIsr;

  Pic(int elcrMask, int cascades) {
    this.elcrMask = elcrMask;
    this.cascades = cascades;
  }

  /** As after power-on, but with the inputs as they are. */
  Pic reset() {
    Pic fresh = new Pic(elcrMask, cascades);
    fresh.lines = lines;
    return fresh;
  }

  private boolean levelTriggered(int bit) {
    return levelMode || (elcr & bit) != 0;
  }

  /** An input changes. An edge stays latched when the input falls, so that a pulse is not lost. */
  void input(int n, boolean high) {
    int bit = 1 << n;
    if (levelTriggered(bit)) {
      irr = high ? irr | bit : irr & ~bit;
    } else if (high && (lines & bit) == 0) {
      irr |= bit;
    }
    lines = high ? lines | bit : lines & ~bit;
  }

  /** The request to be served next, or -1: unmasked, and above everything in service. */
  int request() {
    int requests = irr & ~imr;
    if (requests == 0) {
      return -1;
    }
    // In special mask mode a masked level in service blocks nobody; in special fully nested mode the master lets the slave
    // interrupt itself (data sheet: special mask mode, special fully nested mode).
    int blocking = specialMask ? isr & ~imr : isr;
    if (fullyNested) {
      blocking &= ~cascades;
    }
    for (int i = 1; i <= 8; i++) {
      int n = lowest + i & 7;
      if ((blocking & 1 << n) != 0) {
        return -1;
      }
      if ((requests & 1 << n) != 0) {
        return n;
      }
    }
    return -1;
  }

  /** The acknowledge cycle for input {@code n}. @return its vector */
  int acknowledge(int n) {
    int bit = 1 << n;
    if (!levelTriggered(bit)) {
      irr &= ~bit;
    }
    if (autoEoi) {
      if (rotateOnAutoEoi) {
        lowest = n;
      }
    } else {
      isr |= bit;
    }
    return vectorBase | n;
  }

  /** The vector given when the request has gone before its acknowledge: that of input 7, without a bit in service. */
  int spurious() {
    return vectorBase | 7;
  }

  /** The poll command is in force and the next read acknowledges. */
  boolean polled() {
    boolean was = poll;
    poll = false;
    return was;
  }

  int read(boolean a0) {
    return a0 ? imr : readIsr ? isr : irr;
  }

  void write(boolean a0, int value) {
    if (a0) {
      writeData(value);
    } else if ((value & 0x10) != 0) {
      initialize(value);
    } else if ((value & 0x08) != 0) {
      operate(value);
    } else {
      endOfInterrupt(value >> 5, value & 7);
    }
  }

  /** ICW1: 0 0 0 1 LTIM ADI SNGL IC4. */
  private void initialize(int icw1) {
    levelMode = (icw1 & 0x08) != 0;
    single = (icw1 & 0x02) != 0;
    wantsIcw4 = (icw1 & 0x01) != 0;
    awaited = 2;
    imr = 0;
    isr = 0;
    // The edge sense circuit is reset: an input that is high must fall and rise again
    irr = levelMode ? lines : lines & elcr;
    lowest = 7;
    specialMask = false;
    readIsr = false;
    poll = false;
    autoEoi = false;
    fullyNested = false;
    rotateOnAutoEoi = false;
  }

  private void writeData(int value) {
    switch (awaited) {
      case 2 -> {
        vectorBase = value & 0xF8;
        awaited = single ? wantsIcw4 ? 4 : 0 : 3;
      }
      case 3 -> awaited = wantsIcw4 ? 4 : 0; // the cascade is wired, so ICW3 tells nothing new
      case 4 -> { // ICW4: 0 0 0 SFNM BUF M/S AEOI uPM
        fullyNested = (value & 0x10) != 0;
        autoEoi = (value & 0x02) != 0;
        awaited = 0;
      }
      default -> imr = value;
    }
  }

  /** OCW3: 0 ESMM SMM 0 1 P RR RIS. */
  private void operate(int value) {
    if ((value & 0x40) != 0) {
      specialMask = (value & 0x20) != 0;
    }
    poll = (value & 0x04) != 0;
    if ((value & 0x02) != 0) {
      readIsr = (value & 0x01) != 0;
    }
  }

  /** OCW2: R SL EOI 0 0 L2 L1 L0; {@code command} is R SL EOI, {@code level} L2-L0. */
  private void endOfInterrupt(int command, int level) {
    switch (command) {
      case 0 -> rotateOnAutoEoi = false;
      case 4 -> rotateOnAutoEoi = true;
      case 1, 5 -> {
        int n = highestInService();
        if (n >= 0) {
          isr &= ~(1 << n);
          if (command == 5) {
            lowest = n;
          }
        }
      }
      case 3 -> isr &= ~(1 << level);
      case 6 -> lowest = level;
      case 7 -> {
        isr &= ~(1 << level);
        lowest = level;
      }
      default -> { } // 2: no operation
    }
  }

  private int highestInService() {
    // A non-specific EOI does not clear what the special mask hides
    int candidates = specialMask ? isr & ~imr : isr;
    for (int i = 1; i <= 8; i++) {
      int n = lowest + i & 7;
      if ((candidates & 1 << n) != 0) {
        return n;
      }
    }
    return -1;
  }

  int elcr() {
    return elcr;
  }

  void setElcr(int value) {
    elcr = value & elcrMask;
    irr = irr & ~elcr | lines & elcr;
  }

  void export(StateWriter w, String p) {
    w.put(p + "lines", lines).put(p + "irr", irr).put(p + "isr", isr).put(p + "imr", imr).put(p + "elcr", elcr)
        .put(p + "vectorBase", vectorBase).put(p + "lowest", lowest).put(p + "awaited", awaited).put(p + "single", single)
        .put(p + "wantsIcw4", wantsIcw4).put(p + "levelMode", levelMode).put(p + "autoEoi", autoEoi)
        .put(p + "rotateOnAutoEoi", rotateOnAutoEoi).put(p + "specialMask", specialMask).put(p + "fullyNested", fullyNested)
        .put(p + "poll", poll).put(p + "readIsr", readIsr);
  }

  /** A chip wired as this one, with the state in {@code r}. */
  Pic restored(StateReader r, String p) throws StateException {
    Pic c = new Pic(elcrMask, cascades);
    c.lines = r.getInt(p + "lines", 0, 0xFF);
    c.irr = r.getInt(p + "irr", 0, 0xFF);
    c.isr = r.getInt(p + "isr", 0, 0xFF);
    c.imr = r.getInt(p + "imr", 0, 0xFF);
    c.elcr = r.getInt(p + "elcr", 0, 0xFF) & elcrMask;
    c.vectorBase = r.getInt(p + "vectorBase", 0, 0xF8) & 0xF8;
    c.lowest = r.getInt(p + "lowest", 0, 7);
    c.awaited = r.getInt(p + "awaited", 0, 4);
    c.single = r.getBoolean(p + "single");
    c.wantsIcw4 = r.getBoolean(p + "wantsIcw4");
    c.levelMode = r.getBoolean(p + "levelMode");
    c.autoEoi = r.getBoolean(p + "autoEoi");
    c.rotateOnAutoEoi = r.getBoolean(p + "rotateOnAutoEoi");
    c.specialMask = r.getBoolean(p + "specialMask");
    c.fullyNested = r.getBoolean(p + "fullyNested");
    c.poll = r.getBoolean(p + "poll");
    c.readIsr = r.getBoolean(p + "readIsr");
    return c;
  }
}
