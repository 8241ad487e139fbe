package annulus.device.i8042;

import annulus.arch.StateException;
import annulus.arch.StateReader;
import annulus.arch.StateWriter;

/** A PS/2 mouse with two buttons that nobody moves (IBM PS/2 Hardware Interface Technical Reference, mouse commands). */
final class Mouse extends Ps2Device {
  private int rate = 100;
  private int resolution = 2;
  private boolean doubled;
  private boolean remote;

  Mouse() {
    super("mouse.");
  }

  private void defaults() {
    rate = 100;
    resolution = 2;
    doubled = false;
    remote = false;
    enabled = false;
  }

  @Override void command(int command) {
    switch (command) {
      case 0xE6, 0xE7 -> {
        doubled = command == 0xE7;
        queue(ACKNOWLEDGE);
      }
      case 0xE8, 0xF3 -> { // resolution, sample rate: an argument follows
        awaiting = command;
        queue(ACKNOWLEDGE);
      }
      case 0xE9 -> queue(ACKNOWLEDGE, (remote ? 0x40 : 0) | (enabled ? 0x20 : 0) | (doubled ? 0x10 : 0), resolution, rate);
      case 0xEA, 0xF0 -> {
        remote = command == 0xF0;
        queue(ACKNOWLEDGE);
      }
      case 0xEB -> queue(ACKNOWLEDGE, 0x08, 0, 0); // no button, no movement
      case 0xF2 -> queue(ACKNOWLEDGE, 0x00);
      case 0xF4, 0xF5 -> {
        enabled = command == 0xF4;
        queue(ACKNOWLEDGE);
      }
      case 0xF6 -> {
        defaults();
        queue(ACKNOWLEDGE);
      }
      case 0xFE -> queue(last);
      case 0xFF -> {
        defaults();
        queue(ACKNOWLEDGE, TEST_PASSED, 0x00);
      }
      default -> queue(RESEND);
    }
  }

  @Override void argument(int command, int value) {
    if (command == 0xE8) {
      resolution = value & 3;
    } else {
      rate = value;
    }
    queue(ACKNOWLEDGE);
  }

  @Override void export(StateWriter w) {
    super.export(w);
    w.put("mouse.rate", rate).put("mouse.resolution", resolution).put("mouse.doubled", doubled).put("mouse.remote", remote);
  }

  @Override void restore(StateReader r) throws StateException {
    super.restore(r);
    rate = r.getInt("mouse.rate", 0, 0xFF);
    resolution = r.getInt("mouse.resolution", 0, 3);
    doubled = r.getBoolean("mouse.doubled");
    remote = r.getBoolean("mouse.remote");
  }
}
