package annulus.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Frames of the last MiB of the pool, where no other test takes any. */
class FramePoolTest {
  private static final int FRAMES = 256;
  private final int first = (int) (Pool.MEMORY.byteSize() >>> 12) - FRAMES;
  private final FramePool pool = new FramePool(first, FRAMES);

  @Test void framesComeBackZeroedAfterUse() throws OutOfFramesException {
    int[] frames = pool.allocate(FRAMES);
    for (int f : frames) {
      Pool.MEMORY.set(ValueLayout.JAVA_BYTE, ((long) f << 12) + 5, (byte) 1);
    }
    pool.free(frames);
    for (int f : pool.allocate(FRAMES)) {
      assertEquals(0, Pool.MEMORY.get(ValueLayout.JAVA_BYTE, ((long) f << 12) + 5));
    }
  }

  @Test void noFrameIsHandedOutTwiceAndNoneIsLost() throws OutOfFramesException {
    Random random = new Random(1);
    List<int[]> held = new ArrayList<>();
    BitSet used = new BitSet();
    for (int n = 0; n < 2000; n++) {
      if (random.nextBoolean() && pool.available() > 0) {
        int[] frames = pool.allocate(1 + random.nextInt(pool.available()));
        for (int f : frames) {
          assertEquals(false, used.get(f - first), "frame handed out twice");
          used.set(f - first);
        }
        held.add(frames);
      } else if (!held.isEmpty()) {
        int[] frames = held.remove(random.nextInt(held.size()));
        for (int f : frames) {
          used.clear(f - first);
        }
        pool.free(frames);
      }
      assertEquals(FRAMES - used.cardinality(), pool.available());
    }
  }

  @Test void allocationIsContiguousWhereARunIsLongEnough() throws OutOfFramesException {
    int[] a = pool.allocate(10);
    int[] b = pool.allocate(100);
    pool.free(a);
    int[] c = pool.allocate(50);
    assertEquals(b[99] + 1, c[0]);
    assertEquals(c[0] + 49, c[49]);
  }

  @Test void tooLargeAnAllocationTakesNothing() {
    assertThrows(OutOfFramesException.class, () -> pool.allocate(FRAMES + 1));
    assertEquals(FRAMES, pool.available());
  }

  @Test void freeingTwiceIsRefused() throws OutOfFramesException {
    int[] a = pool.allocate(4);
    pool.free(a);
    assertThrows(IllegalArgumentException.class, () -> pool.free(a));
    assertEquals(FRAMES, pool.available());
  }
}
