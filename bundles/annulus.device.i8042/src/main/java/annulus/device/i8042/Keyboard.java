package annulus.device.i8042;

import annulus.arch.StateException;
import annulus.arch.StateReader;
import annulus.arch.StateWriter;

/** A PS/2 keyboard (IBM PS/2 Hardware Interface Technical Reference, keyboard commands). */
final class Keyboard extends Ps2Device {
  private int set = 2;
  private int leds;

  Keyboard() {
    super("keyboard.");
    enabled = true; // scans after power-on without being asked
  }

  /** A byte of a key's set 1 code: make, break or prefix. */
  void key(int set1) {
    if (!enabled) {
      return; // nobody scans the keys
    }
    if (set == 1 || set1 == 0xE0 || set1 == 0xE1) {
      queue(set1);
    } else if ((set1 & 0x80) != 0) {
      queue(0xF0, ScanCodes.toSet2(set1));
    } else {
      queue(ScanCodes.toSet2(set1));
    }
  }

  private void defaults() {
    set = 2;
    leds = 0;
  }

  @Override void command(int command) {
    switch (command) {
      case 0xED, 0xF0, 0xF3 -> { // LEDs, scan code set, typematic rate: an argument follows
        awaiting = command;
        queue(ACKNOWLEDGE);
      }
      case 0xEE -> queue(0xEE); // echo
      case 0xF2 -> queue(ACKNOWLEDGE, 0xAB, 0x83); // identify
      case 0xF4 -> {
        enabled = true;
        queue(ACKNOWLEDGE);
      }
      case 0xF5, 0xF6 -> {
        defaults();
        enabled = command == 0xF6 && enabled;
        queue(ACKNOWLEDGE);
      }
      case 0xFE -> queue(last);
      case 0xFF -> {
        defaults();
        enabled = true;
        queue(ACKNOWLEDGE, TEST_PASSED);
      }
      default -> queue(RESEND);
    }
  }

  @Override void argument(int command, int value) {
    switch (command) {
      case 0xED -> {
        leds = value & 7;
        queue(ACKNOWLEDGE);
      }
      case 0xF0 -> {
        if (value == 0) {
          queue(ACKNOWLEDGE, set);
        } else if (value <= 2) {
          set = value;
          queue(ACKNOWLEDGE);
        } else {
          queue(RESEND); // set 3 is not there
        }
      }
      default -> queue(ACKNOWLEDGE); // keys do not repeat by themselves here
    }
  }

  @Override void export(StateWriter w) {
    super.export(w);
    w.put("keyboard.set", set).put("keyboard.leds", leds);
  }

  @Override void restore(StateReader r) throws StateException {
    super.restore(r);
    set = r.getInt("keyboard.set", 1, 2);
    leds = r.getInt("keyboard.leds", 0, 7);
  }
}
