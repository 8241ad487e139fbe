package annulus.device.uart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.device.Device;
import annulus.device.DeviceException;
import annulus.device.DeviceFactory;
import annulus.tck.device.DeviceContract;
import annulus.tck.device.FakeCharacters;
import annulus.tck.device.FakeMachine;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class UartTest extends DeviceContract {
  private static final int COM1 = 0x3F8;
  private final FakeMachine m = new FakeMachine();
  private final FakeCharacters serial = m.characters("serial0");

  @Override protected DeviceFactory factory() {
    return new UartFactory();
  }

  @Override protected String name() {
    return "uart0";
  }

  @Override protected void exercise(FakeMachine machine) {
    machine.out(COM1 + 3, 0x03);
    machine.out(COM1 + 2, 0xC1);
    machine.out(COM1 + 4, 0x0B);
    machine.out(COM1 + 1, 0x0F);
    machine.out(COM1 + 7, 0x77);
    machine.characters("serial0").type("hello");
    machine.in(COM1);
  }

  @BeforeEach void start() throws DeviceException {
    m.start(factory(), "uart0", options());
    m.out(COM1 + 3, 0x03);
    m.out(COM1 + 4, 0x0B);
  }

  @Test void characterGoesOutAtOnceAndTheTransmitterIsEmptyAgain() {
    m.out(COM1, 'A');
    assertEquals("A", serial.sent.toString());
    assertEquals(0x60, m.in(COM1 + 5));
    assertEquals(-1, m.nextTimer());
  }

  @Test void emptyTransmitterInterruptIsClearedByItsIdentification() {
    m.out(COM1 + 1, 0x02);
    assertTrue(m.line(4));
    assertEquals(0x02, m.in(COM1 + 2));
    assertFalse(m.line(4));
    assertEquals(0x01, m.in(COM1 + 2));
    m.out(COM1, 'B');
    assertTrue(m.line(4));
  }

  @Test void receivedCharacterRaisesTheLineUntilItIsRead() {
    m.out(COM1 + 1, 0x01);
    serial.type('x');
    assertTrue(m.line(4));
    assertEquals(0x04, m.in(COM1 + 2));
    assertEquals(0x61, m.in(COM1 + 5));
    assertEquals('x', m.in(COM1));
    assertFalse(m.line(4));
  }

  @Test void nothingTypedIsLostHoweverSlowTheGuestIs() {
    m.out(COM1 + 2, 0x01);
    String text = "the quick brown fox jumps over the lazy dog";
    serial.type(text);
    for (int i = 0; i < 16; i++) {
      m.in(COM1 + 5); // a program that polls reads it again and again
    }
    StringBuilder read = new StringBuilder();
    while ((m.in(COM1 + 5) & 1) != 0) {
      read.append((char) m.in(COM1));
    }
    assertEquals(text, read.toString());
    assertEquals(0x60, m.in(COM1 + 5), "no overrun");
  }

  @Test void typedBeforeTheDriverSetsThePortUpArrivesAfterwards() {
    serial.type("early");
    // What drivers do first: FIFOs on and cleared, stale characters and conditions read away
    m.out(COM1 + 2, 0x07);
    m.out(COM1 + 2, 0x00);
    assertEquals(0x60, m.in(COM1 + 5));
    m.in(COM1);
    m.in(COM1 + 2);
    m.in(COM1 + 6);
    // and which interrupts can be enabled
    m.out(COM1 + 1, 0x0F);
    m.out(COM1 + 1, 0x00);
    m.in(COM1);
    m.out(COM1 + 1, 0x01);
    m.out(COM1 + 2, 0x01);
    m.advance(20_000_000);
    StringBuilder read = new StringBuilder();
    while ((m.in(COM1 + 5) & 1) != 0) {
      read.append((char) m.in(COM1));
    }
    assertEquals("early", read.toString());
  }

  @Test void fewCharactersTimeOutAfterFourCharacterTimes() {
    m.out(COM1 + 2, 0xC1);
    m.out(COM1 + 1, 0x01);
    serial.type("ab");
    assertFalse(m.line(4));
    m.advance(4L * 10 * 12 * 1_000_000_000 / 115_200 - 10_000);
    assertFalse(m.line(4));
    m.advance(20_000);
    assertTrue(m.line(4));
    assertEquals(0xCC, m.in(COM1 + 2));
    m.in(COM1);
    assertFalse(m.line(4));
  }

  @Test void triggerLevelInterruptsAtOnce() {
    m.out(COM1 + 2, 0x41);
    m.out(COM1 + 1, 0x01);
    serial.type("abc");
    assertFalse(m.line(4));
    serial.type("d");
    assertTrue(m.line(4));
    assertEquals(0xC4, m.in(COM1 + 2));
  }

  @Test void out2GatesTheInterruptLine() {
    m.out(COM1 + 4, 0x03);
    m.out(COM1 + 1, 0x02);
    assertFalse(m.line(4));
    m.out(COM1 + 4, 0x0B);
    assertTrue(m.line(4));
  }

  @Test void loopBackReturnsCharactersModemSignalsAndBreak() {
    m.out(COM1 + 4, 0x1A);
    assertEquals(0x90, m.in(COM1 + 6) & 0xF0, "RTS and OUT2 come back as CTS and DCD");
    m.out(COM1, 0x5A);
    assertEquals(0x5A, m.in(COM1));
    assertEquals("", serial.sent.toString());
    m.out(COM1 + 3, 0x43);
    assertEquals(0x71, m.in(COM1 + 5));
    assertEquals(0x61, m.in(COM1 + 5), "reading clears the error");
    assertEquals(0, m.in(COM1));
  }

  @Test void loopBackWithoutRoomIsAnOverrun() {
    m.out(COM1 + 4, 0x10);
    m.out(COM1, 1);
    m.out(COM1, 2);
    assertEquals(0x63, m.in(COM1 + 5));
    assertEquals(2, m.in(COM1));
  }

  @Test void modemChangesRaiseTheirInterrupt() {
    m.out(COM1 + 1, 0x08);
    m.out(COM1 + 4, 0x1B);
    m.out(COM1 + 4, 0x0B);
    assertTrue((m.in(COM1 + 6) & 0x0F) == 0, "DTR, RTS and OUT2 looped back look like the connected line");
    m.out(COM1 + 4, 0x10);
    m.out(COM1 + 4, 0x0B);
    assertTrue(m.line(4));
    assertEquals(0x00, m.in(COM1 + 2));
    assertEquals(0xBB, m.in(COM1 + 6));
    assertFalse(m.line(4));
  }

  @Test void divisorLatchHidesDataAndEnableRegisters() {
    m.out(COM1 + 3, 0x83);
    m.out(COM1, 2, 0x0102);
    assertEquals(0x0102, m.in(COM1, 2));
    m.out(COM1 + 3, 0x03);
    assertEquals(0, m.in(COM1 + 1));
    m.out(COM1 + 7, 0xA5);
    assertEquals(0xA5, m.in(COM1 + 7));
  }

  @Test void fifoBitsTellA16550A() {
    assertEquals(0x01, m.in(COM1 + 2));
    m.out(COM1 + 2, 0x01);
    assertEquals(0xC1, m.in(COM1 + 2));
  }

  @Test void realRateSendsACharacterAtATime() throws DeviceException {
    m.start(factory(), "uart1", Map.of("rate", "real"));
    FakeCharacters second = m.characters("serial1");
    m.out(0x2FB, 0x03);
    m.out(0x2FA, 0x01);
    "hello".chars().forEach(c -> m.out(0x2F8, c));
    assertEquals("", second.sent.toString());
    assertEquals(0, m.in(0x2FD) & 0x60);
    m.advance(10L * 12 * 1_000_000_000 / 115_200 + 1);
    assertEquals("h", second.sent.toString());
    m.advance(1_000_000_000);
    assertEquals("hello", second.sent.toString());
    m.out(0x2F9, 0x01);
    second.type("ab");
    assertEquals('a', m.in(0x2F8));
    assertEquals(0, m.in(0x2FD) & 1);
    m.advance(2_000_000);
    assertEquals('b', m.in(0x2F8));
  }

  @Test void typedWhilePausedArrivesAfterResume() throws DeviceException {
    FakeMachine other = new FakeMachine();
    Device uart = other.start(factory(), "uart0", Map.of());
    other.out(COM1 + 1, 0x01);
    uart.pause();
    other.characters("serial0").type('q');
    uart.resume();
    assertEquals('q', other.in(COM1));
  }

  @Test void badOptionsAreRefused() {
    for (Map<String, String> bad : java.util.List.of(Map.of("port", "-1"), Map.of("irq", "16"), Map.of("rate", "fast"), Map.of("characters", ""))) {
      DeviceException e = assertThrows(DeviceException.class, () -> m.create(factory(), "uart3", bad));
      assertEquals(DeviceException.Reason.BAD_OPTION, e.reason());
      assertTrue(String.valueOf(e.getMessage()).contains(bad.keySet().iterator().next()), e.getMessage());
    }
  }
}
