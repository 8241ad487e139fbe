package annulus.device.acpi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.device.DeviceException;
import annulus.device.DeviceFactory;
import annulus.device.PowerButton;
import annulus.tck.device.DeviceContract;
import annulus.tck.device.FakeMachine;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AcpiTest extends DeviceContract {
  private final FakeMachine m = new FakeMachine();

  @Override protected DeviceFactory factory() {
    return new AcpiFactory();
  }

  @Override protected String name() {
    return "acpi";
  }

  @Override protected void exercise(FakeMachine machine) {
    machine.out(Acpi.SMI_COMMAND, Acpi.ENABLE);
    machine.out(Acpi.EVENT + 2, 2, 0x0101);
    machine.out(Acpi.GPE0 + 2, 2, 0x00FF);
    machine.the(PowerButton.class).press();
  }

  @BeforeEach void start() throws DeviceException {
    m.start(factory(), "acpi", options());
  }

  @Test void acpiModeIsSwitchedByTheCommandPort() {
    assertEquals(0, m.in(Acpi.CONTROL, 2) & 1);
    m.out(Acpi.SMI_COMMAND, Acpi.ENABLE);
    assertEquals(1, m.in(Acpi.CONTROL, 2));
    m.out(Acpi.CONTROL, 2, 0);
    assertEquals(1, m.in(Acpi.CONTROL, 2), "only the firmware changes SCI_EN");
    m.out(Acpi.SMI_COMMAND, Acpi.DISABLE);
    assertEquals(0, m.in(Acpi.CONTROL, 2));
  }

  @Test void powerButtonRaisesTheSciUntilItsStatusIsCleared() {
    m.out(Acpi.SMI_COMMAND, Acpi.ENABLE);
    m.out(Acpi.EVENT + 2, 2, 0x0100);
    m.the(PowerButton.class).press();
    assertTrue(m.line(9));
    assertEquals(0x0100, m.in(Acpi.EVENT, 2));
    m.out(Acpi.EVENT, 2, 0x0100);
    assertFalse(m.line(9));
  }

  @Test void sleepTypeFivePowersOff() {
    m.out(Acpi.CONTROL, 2, 1 << 13 | 3 << 10);
    assertEquals(List.of(), m.log);
    m.out(Acpi.CONTROL, 2, 1 << 13 | 5 << 10);
    assertEquals(List.of("power off"), m.log);
    assertEquals(5 << 10, m.in(Acpi.CONTROL, 2), "SLP_EN reads as zero");
  }

  @Test void timerCountsAtItsFrequency() {
    m.advance(1_000_000_000);
    assertEquals(3_579_545, m.in(Acpi.TIMER, 4));
  }

  @Test void timerOverflowSetsItsStatusAndRaisesTheSciWhenEnabled() throws DeviceException {
    FakeMachine narrow = new FakeMachine();
    narrow.start(factory(), "acpi", java.util.Map.of("timer", "24"));
    narrow.advance(2_400_000_000L); // 2^23 ticks are 2.343 s
    assertEquals(1, narrow.in(Acpi.EVENT, 2));
    assertEquals(-1, narrow.nextTimer(), "nobody waits for it");
    narrow.out(Acpi.EVENT, 2, 1);
    narrow.out(Acpi.SMI_COMMAND, Acpi.ENABLE);
    narrow.out(Acpi.EVENT + 2, 2, 1);
    assertFalse(narrow.line(9));
    narrow.advance(2_400_000_000L);
    assertTrue(narrow.line(9));
    assertTrue(Integer.toUnsignedLong(narrow.in(Acpi.TIMER, 4)) < 1 << 24);
  }
}
