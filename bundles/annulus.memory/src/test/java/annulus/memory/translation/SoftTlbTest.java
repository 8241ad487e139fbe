package annulus.memory.translation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import annulus.memory.Pool;
import org.junit.jupiter.api.Test;

/** What engines may keep of what they have found out about code. */
class SoftTlbTest {
  private static final long LOWER = 0x40_1000;
  private static final long UPPER = 0xFFFF_FFFF_8100_0000L;
  private static final int CONTEXT = 5;

  private final SoftTlb tlb = new SoftTlb();

  private void code(long linear, long host, boolean global) {
    tlb.fill(linear, CONTEXT, host, Access.EXECUTE, 12, global);
  }

  @Test void aPageOutsideThePoolIsRefused() {
    for (long host : new long[] {-4096, Pool.MEMORY.byteSize()}) {
      assertThrows(IllegalArgumentException.class, () -> code(LOWER, host, false));
      assertNotEquals(SoftTlb.tag(LOWER, CONTEXT), tlb.entries[SoftTlb.index(LOWER) + SoftTlb.EXECUTE]);
    }
  }

  @Test void anEntryThatMakesRoomEndsNoEpoch() {
    code(LOWER, 0x1000, false);
    long before = tlb.epoch(LOWER);
    code(LOWER + ((long) SoftTlb.SIZE << 12), 0x2000, false);
    assertEquals(before, tlb.epoch(LOWER));
  }

  @Test void anotherPageForTheSameCodeEndsTheEpoch() {
    code(LOWER, 0x1000, false);
    long before = tlb.epoch(LOWER);
    code(LOWER, 0x2000, false);
    assertNotEquals(before, tlb.epoch(LOWER));
  }

  @Test void anInvalidationEndsTheEpochOfItsHalf() {
    long lower = tlb.epoch(LOWER);
    long upper = tlb.epoch(UPPER);
    tlb.invalidate(UPPER);
    assertEquals(lower, tlb.epoch(LOWER));
    assertNotEquals(upper, tlb.epoch(UPPER));
  }

  @Test void anInvalidationOfWhatIsNotCachedEndsTheEpochToo() {
    long before = tlb.epoch(LOWER);
    tlb.invalidate(LOWER);
    assertNotEquals(before, tlb.epoch(LOWER));
  }

  @Test void aLoadOfTheRootEndsTheUpperEpochOnlyWhereCodeThereIsNotGlobal() {
    code(UPPER, 0x1000, true);
    long lower = tlb.epoch(LOWER);
    long upper = tlb.epoch(UPPER);
    tlb.dropLocal();
    assertNotEquals(lower, tlb.epoch(LOWER));
    assertEquals(upper, tlb.epoch(UPPER));
    code(UPPER + 0x1000, 0x2000, false);
    tlb.dropLocal();
    assertNotEquals(upper, tlb.epoch(UPPER));
  }

  @Test void aFlushEndsBoth() {
    long lower = tlb.epoch(LOWER);
    long upper = tlb.epoch(UPPER);
    tlb.flush();
    assertNotEquals(lower, tlb.epoch(LOWER));
    assertNotEquals(upper, tlb.epoch(UPPER));
  }
}
