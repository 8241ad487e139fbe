package annulus.device.hpet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.arch.StateException;
import annulus.arch.StateWriter;
import annulus.device.Device;
import annulus.device.DeviceException;
import annulus.device.DeviceFactory;
import annulus.device.LegacyTimer;
import annulus.tck.device.DeviceContract;
import annulus.tck.device.FakeMachine;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HpetTest extends DeviceContract {
  private static final long BASE = 0xFED00000L;
  private final FakeMachine m = new FakeMachine();

  @Override protected DeviceFactory factory() {
    return new HpetFactory();
  }

  @Override protected String name() {
    return "hpet";
  }

  @Override protected void exercise(FakeMachine machine) {
    machine.write(BASE + 0xF0, 8, 12345);
    machine.write(BASE + 0x100, 8, 0x4C | 20 << 9);
    machine.write(BASE + 0x108, 8, 1_000_000);
    machine.write(BASE + 0x120, 8, 0x06 | 21 << 9);
    machine.write(BASE + 0x128, 8, 500_000);
    machine.write(BASE + 0x10, 8, 1);
  }

  @BeforeEach void start() throws DeviceException {
    m.start(factory(), "hpet", options());
  }

  @Test void tellsPeriodWidthAndTimers() {
    assertEquals(10_000_000, m.read(BASE + 4, 4));
    assertEquals(0x8086A201L, m.read(BASE, 4));
  }

  @Test void counterRunsOnlyWhileEnabledAndCanBeSetWhileStopped() {
    m.write(BASE + 0xF0, 8, 100);
    m.advance(1000);
    assertEquals(100, m.read(BASE + 0xF0, 8));
    m.write(BASE + 0x10, 4, 1);
    m.advance(1000);
    assertEquals(200, m.read(BASE + 0xF0, 8));
    m.write(BASE + 0xF0, 8, 0);
    m.write(BASE + 0x10, 4, 0);
    m.advance(1000);
    assertEquals(200, m.read(BASE + 0xF0, 8));
  }

  @Test void oneShotPulsesItsRouteOnce() {
    afterAMicrosecond(m);
    m.advance(999);
    assertEquals(List.of(), m.log);
    m.advance(1_000_000_000);
    assertEquals(List.of("line 22 high", "line 22 low"), m.log);
  }

  @Test void periodicKeepsItsRateWithoutDrift() {
    m.write(BASE + 0x100, 4, 0x4C | 20 << 9);
    m.write(BASE + 0x108, 8, 100_000);
    m.write(BASE + 0x10, 4, 1);
    m.advance(1_000_000_000);
    assertEquals(1000, Collections.frequency(m.log, "line 20 high"));
    m.write(BASE + 0x108, 8, 200_000);
    m.log.clear();
    m.advance(1_000_000_000);
    assertEquals(500, Collections.frequency(m.log, "line 20 high"), 1);
  }

  /** Starts timer 0 at 1 kHz on pin 20. */
  private static void everyMillisecond(FakeMachine m) {
    m.write(BASE + 0x100, 4, 0x14C | 20 << 9);
    m.write(BASE + 0x108, 8, 100_000);
    m.write(BASE + 0x10, 4, 1);
    m.log.clear();
  }

  /** Starts timer 2 on pin 22, to fire once after a microsecond. */
  private static void afterAMicrosecond(FakeMachine m) {
    m.write(BASE + 0x140, 4, 0x04 | 22 << 9);
    m.write(BASE + 0x148, 8, 100);
    m.write(BASE + 0x10, 4, 1);
    m.log.clear();
  }

  /** Holds {@code device}. @return a machine in which another one goes on in its place */
  private FakeMachine takenOver(FakeMachine first, Device device) throws DeviceException, StateException {
    device.pause();
    FakeMachine second = new FakeMachine();
    second.starve(first.nanos());
    Device other = second.create(factory(), "hpet", options());
    other.restore(device.export());
    assertEquals(List.of(), second.log, "what leaves it before it is started");
    other.start();
    return second;
  }

  @Test void aTimerThatInterruptsNobodyDoesNotWakeTheHostAndIsWhereItWouldBe() {
    everyMillisecond(m);
    m.advance(500_000);
    m.write(BASE + 0x100, 4, 0x148 | 20 << 9);
    m.advance(100_000_000_000L); // the 32-bit counter comes round twice
    assertEquals(0, m.expiries());
    assertEquals(10_000_100_000L & 0xFFFF_FFFFL, m.read(BASE + 0x108, 4));
    m.write(BASE + 0x100, 4, 0x14C | 20 << 9);
    m.advance(499_999);
    assertEquals(List.of(), m.log);
    m.advance(10_000_000);
    assertEquals(10, Collections.frequency(m.log, "line 20 high"));
  }

  @Test void aTimerThatInterruptsNobodyIsWhereItWouldBeInAnotherDevice() throws DeviceException, StateException {
    FakeMachine first = new FakeMachine();
    Device silent = first.start(factory(), "hpet", options());
    everyMillisecond(first);
    first.write(BASE + 0x100, 4, 0x148 | 20 << 9);
    first.advance(100_000_500_000L);
    FakeMachine second = takenOver(first, silent);
    assertEquals(10_000_100_000L & 0xFFFF_FFFFL, second.read(BASE + 0x108, 4));
  }

  @Test void aLevelTriggeredTimerWithoutInterruptsHasItsStatus() {
    m.write(BASE + 0x120, 4, 0x02 | 21 << 9);
    m.write(BASE + 0x128, 8, 10);
    m.write(BASE + 0x10, 4, 1);
    m.advance(100);
    assertEquals(2, m.read(BASE + 0x20, 4));
    assertFalse(m.line(21));
  }

  @Test void aPeriodicTimerGoesOnWhereTheHostStopsItForAPeriod() {
    everyMillisecond(m);
    m.advance(999_999);
    m.starveAfterReading(1_000_000);
    m.advance(10_000_000);
    assertEquals(10, Collections.frequency(m.log, "line 20 high"), 1);
  }

  @Test void aPeriodicTimerThatIsLateGoesOnWhenTheConfigurationIsWritten() {
    everyMillisecond(m);
    m.advance(500_000);
    m.starve(600_000);
    m.write(BASE + 0x10, 4, 3);
    assertTrue(m.log.contains("line 20 high"), m.log::toString);
    m.advance(10_000_000);
    assertEquals(10, Collections.frequency(m.log, "line 0 high"), 1);
  }

  @Test void aOneShotThatIsLateFiresWhenTheConfigurationIsWritten() {
    afterAMicrosecond(m);
    m.starve(2_000);
    m.write(BASE + 0x10, 4, 3);
    assertTrue(m.log.contains("line 22 high"), m.log::toString);
  }

  @Test void aPeriodicTimerThatWasLateWhenTheMachineWasHeldGoesOnInAnotherDevice() throws DeviceException, StateException {
    FakeMachine first = new FakeMachine();
    Device late = first.start(factory(), "hpet", options());
    everyMillisecond(first);
    first.advance(500_000);
    first.starve(600_000);
    FakeMachine second = takenOver(first, late);
    second.log.clear();
    second.advance(10_000_000);
    assertEquals(10, Collections.frequency(second.log, "line 20 high"), 1);
  }

  @Test void aOneShotThatWasLateWhenTheMachineWasHeldFiresInAnotherDevice() throws DeviceException, StateException {
    FakeMachine first = new FakeMachine();
    Device late = first.start(factory(), "hpet", options());
    afterAMicrosecond(first);
    first.starve(2_000);
    FakeMachine second = takenOver(first, late);
    second.advance(1_000_000_000);
    assertEquals(1, Collections.frequency(second.log, "line 22 high"));
  }

  @Test void aStateOfVersionOneGoesOnWithAPeriodicTimerThatWasLate() throws DeviceException, StateException {
    StateWriter w = new StateWriter().put("config", 1).put("status", 0).put("counter", 0);
    for (int n = 0; n < 3; n++) {
      w.put("timer" + n + ".config", n == 0 ? 0x10C | 20 << 9 : 0);
      w.put("timer" + n + ".comparator", n == 0 ? 100_000 : -1).put("timer" + n + ".period", n == 0 ? 100_000 : 0);
    }
    FakeMachine machine = new FakeMachine();
    machine.starve(1_100_000);
    Device device = machine.create(factory(), "hpet", options());
    device.restore(w.toState("annulus.device.hpet", 1));
    device.start();
    machine.log.clear();
    machine.advance(10_000_000);
    assertEquals(10, Collections.frequency(machine.log, "line 20 high"));
  }

  @Test void aOneShotThatHasFiredDoesNotFireAgainInAnotherDevice() throws DeviceException, StateException {
    FakeMachine first = new FakeMachine();
    Device done = first.start(factory(), "hpet", options());
    afterAMicrosecond(first);
    first.advance(2_000);
    FakeMachine second = takenOver(first, done);
    second.advance(1_000_000_000);
    assertEquals(List.of(), second.log);
  }

  @Test void halfOfAPeriodDoesNotTakeTheOtherHalfFromTheComparator() {
    m.write(BASE + 0xF0, 8, 0x5_0000_0000L);
    m.write(BASE + 0x100, 4, 0x4C | 20 << 9);
    m.write(BASE + 0x108, 8, 0x5_0000_0064L);
    m.write(BASE + 0x10C, 4, 0);
    m.write(BASE + 0x108, 4, 100_000);
    m.write(BASE + 0x10, 4, 1);
    m.advance(1_000_000_000);
    assertEquals(1000, Collections.frequency(m.log, "line 20 high"));
  }

  @Test void levelInterruptStaysUntilItsStatusIsCleared() {
    m.write(BASE + 0x120, 4, 0x06 | 21 << 9);
    m.write(BASE + 0x128, 4, 10);
    m.write(BASE + 0x12C, 4, 0);
    m.write(BASE + 0x10, 4, 1);
    m.advance(100);
    assertTrue(m.line(21));
    assertEquals(2, m.read(BASE + 0x20, 4));
    m.write(BASE + 0x20, 4, 1);
    assertTrue(m.line(21));
    m.write(BASE + 0x20, 4, 2);
    assertFalse(m.line(21));
  }

  @Test void legacyReplacementTakesLinesZeroAndEight() {
    List<Boolean> told = new ArrayList<>();
    m.context("pit").provide(LegacyTimer.class, told::add);
    m.write(BASE + 0x100, 4, 0x04);
    m.write(BASE + 0x108, 8, 10);
    m.write(BASE + 0x120, 4, 0x04);
    m.write(BASE + 0x128, 8, 20);
    m.write(BASE + 0x10, 4, 3);
    m.advance(1000);
    assertEquals(List.of("line 0 high", "line 0 low", "line 8 high", "line 8 low"), m.log);
    m.write(BASE + 0x10, 4, 0);
    assertEquals(List.of(true, false), told);
  }

  @Test void narrowComparatorMatchesTheLowHalf() {
    m.write(BASE + 0xF0, 8, 0x7_FFFF_FFF0L);
    m.write(BASE + 0x140, 4, 0x104 | 23 << 9);
    m.write(BASE + 0x148, 4, 0x10);
    m.write(BASE + 0x10, 4, 1);
    m.advance(310);
    assertFalse(m.log.contains("line 23 high"));
    m.advance(20);
    assertTrue(m.log.contains("line 23 high"));
  }

  @Test void hugePeriodsAndDistancesSetNoTimerInThePast() {
    m.write(BASE + 0x10, 4, 1);
    m.advance(1_000_000);
    m.write(BASE + 0x100, 8, 0x4C | 20 << 9);
    m.write(BASE + 0x108, 8, -1);
    m.advance(1_000_000_000);
    assertEquals(List.of(), m.log);
  }
}
