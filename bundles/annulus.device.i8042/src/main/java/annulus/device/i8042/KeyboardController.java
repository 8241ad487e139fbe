package annulus.device.i8042;

import annulus.arch.DeviceState;
import annulus.arch.StateException;
import annulus.arch.StateReader;
import annulus.arch.StateWriter;
import annulus.device.BytePorts;
import annulus.device.CharacterPort;
import annulus.device.Device;
import annulus.device.DeviceContext;
import annulus.device.DeviceException;
import annulus.device.InterruptLine;
import annulus.device.IsaDevice;
import annulus.device.MachineControl;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The 8042 keyboard controller, ports 0x60 and 0x64, with a keyboard and perhaps a mouse.
 *
 * <p>State: complete; keys the guest has not taken yet stay in the back end.
 * <p>Features: command byte, self and interface tests, translation of scan code set 2 to 1, output port with reset (also by pulse
 * 0xFE), loop-back commands, lines 1 and 12; keyboard with sets 1 and 2, identification, LEDs. Keys come from the back end
 * {@code keyboard0} as bytes of scan code set 1: make codes, break codes (bit 7 set), prefixes 0xE0 and 0xE1.
 * <p>Missing: scan code set 3, typematic repeat, movement of the mouse; the A20 bit is kept but changes no address.
 * <p>Documentation: IBM PS/2 Hardware Interface Technical Reference, keyboard and auxiliary device controller; Intel UPI-42 data sheet.
 */
final class KeyboardController implements Device, BytePorts {
  private static final String SCHEMA = "annulus.device.i8042";

  // Status: time-out 6, auxiliary data 5, not inhibited 4, command 3, system 2, input full 1, output full 0
  private static final int OUTPUT_FULL = 0x01;
  private static final int COMMAND = 0x08;
  private static final int NOT_INHIBITED = 0x10;
  private static final int AUXILIARY = 0x20;
  // Command byte: translate 6, auxiliary off 5, keyboard off 4, system 2, auxiliary interrupt 1, keyboard interrupt 0
  private static final int KEYBOARD_INTERRUPT = 0x01;
  private static final int AUXILIARY_INTERRUPT = 0x02;
  private static final int SYSTEM = 0x04;
  private static final int KEYBOARD_OFF = 0x10;
  private static final int AUXILIARY_OFF = 0x20;
  private static final int TRANSLATE = 0x40;
  /** Output port: A20 1, not reset 0. */
  private static final int OUTPUT_PORT = 0x03;

  private final MachineControl machine;
  private final CharacterPort keys;
  private final InterruptLine keyboardLine;
  private final InterruptLine mouseLine;
  private final boolean hasMouse;
  private Keyboard keyboard = new Keyboard();
  private @Nullable Mouse mouse;
  /** RAM: byte 0 is the command byte. */
  private byte[] ram = freshRam();
  private int outputPort = OUTPUT_PORT;
  /** The byte at port 0x60, where it is from, and whether it has not been read. */
  private int output;
  private boolean outputFull;
  private boolean outputIsMouses;
  /** The command whose argument comes next at port 0x60, or 0. */
  private int awaiting;
  private boolean lastWasCommand;
  /** The controller saw the keyboard's break prefix and turns the next code into a set 1 break code. */
  private boolean breaking;
  private boolean running;

  KeyboardController(DeviceContext context, boolean hasMouse) throws DeviceException {
    this.hasMouse = hasMouse;
    machine = context.machine();
    keyboardLine = context.line(1);
    mouseLine = context.line(12);
    mouse = hasMouse ? new Mouse() : null;
    context.ports(0x60, 1, this);
    context.ports(0x64, 1, this);
    context.provide(IsaDevice.class, new IsaDevice("KBD0", "PNP0303", 0,
        List.of(new IsaDevice.Ports(0x60, 1), new IsaDevice.Ports(0x64, 1)), List.of(1)));
    keys = context.characters("keyboard0");
    keys.onInput(this::update);
  }

  /** As firmware leaves it: tested, translating, both interrupts off. */
  private static byte[] freshRam() {
    byte[] ram = new byte[32];
    ram[0] = SYSTEM | TRANSLATE | AUXILIARY_OFF;
    return ram;
  }

  private boolean is(int flag) {
    return (ram[0] & flag) != 0;
  }

  /** Fetches what devices have for the processor, and shows it on the lines. */
  private void update() {
    if (!running) {
      return; // keys wait in the back end
    }
    fetch();
    keyboardLine.set(outputFull && !outputIsMouses && is(KEYBOARD_INTERRUPT));
    mouseLine.set(outputFull && outputIsMouses && is(AUXILIARY_INTERRUPT));
  }

  private void fetch() {
    while (!outputFull) {
      if (!is(KEYBOARD_OFF) && !keyboard.hasBytes() && keys.available()) {
        keyboard.key(keys.receive());
      } else if (!is(KEYBOARD_OFF) && keyboard.hasBytes()) {
        fromKeyboard(keyboard.next());
      } else if (mouse != null && !is(AUXILIARY_OFF) && mouse.hasBytes()) {
        put(mouse.next(), true);
      } else {
        return;
      }
    }
  }

  private void fromKeyboard(int code) {
    if (!is(TRANSLATE)) {
      put(code, false);
    } else if (code == 0xF0) {
      breaking = true;
    } else {
      put(ScanCodes.toSet1(code) | (breaking ? 0x80 : 0), false);
      breaking = false;
    }
  }

  private void put(int value, boolean isMouses) {
    output = value;
    outputFull = true;
    outputIsMouses = isMouses;
  }

