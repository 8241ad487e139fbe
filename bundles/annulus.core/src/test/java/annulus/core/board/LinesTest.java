package annulus.core.board;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import annulus.device.InterruptLine;
import annulus.device.InterruptSink;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LinesTest {
  private final TestBoard test = new TestBoard();
  private final Lines lines = test.board.lines();
  private final List<String> seen = new ArrayList<>();

  @BeforeEach void controllers() {
    test.board.lock().lock();
    for (String name : new String[] {"pic", "ioapic"}) {
      test.board.roles().provide(name, InterruptSink.class, (gsi, on) -> seen.add(name + " " + gsi + (on ? " high" : " low")));
    }
  }

  @AfterEach void close() {
    test.board.lock().unlock();
    test.close();
  }

  @Test void everyControllerSeesEachChangeOnce() {
    InterruptLine line = lines.line("uart0", 4);
    line.set(true);
    line.set(true);
    line.set(false);
    assertEquals(List.of("pic 4 high", "ioapic 4 high", "pic 4 low", "ioapic 4 low"), seen);
  }

  @Test void outputsOfSeveralDevicesAreWiredOr() {
    InterruptLine a = lines.line("a", 11);
    InterruptLine b = lines.line("b", 11);
    a.set(true);
    b.set(true);
    a.set(false);
    assertEquals(List.of("pic 11 high", "ioapic 11 high"), seen);
    b.set(false);
    assertEquals(4, seen.size());
    assertEquals("ioapic 11 low", seen.get(3));
  }

  @Test void aDeviceThatGoesLowersWhatItDroveAndNothingElse() {
    lines.line("a", 5).set(true);
    lines.line("ab", 6).set(true);
    seen.clear();
    Lines.release(lines.detach("a"));
    assertEquals(List.of("pic 5 low", "ioapic 5 low"), seen);
  }

  @Test void noControllerSeesAnEdgeWhenADeviceIsReplacedWhoseLineIsHigh() {
    lines.line("a", 5).set(true);
    seen.clear();
    Map<String, InterruptLine> old = lines.detach("a");
    InterruptLine taken = lines.line("a", 5);
    taken.set(true);
    Lines.release(old);
    assertEquals(List.of(), seen);
    taken.set(false);
    assertEquals(List.of("pic 5 low", "ioapic 5 low"), seen);
  }

  @Test void aReplacementThatFailsLeavesTheLineToTheOldDevice() {
    InterruptLine line = lines.line("a", 5);
    line.set(true);
    seen.clear();
    Map<String, InterruptLine> old = lines.detach("a");
    lines.line("a", 5).set(true);
    Lines.release(lines.detach("a"));
    lines.reattach(old);
    assertEquals(List.of(), seen);
    lines.line("a", 5).set(false);
    assertEquals(List.of("pic 5 low", "ioapic 5 low"), seen);
  }

  @Test void thereAreTwentyFourLines() {
    lines.line("a", 0);
    lines.line("a", 23);
    assertThrows(IllegalArgumentException.class, () -> lines.line("a", 24));
    assertThrows(IllegalArgumentException.class, () -> lines.line("a", -1));
  }

  @Test void aLineIsDrivenUnderTheDeviceLockOnly() throws InterruptedException {
    InterruptLine line = lines.line("a", 3);
    List<Throwable> thrown = new ArrayList<>();
    Thread stranger = Thread.ofPlatform().start(() -> {
      try {
        line.set(true);
      } catch (IllegalStateException e) {
        thrown.add(e);
      }
    });
    stranger.join();
    assertEquals(1, thrown.size());
    assertEquals(List.of(), seen);
  }
}
