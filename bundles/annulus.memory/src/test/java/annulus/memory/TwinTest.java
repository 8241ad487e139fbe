package annulus.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What an engine needs that must not touch the machine's memory: a memory of its own, and news of what others write. */
class TwinTest {
  private final FramePool pool = new FramePool(0, 64);
  private final MappedGuestMemory memory = new MappedGuestMemory(pool);

  @Test void twinHasTheSameRangesInFramesOfItsOwn() throws OutOfFramesException {
    memory.addRam(0, 0x4000);
    memory.addRom(0x10000, new byte[] {1, 2, 3});
    memory.write(0x1000, 8, 42);
    try (MappedGuestMemory twin = memory.openTwin()) {
      assertEquals(memory.ranges(), twin.ranges());
      assertFalse(twin.writable(0x10000));
      assertEquals(0, twin.read(0x1000, 8));
      assertNotEquals(memory.hostOffset(0x1000), twin.hostOffset(0x1000));
      twin.write(0x2000, 4, 7);
      assertEquals(0, memory.read(0x2000, 4));
    }
    memory.close();
    assertEquals(64, pool.available());
  }

  @Test void twinThatDoesNotFitTakesNothing() throws OutOfFramesException {
    memory.addRam(0, 20 * 0x1000);
    memory.addRam(0x100000, 20 * 0x1000);
    assertThrows(OutOfFramesException.class, memory::openTwin);
    assertEquals(24, pool.available());
    memory.close();
  }

  @Test void observerHearsOfEveryWriteThatIsNoProcessors() throws OutOfFramesException {
    memory.addRam(0, 0x4000);
    List<String> heard = new ArrayList<>();
    WriteObserver observer = (gpa, length) -> heard.add(Long.toHexString(gpa) + "+" + length + "=" + memory.read(gpa, 1));
    memory.addWriteObserver(observer);
    memory.write(0x10, 4, 0x55);
    memory.write(0xFFE, new byte[] {9, 9, 9, 9}, 0, 4);
    memory.clear(0, 0x2000);
    memory.beforeWrite(0x3000);
    memory.compareAndSet(0x3000, 8, 0, 1);
    memory.removeWriteObserver(observer);
    memory.write(0x10, 4, 0x66);
    assertEquals(List.of("10+4=85", "ffe+4=9", "0+8192=0"), heard);
    memory.close();
  }
}