  @Override public int readByte(int port) {
    if (port == 0x64) {
      return (outputFull ? OUTPUT_FULL : 0) | (outputFull && outputIsMouses ? AUXILIARY : 0) | ram[0] & SYSTEM
          | (lastWasCommand ? COMMAND : 0) | NOT_INHIBITED;
    }
    int value = output;
    outputFull = false;
    // The lines fall with each byte taken, so that the next one is a new edge
    keyboardLine.set(false);
    mouseLine.set(false);
    update();
    return value;
  }

  @Override public void writeByte(int port, int value) {
    lastWasCommand = port == 0x64;
    if (lastWasCommand) {
      awaiting = 0;
      command(value);
    } else {
      int command = awaiting;
      awaiting = 0;
      data(command, value);
    }
    update();
  }

  private void command(int command) {
    switch (command) {
      case 0xA7 -> ram[0] |= AUXILIARY_OFF;
      case 0xA8 -> ram[0] &= ~AUXILIARY_OFF;
      case 0xA9 -> put(hasMouse ? 0x00 : 0x01, false); // 1: the clock line is stuck low, nothing drives it
      case 0xAA -> {
        ram[0] |= SYSTEM;
        put(0x55, false);
      }
      case 0xAB -> put(0x00, false);
      case 0xAD -> ram[0] |= KEYBOARD_OFF;
      case 0xAE -> ram[0] &= ~KEYBOARD_OFF;
      case 0xC0 -> put(0x80, false); // input port: keyboard not locked
      case 0xD0 -> put(outputPort | (outputFull ? outputIsMouses ? 0x20 : 0x10 : 0), false);
      case 0xD1, 0xD2, 0xD3, 0xD4 -> awaiting = command;
      case 0xE0 -> put(0x00, false); // test inputs
      default -> {
        if (command >= 0x20 && command < 0x40) {
          put(ram[command & 0x1F] & 0xFF, false);
        } else if (command >= 0x60 && command < 0x80) {
          awaiting = command;
        } else if (command >= 0xF0 && (command & 1) == 0) {
          machine.reset("keyboard controller command 0x%x".formatted(command)); // pulses output bit 0
        }
      }
    }
  }

  private void data(int command, int value) {
    switch (command) {
      case 0 -> {
        ram[0] &= ~KEYBOARD_OFF; // a byte for the keyboard turns it on
        keyboard.receive(value);
        breaking = false;
      }
      case 0xD1 -> {
        outputPort = value & OUTPUT_PORT;
        if ((value & 1) == 0) {
          machine.reset("keyboard controller output port");
        }
      }
      case 0xD2 -> put(value, false);
      case 0xD3 -> put(value, hasMouse); // without an auxiliary port the loop is the keyboard's
      case 0xD4 -> {
        if (mouse != null) {
          ram[0] &= ~AUXILIARY_OFF;
          mouse.receive(value);
        } else {
          put(Ps2Device.RESEND, false);
        }
      }
      default -> ram[command & 0x1F] = (byte) value; // 0x60 to 0x7F
    }
  }

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
    keyboard = new Keyboard();
    mouse = hasMouse ? new Mouse() : null;
    ram = freshRam();
    outputPort = OUTPUT_PORT;
    output = 0;
    outputFull = false;
    outputIsMouses = false;
    awaiting = 0;
    lastWasCommand = false;
    breaking = false;
    update();
  }

  @Override public void halt() {
    running = false;
  }

  @Override public DeviceState export() {
    StateWriter w = new StateWriter().put("ram", ram).put("outputPort", outputPort).put("output", output)
        .put("outputFull", outputFull).put("outputIsMouses", outputIsMouses).put("awaiting", awaiting)
        .put("lastWasCommand", lastWasCommand).put("breaking", breaking).put("mouse", hasMouse);
    keyboard.export(w);
    if (mouse != null) {
      mouse.export(w);
    }
    return w.toState(SCHEMA, 1);
  }

  @Override public void restore(DeviceState state) throws StateException {
    StateReader r = state.open(SCHEMA, 1);
    byte[] newRam = r.getBytes("ram");
    if (newRam.length != ram.length) {
      throw new StateException("field ram has " + newRam.length + " bytes; it must have " + ram.length);
    }
    int newOutputPort = r.getInt("outputPort", 0, OUTPUT_PORT);
    int newOutput = r.getInt("output", 0, 0xFF);
    boolean newFull = r.getBoolean("outputFull");
    boolean newIsMouses = r.getBoolean("outputIsMouses");
    int newAwaiting = r.getInt("awaiting", 0, 0xFF);
    boolean newLast = r.getBoolean("lastWasCommand");
    boolean newBreaking = r.getBoolean("breaking");
    if (r.getBoolean("mouse") != hasMouse) {
      throw new StateException("the saved machine has " + (hasMouse ? "no mouse, this one has: aux=none" : "a mouse: aux=mouse")
          + " would be right");
    }
    Keyboard newKeyboard = new Keyboard();
    newKeyboard.restore(r);
    Mouse newMouse = hasMouse ? new Mouse() : null;
    if (newMouse != null) {
      newMouse.restore(r);
    }
    r.finish();
    ram = newRam;
    outputPort = newOutputPort;
    output = newOutput;
    outputFull = newFull;
    outputIsMouses = newIsMouses;
    awaiting = newAwaiting;
    lastWasCommand = newLast;
    breaking = newBreaking;
    keyboard = newKeyboard;
    mouse = newMouse;
  }
}
