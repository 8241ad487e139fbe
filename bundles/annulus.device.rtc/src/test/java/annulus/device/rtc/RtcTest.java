package annulus.device.rtc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.device.DeviceException;
import annulus.device.DeviceFactory;
import annulus.tck.device.DeviceContract;
import annulus.tck.device.FakeMachine;
import java.util.Collections;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The machine's clock starts at 2026-02-28 23:59:50, a Saturday. */
class RtcTest extends DeviceContract {
  private static final long SECOND = 1_000_000_000L;
  private final FakeMachine m = new FakeMachine();

  @Override protected DeviceFactory factory() {
    return new RtcFactory();
  }

  @Override protected String name() {
    return "rtc";
  }

  @Override protected boolean resetForgets() {
    return false;
  }

  @Override protected void exercise(FakeMachine machine) {
    set(machine, 0x40, 0x5A);
    set(machine, 0x0A, 0x2F);
    set(machine, 0x0B, 0x72);
    set(machine, 0x01, 0xFF);
    set(machine, 0x03, 0xFF);
    set(machine, 0x05, 0xFF);
  }

  private static void set(FakeMachine machine, int register, int value) {
    machine.out(0x70, register);
    machine.out(0x71, value);
  }

  private int get(int register) {
    m.out(0x70, register);
    return m.in(0x71);
  }

  private String time() {
    return "%02x%02x-%02x-%02x %02x:%02x:%02x %x".formatted(get(0x32), get(9), get(8), get(7), get(4), get(2), get(0), get(6));
  }

  @BeforeEach void start() throws DeviceException {
    m.start(factory(), "rtc", options());
  }

  @Test void timeGoesOnFromTheMachinesStart() {
    assertEquals("2026-02-28 23:59:50 7", time());
    m.advance(10 * SECOND);
    assertEquals("2026-03-01 00:00:00 1", time());
  }

  @Test void binaryAndTwelveHourFormatsAreOtherViewsOfTheSameTime() {
    set(m, 0x0B, 0x06);
    assertEquals(23, get(4));
    assertEquals(59, get(2));
    set(m, 0x0B, 0x00);
    assertEquals(0x91, get(4), "11 PM");
    m.advance(10 * SECOND);
    assertEquals(0x12, get(4), "midnight is 12 AM");
  }

  @Test void timeCanBeSetWhileTheClockStands() {
    set(m, 0x0B, 0x82);
    int[] registers = {0, 2, 4, 7, 8, 9, 0x32};
    int[] values = {0x58, 0x59, 0x23, 0x31, 0x12, 0x99, 0x19};
    for (int i = 0; i < registers.length; i++) {
      set(m, registers[i], values[i]);
    }
    m.advance(5 * SECOND);
    set(m, 0x0B, 0x02);
    m.advance(2 * SECOND);
    assertEquals("2000-01-01 00:00:00 7", time());
  }

  @Test void updateIsAnnouncedBeforeTheSecondChanges() {
    assertEquals(0x26, get(0x0A));
    m.advance(SECOND - 1_000_000);
    assertEquals(0xA6, get(0x0A));
    m.advance(1_000_000);
    assertEquals(0x26, get(0x0A));
  }

  @Test void periodicInterruptComesAtItsRateOnceAcknowledged() {
    set(m, 0x0A, 0x2A); // 64 Hz
    set(m, 0x0B, 0x42);
    int seen = 0;
    for (int i = 0; i < 1000; i++) {
      m.advance(SECOND / 1000);
      if (m.line(8)) {
        seen++;
        assertEquals(0xC0, get(0x0C) & 0xC0);
      }
    }
    assertEquals(64, seen, 1);
  }

  @Test void unacknowledgedInterruptSetsNoFurtherTimer() {
    set(m, 0x0B, 0x42);
    m.advance(SECOND);
    assertEquals(1, Collections.frequency(m.log, "line 8 high"));
    assertEquals(-1, m.nextTimer());
  }

  @Test void alarmMatchesItsTimeAndDontCares() {
    set(m, 0x01, 0x05);
    set(m, 0x03, 0x00);
    set(m, 0x05, 0x00);
    set(m, 0x0B, 0x22);
    get(0x0C);
    m.advance(14 * SECOND);
    assertFalse(m.line(8));
    m.advance(SECOND);
    assertTrue(m.line(8));
    assertEquals(0xA0, get(0x0C) & 0xA0);
    set(m, 0x05, 0xFF);
    m.advance(3600 * SECOND);
    assertTrue(m.line(8), "the next hour");
  }

  @Test void flagsAreSetWithoutInterruptsAndWithoutTimers() {
    get(0x0C);
    m.advance(SECOND);
    assertEquals(-1, m.nextTimer());
    assertEquals(0x50, get(0x0C) & 0xF0);
    assertEquals(0, get(0x0C));
    assertFalse(m.line(8));
  }

  @Test void firmwareMemorySizesAreThere() {
    assertEquals(0xFC00, get(0x17) | get(0x18) << 8, "63 MiB from 1 MiB on");
    assertEquals((512 - 16) * 16, get(0x34) | get(0x35) << 8);
    assertEquals(0, get(0x5F), "processors less one");
    assertEquals(0x80, get(0x0D));
  }

  @Test void memorySurvivesResetAndInterruptEnablesDoNot() throws DeviceException {
    FakeMachine other = new FakeMachine();
    annulus.device.Device rtc = other.start(factory(), "rtc", options());
    exercise(other);
    rtc.reset();
    other.out(0x70, 0x40);
    assertEquals(0x5A, other.in(0x71));
    other.out(0x70, 0x0B);
    assertEquals(0x02, other.in(0x71));
  }
}
