package annulus.tck.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.arch.DeviceState;
import annulus.arch.StateException;
import annulus.device.Device;
import annulus.device.DeviceException;
import annulus.device.DeviceFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What every device keeps; a provider's test extends this class and adds what is its device's own. */
public abstract class DeviceContract {
  private static final long SECOND = 1_000_000_000L;

  /** The factory under test. */
  protected abstract DeviceFactory factory();

  /** Name of the device within the machine. */
  protected abstract String name();

  /**
   * Uses the started device as a guest would, so that its state differs from the one after reset and, where the device has
   * timers, some are running.
   */
  protected abstract void exercise(FakeMachine machine);

  /** Options it is created with. */
  protected Map<String, String> options() {
    return Map.of();
  }

  /** Whether reset forgets all that {@link #exercise} did. Not so for a device whose whole state a battery keeps. */
  protected boolean resetForgets() {
    return true;
  }

  /** A machine the device can live in, at time zero: override to add devices it works with. */
  protected FakeMachine machine() {
    return new FakeMachine(2, List.of(new long[] {0, 0xA0000}, new long[] {0x100000, (512L << 20) - 0x100000}));
  }

  private FakeMachine machineAt(long nanos) {
    FakeMachine m = machine();
    m.advance(nanos);
    return m;
  }

  /** A started device that has been used for 40 ms. */
  private Device used(FakeMachine m) throws DeviceException {
    Device d = m.start(factory(), name(), options());
    m.advance(10_000_123);
    exercise(m);
    m.advance(30_000_456);
    return d;
  }

  @Test void exerciseChangesTheState() throws DeviceException {
    FakeMachine m = machine();
    Device d = m.create(factory(), name(), options());
    DeviceState fresh = d.export();
    d.start();
    exercise(m);
    d.pause();
    assertNotEquals(fresh, d.export(), "the other tests of this contract prove something only if exercise() leaves traces");
  }

  @Test void restoredDeviceGoesOnAsTheExportedOneDoes() throws DeviceException, StateException {
    FakeMachine here = machine();
    Device original = used(here);
    original.pause();
    DeviceState state = original.export();

    FakeMachine there = machineAt(here.nanos());
    Device copy = there.create(factory(), name(), options());
    copy.restore(state);
    assertEquals(state, copy.export(), "export(restore(x)) is x");
    copy.start();
    copy.pause();
    assertEquals(state, copy.export(), "starting a restored device changes nothing");
    assertLinesEqual(here, there);

    original.resume();
    copy.resume();
    here.log.clear();
    there.log.clear();
    here.advance(3 * SECOND);
    there.advance(3 * SECOND);
    assertEquals(here.log, there.log, "both do the same afterwards");
    original.pause();
    copy.pause();
    assertEquals(original.export(), copy.export());
  }

  private static void assertLinesEqual(FakeMachine here, FakeMachine there) {
    for (int gsi = 0; gsi < 24; gsi++) {
      assertEquals(here.line(gsi), there.line(gsi), "line " + gsi);
    }
    for (int vcpu = 0; vcpu < here.processors(); vcpu++) {
      assertEquals(here.requested(vcpu), there.requested(vcpu), "interrupt request of processor " + vcpu);
    }
  }

  @Test void resetStateEqualsAFreshOne() throws DeviceException {
    FakeMachine m = machine();
    Device d = used(m);
    d.reset();
    d.pause();

    FakeMachine other = machineAt(m.nanos());
    Device fresh = other.start(factory(), name(), options());
    fresh.pause();
    if (resetForgets()) {
      assertEquals(fresh.export(), d.export());
    }
    assertLinesEqual(other, m);
  }

  @Test void unknownOptionIsRefusedByName() {
    FakeMachine m = machine();
    int before = m.claims.size();
    Map<String, String> options = new java.util.HashMap<>(options());
    options.put("colour", "blue");
    DeviceException e = assertThrows(DeviceException.class, () -> m.create(factory(), name(), options));
    assertEquals(DeviceException.Reason.BAD_OPTION, e.reason());
    String message = String.valueOf(e.getMessage());
    assertTrue(message.contains("colour=blue"), message);
    assertEquals(before, m.claims.size(), "what was claimed is released");
  }

