package annulus.device.pit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.device.DeviceException;
import annulus.device.DeviceFactory;
import annulus.device.LegacyTimer;
import annulus.tck.device.DeviceContract;
import annulus.tck.device.FakeMachine;
import java.util.Collections;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PitTest extends DeviceContract {
  private static final double TICK = 1e9 / 1_193_182;
  private final FakeMachine m = new FakeMachine();

  @Override protected DeviceFactory factory() {
    return new PitFactory();
  }

  @Override protected String name() {
    return "pit";
  }

  @Override protected void exercise(FakeMachine machine) {
    program(machine, 0, 2, 11932);
    program(machine, 2, 3, 1193);
    machine.out(0x61, 0x03);
    machine.out(0x43, 0x80);
    machine.in(0x42);
    machine.out(0x42, 7);
  }

  private static void program(FakeMachine machine, int counter, int mode, int count) {
    machine.out(0x43, counter << 6 | 0x30 | mode << 1);
    machine.out(0x40 + counter, count & 0xFF);
    machine.out(0x40 + counter, count >> 8 & 0xFF);
  }

  @BeforeEach void start() throws DeviceException {
    m.start(factory(), "pit", options());
  }

  private void ticks(double n) {
    m.advance((long) Math.ceil(n * TICK));
  }

  private int count(int counter) {
    m.out(0x43, counter << 6);
    int low = m.in(0x40 + counter);
    return low | m.in(0x40 + counter) << 8;
  }

  private int status(int counter) {
    m.out(0x43, 0xE0 | 2 << counter);
    return m.in(0x40 + counter);
  }

  @Test void rateGeneratorRaisesLineZeroAtItsRate() {
    program(m, 0, 2, 11932); // 100 Hz
    m.log.clear();
    m.advance(1_000_000_000);
    assertEquals(100, Collections.frequency(m.log, "line 0 high"), 1);
  }

  @Test void terminalCountRaisesTheLineOnceAndNoTimerStays() {
    program(m, 0, 0, 1000);
    ticks(999);
    assertFalse(m.line(0));
    ticks(2);
    assertTrue(m.line(0));
    assertEquals(-1, m.nextTimer());
    m.out(0x43, 0x30);
    assertFalse(m.line(0), "a control word of mode 0 lowers the output");
  }

  @Test void countersNobodyWatchesSetNoTimer() {
    program(m, 1, 2, 18);
    program(m, 2, 3, 1193);
    m.out(0x61, 1);
    assertEquals(-1, m.nextTimer());
  }

  @Test void latchedCountStandsUntilBothBytesAreRead() {
    program(m, 2, 0, 60000);
    m.out(0x61, 1);
    ticks(1000.5);
    m.out(0x43, 0x80);
    ticks(500);
    int low = m.in(0x42);
    assertEquals(59000, low | m.in(0x42) << 8);
    assertEquals(58500, count(2), 2);
  }

  @Test void gateOfCounterTwoHoldsTheCountInModeZero() {
    program(m, 2, 0, 50000);
    ticks(300);
    assertEquals(50000, count(2));
    m.out(0x61, 1);
    ticks(300.5);
    m.out(0x61, 0);
    ticks(4000);
    assertEquals(49700, count(2), 1);
    m.out(0x61, 1);
    ticks(700.5);
    assertEquals(49000, count(2), 2);
  }

  @Test void outputOfCounterTwoShowsInPort61() {
    m.out(0x61, 1);
    program(m, 2, 0, 100);
    assertEquals(0, m.in(0x61) & 0x20);
    ticks(101);
    assertEquals(0x20, m.in(0x61) & 0x20);
  }

  @Test void squareWaveIsHighForTheLongerHalf() {
    m.out(0x61, 1);
    program(m, 2, 3, 5);
    int high = 0;
    for (int i = 0; i < 1000; i++) {
      high += m.in(0x61) >> 5 & 1;
      ticks(1);
    }
    assertEquals(600, high, 20);
  }

  @Test void oneShotIsTriggeredByTheGateAndRetriggers() {
    program(m, 2, 1, 100);
    assertEquals(0x80, status(2) & 0x80);
    m.out(0x61, 1);
    ticks(60);
    assertEquals(0, status(2) & 0x80);
    m.out(0x61, 0);
    m.out(0x61, 1);
    ticks(60);
    assertEquals(0, status(2) & 0x80, "a second trigger starts the pulse anew");
    ticks(60);
    assertEquals(0x80, status(2) & 0x80);
  }

  @Test void strobeIsLowForOneTick() {
    m.out(0x61, 1);
    program(m, 2, 4, 100);
    ticks(99);
    assertEquals(0x80, status(2) & 0x80);
    ticks(1.3);
    assertEquals(0, status(2) & 0x80);
    ticks(1);
    assertEquals(0x80, status(2) & 0x80);
  }

  @Test void countWrittenInAPeriodTakesEffectAtItsEnd() {
    m.out(0x61, 1);
    program(m, 2, 2, 1000);
    ticks(100);
    m.out(0x42, 50);
    m.out(0x42, 0);
    assertEquals(0x40, status(2) & 0x40, "null count");
    assertEquals(900, count(2), 2);
    ticks(905);
    assertEquals(0, status(2) & 0x40);
    assertTrue(count(2) <= 50);
  }

  @Test void decimalCountsInTens() {
    m.out(0x43, 0xB1);
    m.out(0x42, 0x00);
    m.out(0x42, 0x10);
    m.out(0x61, 1);
    ticks(1.5);
    assertEquals(0x0999, count(2));
    ticks(1000);
    assertEquals(0x9999, count(2), "wraps in decimal");
  }

  @Test void readBackGivesStatusThenCount() {
    program(m, 0, 2, 0x1234);
    m.out(0x43, 0xC2);
    assertEquals(0xB4, m.in(0x40));
    assertEquals(0x1234, m.in(0x40) | m.in(0x40) << 8);
  }

  @Test void singleByteFormatsReadAndWriteTheirByte() {
    m.out(0x43, 0xA0);
    m.out(0x42, 0x20);
    assertEquals(0x20, m.in(0x42));
    m.out(0x43, 0x90);
    m.out(0x42, 0x20);
    assertEquals(0x20, m.in(0x42));
  }

  @Test void refreshBitToggles() {
    int before = m.in(0x61) & 0x10;
    ticks(18);
    assertNotEquals(before, m.in(0x61) & 0x10);
  }

  @Test void hpetTakesTheLineAndGivesItBack() {
    program(m, 0, 3, 1000);
    assertTrue(m.line(0));
    m.the(LegacyTimer.class).replaced(true);
    assertFalse(m.line(0));
    assertEquals(-1, m.nextTimer());
    m.the(LegacyTimer.class).replaced(false);
    assertTrue(m.nextTimer() >= 0);
  }
}
