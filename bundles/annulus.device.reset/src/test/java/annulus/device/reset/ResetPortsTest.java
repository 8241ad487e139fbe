package annulus.device.reset;

import static org.junit.jupiter.api.Assertions.assertEquals;

import annulus.device.DeviceException;
import annulus.device.DeviceFactory;
import annulus.tck.device.DeviceContract;
import annulus.tck.device.FakeMachine;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ResetPortsTest extends DeviceContract {
  private final FakeMachine m = new FakeMachine();

  @Override protected DeviceFactory factory() {
    return new ResetPortsFactory();
  }

  @Override protected String name() {
    return "reset";
  }

  @Override protected void exercise(FakeMachine machine) {
    machine.out(0x92, 0x00);
    machine.out(0xCF9, 0x02);
  }

  @BeforeEach void start() throws DeviceException {
    m.start(factory(), "reset", options());
  }

  @Test void resetRegisterActsWhenItsBitRises() {
    m.out(0xCF9, 0x02);
    assertEquals(List.of(), m.log);
    m.out(0xCF9, 0x06);
    m.out(0xCF9, 0x06);
    assertEquals(List.of("reset"), m.log);
    m.out(0xCF9, 0x02);
    m.out(0xCF9, 0x0E);
    assertEquals(List.of("reset", "reset"), m.log);
    assertEquals(0x0E, m.in(0xCF9));
  }

  @Test void probingForPciDoesNotReset() {
    m.out(0xCFB, 0x01);
    m.out(0xCF8, 4, 0x8000_0600);
    m.out(0xCF8, 2, 0x0600);
    assertEquals(List.of(), m.log);
    assertEquals(-1, m.in(0xCF8, 4));
  }

  @Test void port92KeepsA20AndResetsOnItsLowBit() {
    assertEquals(0x02, m.in(0x92));
    m.out(0x92, 0x00);
    assertEquals(0x00, m.in(0x92));
    m.out(0x92, 0x03);
    assertEquals(List.of("reset"), m.log);
  }
}
