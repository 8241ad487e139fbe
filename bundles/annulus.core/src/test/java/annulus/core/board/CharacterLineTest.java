package annulus.core.board;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.device.CharacterPort;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CharacterLineTest {
  private final TestBoard test = new TestBoard();
  private final CharacterLine line = test.board.character("serial0");
  private final CharacterPort port = test.slot("uart0").characters("serial0");

  @AfterEach void close() {
    test.close();
  }

  private void send(byte[] bytes) {
    test.locked(() -> {
      for (byte b : bytes) {
        port.send(b & 0xFF);
      }
    });
  }

  private static byte[] numbered(int length) {
    byte[] b = new byte[length];
    for (int i = 0; i < length; i++) {
      b[i] = (byte) (i * 31 + (i >> 8));
    }
    return b;
  }

  private static final class Collector implements annulus.machine.Console.Output {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    @Override public synchronized void output(byte[] b, int offset, int length) {
      bytes.write(b, offset, length);
    }

    synchronized byte[] get() {
      return bytes.toByteArray();
    }
  }

  @Test void theScrollbackKeepsTheLast64KibibytesInOrder() {
    byte[] all = numbered(200_000);
    send(Arrays.copyOf(all, 100));
    assertArrayEquals(Arrays.copyOf(all, 100), line.scrollback());
    send(Arrays.copyOfRange(all, 100, all.length));
    assertArrayEquals(Arrays.copyOfRange(all, all.length - 65_536, all.length), line.scrollback());
  }

  @Test void aReaderGetsEverythingInOrderAfterTheScrollback() throws Exception {
    byte[] all = numbered(50_000);
    send(Arrays.copyOf(all, 10_000));
    Collector late = new Collector();
    Collector only = new Collector();
    try (AutoCloseable a = line.attach(late, true); AutoCloseable b = line.attach(only, false)) {
      send(Arrays.copyOfRange(all, 10_000, all.length));
      line.drain(10_000);
    }
    assertArrayEquals(all, late.get());
    assertArrayEquals(Arrays.copyOfRange(all, 10_000, all.length), only.get());
  }

  @Test void aSlowReaderLosesTheOldestAndIsToldHowMuch() throws Exception {
    CountDownLatch busy = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    Collector collector = new Collector();
    byte[] all = numbered(3 << 20);
    try (AutoCloseable reader = line.attach((b, offset, length) -> {
      busy.countDown();
      try {
        go.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      collector.output(b, offset, length);
    }, false)) {
      send(Arrays.copyOf(all, 1));
      assertTrue(busy.await(10, TimeUnit.SECONDS));
      send(Arrays.copyOfRange(all, 1, all.length));
      go.countDown();
      line.drain(10_000);
    }
    String text = new String(collector.get(), StandardCharsets.ISO_8859_1);
    int note = text.indexOf(" bytes lost: the reader was too slow]\r\n");
    assertTrue(note > 0, "a note");
    int lost = Integer.parseInt(text.substring(text.lastIndexOf('[', note) + 1, note));
    byte[] rest = Arrays.copyOfRange(collector.get(), text.indexOf("\r\n", note) + 2, collector.get().length);
    assertEquals(all.length - 1, lost + rest.length, "nothing else is missing");
    assertArrayEquals(Arrays.copyOfRange(all, all.length - rest.length, all.length), rest);
    assertTrue(rest.length <= 1 << 20 && rest.length >= 1 << 19);
  }

  @Test void aReaderThatThrowsIsDetachedAndDelaysNobody() throws Exception {
    Collector good = new Collector();
    CountDownLatch called = new CountDownLatch(1);
    line.attach((b, offset, length) -> {
      called.countDown();
      throw new IllegalStateException("terminal gone");
    }, false);
    line.attach(good, false);
    send(new byte[] {'a'});
    assertTrue(called.await(10, TimeUnit.SECONDS));
    long start = System.nanoTime();
    send(new byte[] {'b'});
    line.drain(20_000);
    assertTrue(System.nanoTime() - start < 10_000_000_000L, "nobody waits for a reader that is gone");
    assertEquals("ab", new String(good.get(), StandardCharsets.US_ASCII));
  }

  @Test void aClosedReaderGetsNothingMore() throws Exception {
    Collector collector = new Collector();
    AutoCloseable reader = line.attach(collector, false);
    send(new byte[] {1});
    line.drain(10_000);
    reader.close();
    send(new byte[] {2});
    line.drain(10_000);
    assertArrayEquals(new byte[] {1}, collector.get());
  }

  @Test void inputWaitsForTheGuestUpToOneMebibyte() {
    byte[] typed = numbered((1 << 20) + 5000);
    line.write(typed);
    test.locked(() -> {
      assertEquals(1 << 20, line.pendingInput().length);
      for (int i = 0; i < 1 << 20; i++) {
        assertTrue(port.available());
        assertEquals(typed[i] & 0xFF, port.receive());
      }
      assertFalse(port.available());
      assertEquals(-1, port.receive());
    });
  }

  @Test void listenersHearOfInputUnderTheDeviceLockUntilTheirDeviceGoes() {
    int[] heard = new int[1];
    DeviceSlot slot = test.slot("uart1");
    slot.characters("serial0").onInput(() -> {
      test.board.lock().check();
      heard[0]++;
    });
    line.write(new byte[] {1, 2});
    assertEquals(1, heard[0]);
    test.locked(slot::withdraw);
    line.write(new byte[] {3});
    assertEquals(1, heard[0]);
  }

  @Test void aListenerThatThrowsIsADeviceThatFailedNotATypistsProblem() {
    port.onInput(() -> {
      throw new IllegalStateException("overrun");
    });
    line.write(new byte[] {1});
    assertEquals(List.of("failed uart0: overrun"), test.reports);
  }

  @Test void outputAndUnreadInputSurviveASnapshot() {
    send(numbered(1000));
    line.write(new byte[] {7, 8, 9});
    Map<String, byte[][]> saved = test.board.exportCharacters();
    try (TestBoard other = new TestBoard()) {
      other.board.restoreCharacters(saved);
      assertArrayEquals(numbered(1000), other.board.character("serial0").scrollback());
      assertArrayEquals(new byte[] {7, 8, 9}, other.board.character("serial0").pendingInput());
    }
  }
}
