package annulus.device.ioapic;

import static org.junit.jupiter.api.Assertions.assertEquals;

import annulus.device.ApicBus;
import annulus.device.DeviceException;
import annulus.device.DeviceFactory;
import annulus.device.EndOfInterruptListener;
import annulus.device.InterruptLine;
import annulus.tck.device.DeviceContract;
import annulus.tck.device.FakeMachine;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class IoApicTest extends DeviceContract {
  private static final long ADDRESS = 0xFEC00000L;
  private final FakeMachine m = new FakeMachine();
  private final List<String> messages = new ArrayList<>();

  @Override protected DeviceFactory factory() {
    return new IoApicFactory();
  }

  @Override protected String name() {
    return "ioapic";
  }

  @Override protected void exercise(FakeMachine machine) {
    set(machine, 0, 3 << 24);
    entry(machine, 9, 0x8051, 1);
    InterruptLine line = machine.context("wire").line(9);
    line.set(true);
    line.set(false);
  }

  @BeforeEach void start() throws DeviceException {
    m.context("apics").provide(ApicBus.class, (destination, logical, mode, vector, level) ->
        messages.add("%d%s %d %02x%s".formatted(destination, logical ? "L" : "", mode, vector, level ? " level" : "")));
    m.start(factory(), "ioapic", options());
  }

  private static void set(FakeMachine machine, int register, int value) {
    machine.write(ADDRESS, 4, register);
    machine.write(ADDRESS + 0x10, 4, value);
  }

  private static void entry(FakeMachine machine, int pin, int low, int destination) {
    set(machine, 0x11 + 2 * pin, destination << 24);
    set(machine, 0x10 + 2 * pin, low);
  }

  private int get(int register) {
    m.write(ADDRESS, 4, register);
    return (int) m.read(ADDRESS + 0x10, 4);
  }

  @Test void tellsVersionAndPins() {
    assertEquals(0x0017_0020, get(1));
    assertEquals(0x10000, get(0x10), "masked after reset");
  }

  @Test void risingEdgeSendsOneMessage() {
    entry(m, 4, 0x0931, 0x0F);
    InterruptLine line = m.context("uart").line(4);
    line.set(true);
    line.set(false);
    assertEquals(List.of("15L 1 31"), messages);
  }

  @Test void timerLineIsOnPinTwo() {
    entry(m, 2, 0x30, 0);
    entry(m, 0, 0x99, 0);
    m.context("pit").line(0).pulse();
    assertEquals(List.of("0 0 30"), messages);
  }

  @Test void edgeAtAMaskedPinIsLostAndALevelIsNot() {
    entry(m, 4, 0x10031, 0);
    entry(m, 9, 0x18051, 0);
    m.context("uart").line(4).set(true);
    m.context("acpi").line(9).set(true);
    entry(m, 4, 0x31, 0);
    assertEquals(List.of(), messages);
    entry(m, 9, 0x8051, 0);
    assertEquals(List.of("0 0 51 level"), messages);
  }

  @Test void levelIsSentAgainAfterItsEndWhileAsserted() {
    entry(m, 9, 0x8051, 0);
    InterruptLine line = m.context("acpi").line(9);
    line.set(true);
    assertEquals(0xC051, get(0x22), "remote IRR");
    line.set(false);
    line.set(true);
    assertEquals(1, messages.size(), "still in service");
    EndOfInterruptListener eoi = m.the(EndOfInterruptListener.class);
    eoi.endOfInterrupt(0x52);
    assertEquals(1, messages.size(), "another vector");
    eoi.endOfInterrupt(0x51);
    assertEquals(2, messages.size());
    line.set(false);
    m.write(ADDRESS + 0x40, 4, 0x51);
    assertEquals(2, messages.size());
    assertEquals(0x8051, get(0x22));
  }

  @Test void switchingToEdgeClearsRemoteIrr() {
    entry(m, 9, 0x8051, 0);
    m.context("acpi").line(9).set(true);
    entry(m, 9, 0x10051, 0);
    entry(m, 9, 0x18051, 0);
    assertEquals(0x18051, get(0x22));
  }

  @Test void readOnlyBitsCannotBeWritten() {
    set(m, 0x10 + 2 * 5, 0x1FFFF);
    assertEquals(0x1AFFF, get(0x10 + 2 * 5));
  }
}
