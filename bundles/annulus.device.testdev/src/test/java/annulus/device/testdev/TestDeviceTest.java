package annulus.device.testdev;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.device.DeviceException;
import annulus.device.DeviceFactory;
import annulus.tck.device.DeviceContract;
import annulus.tck.device.FakeMachine;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TestDeviceTest extends DeviceContract {
  private final FakeMachine m = new FakeMachine();

  @Override protected DeviceFactory factory() {
    return new TestDeviceFactory();
  }

  @Override protected String name() {
    return "testdev";
  }

  @Override protected void exercise(FakeMachine machine) {
    machine.out(0xE0, 4, 0x12345678);
    machine.out(0x8900, 'S');
    machine.out(0x2005, 1);
    machine.write(0xFF000010L, 8, -2);
  }

  @BeforeEach void start() throws DeviceException {
    m.start(factory(), "testdev", options());
  }

  @Test void latchReadsBackInEverySizeAndPart() {
    m.out(0xE0, 4, 0x12345678);
    assertEquals(0x12345678, m.in(0xE0, 4));
    assertEquals(0x5678, m.in(0xE0, 2));
    assertEquals(0x34, m.in(0xE2));
    m.out(0xE1, 2, 0xABCD);
    assertEquals(0x12ABCD78, m.in(0xE0, 4));
  }

  @Test void memoryKeepsEveryAlignmentAndSize() {
    m.write(0xFF00FFF8L, 8, 0x1122334455667788L);
    assertEquals(0x55667788L, m.read(0xFF00FFF8L, 4));
    assertEquals(0x4455, m.read(0xFF00FFFBL, 2));
    m.write(0xFF00FFFFL, 1, 0xEE);
    assertEquals(0xEE22334455667788L, m.read(0xFF00FFF8L, 8));
  }

  @Test void linesFollowTheirPorts() {
    m.out(0x2000 + 19, 1);
    assertTrue(m.line(19));
    m.out(0x2000 + 19, 0);
    assertFalse(m.line(19));
  }

  @Test void exitStatusIsTwiceTheCodePlusOne() {
    m.out(0xF4, 4, 0);
    m.out(0xF4, 2, 3);
    assertEquals(List.of("exit 1", "exit 7"), m.log);
  }

  @Test void onlyTheWholeWordSwitchesOff() {
    "ShutShutdowShutdown".chars().forEach(c -> m.out(0x8900, c));
    assertEquals(List.of("power off"), m.log);
  }

  @Test void pageFlushTakesAnAddress() {
    m.out(0xE4, 4, 0x1000);
    assertEquals(List.of(), m.log);
  }
}