  @Test void pausedDeviceProducesNothing() throws DeviceException {
    FakeMachine m = machine();
    Device d = used(m);
    d.pause();
    DeviceState before = d.export();
    m.log.clear();
    m.typeEverywhere(0x1E);
    assertEquals(List.of(), m.log, "input while paused");
    assertEquals(before, d.export(), "input waits outside until the device is resumed");
  }

  @Test void deviceThatWasNotStartedProducesNothing() throws DeviceException {
    FakeMachine m = machine();
    m.create(factory(), name(), options());
    m.log.clear();
    m.typeEverywhere(0x1E);
    m.advance(SECOND);
    assertEquals(List.of(), m.log);
  }

  @Test void haltIsFinalAndItsPlaceCanBeTakenAgain() throws DeviceException {
    FakeMachine m = machine();
    int before = m.claims.size();
    Device d = used(m);
    d.pause();
    m.halt(d);
    assertEquals(before, m.claims.size());
    m.log.clear();
    m.typeEverywhere(0x1E);
    m.advance(10 * SECOND);
    assertEquals(List.of(), m.log, "a halted device produces nothing, no timer of it fires");
    m.start(factory(), name(), options());
  }

  @Test void stateOfAnotherModelOrOfANewerVersionIsRefused() throws DeviceException {
    Device d = machine().create(factory(), name(), options());
    DeviceState s = d.export();
    assertThrows(StateException.class, () -> d.restore(new DeviceState("annulus.device.other", s.version(), s.payload())));
    assertThrows(StateException.class, () -> d.restore(new DeviceState(s.schema(), s.version() + 1, s.payload())));
    assertThrows(StateException.class, () -> d.restore(new DeviceState(s.schema(), 0, s.payload())));
  }

  @Test void stateCutShortOrWithAnUnreadFieldIsRefusedAndChangesNothing() throws DeviceException {
    FakeMachine m = machine();
    Device used = used(m);
    used.pause();
    DeviceState s = used.export();

    Device d = machineAt(m.nanos()).create(factory(), name(), options());
    DeviceState fresh = d.export();
    byte[] payload = s.payload();
    for (int length = 0; length < payload.length; length += 1 + payload.length / 200) {
      DeviceState cut = new DeviceState(s.schema(), s.version(), Arrays.copyOf(payload, length));
      assertThrows(StateException.class, () -> d.restore(cut));
      assertEquals(fresh, d.export());
    }
    byte[] more = Arrays.copyOf(payload, payload.length + 12);
    System.arraycopy(new byte[] {0, 1, '?', 'l', 0, 0, 0, 0, 0, 0, 0, 0}, 0, more, payload.length, 12);
    assertThrows(StateException.class, () -> d.restore(new DeviceState(s.schema(), s.version(), more)));
    assertEquals(fresh, d.export());
  }

  @Test void damagedStateIsRefusedOrHarmless() throws DeviceException {
    FakeMachine m = machine();
    Device used = used(m);
    used.pause();
    DeviceState s = used.export();
    Random random = new Random(1);
    int refused = 0;
    for (int i = 0; i < 300; i++) {
      byte[] payload = s.payload();
      for (int flips = 0; flips <= i % 3; flips++) {
        // The registers come first; what comes behind them may be a memory in which every byte is valid
        payload[random.nextInt(i % 2 == 0 ? payload.length : Math.min(payload.length, 64))] = (byte) random.nextInt();
      }
      FakeMachine there = machineAt(m.nanos());
      Device d = there.create(factory(), name(), options());
      DeviceState fresh = d.export();
      try {
        d.restore(new DeviceState(s.schema(), s.version(), payload));
      } catch (StateException e) {
        refused++;
        assertFalse(String.valueOf(e.getMessage()).isEmpty());
        assertEquals(fresh, d.export(), "a refused state changes nothing");
        continue;
      }
      d.start();
      there.advance(1_000_000);
      exercise(there);
      there.advance(1_000_000);
      d.pause();
      d.export();
    }
    assertTrue(refused > 0, "field names and types are checked");
  }
}
