package annulus.device.debugexit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.arch.DeviceState;
import annulus.arch.StateException;
import annulus.arch.StateWriter;
import annulus.device.Device;
import annulus.device.DeviceException;
import annulus.tck.device.FakeMachine;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The device has no state, so the general contract, which is about keeping it, has nothing to look at. */
class DebugExitTest {
  private final FakeMachine m = new FakeMachine();

  @Test void statusIsTwiceTheCodePlusOneInEverySize() throws DeviceException {
    m.start(new DebugExitFactory(), "debugexit", Map.of());
    m.out(0xF4, 0x10);
    m.out(0xF4, 2, 0x02);
    m.out(0xF4, 4, 0x00);
    m.out(0xF4, 4, 0x8F);
    assertEquals(List.of("exit 33", "exit 5", "exit 1", "exit 31"), m.log);
    assertEquals(0, m.in(0xF4));
  }

  @Test void portCanBeMoved() throws DeviceException {
    m.start(new DebugExitFactory(), "debugexit", Map.of("port", "0x501"));
    m.out(0xF4, 1);
    m.out(0x501, 1);
    assertEquals(List.of("exit 3"), m.log);
  }

  @Test void badOptionsAreRefusedByName() {
    for (Map<String, String> bad : List.of(Map.of("port", "0x10000"), Map.of("port", "exit"), Map.of("status", "3"))) {
      DeviceException e = assertThrows(DeviceException.class, () -> m.create(new DebugExitFactory(), "debugexit", bad));
      assertEquals(DeviceException.Reason.BAD_OPTION, e.reason());
      String wanted = bad.entrySet().iterator().next().toString();
      assertTrue(String.valueOf(e.getMessage()).contains(wanted), e.getMessage());
    }
  }

  @Test void stateGoesThereAndBackAndAnotherIsRefused() throws DeviceException, StateException {
    Device d = m.create(new DebugExitFactory(), "debugexit", Map.of());
    d.restore(d.export());
    DeviceState more = new StateWriter().put("stateless", true).put("colour", 1).toState("annulus.device.debugexit", 1);
    assertThrows(StateException.class, () -> d.restore(more));
  }
}
