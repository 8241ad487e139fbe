package annulus.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MappedGuestMemoryTest {
  private static final FramePool POOL = new FramePool((int) (Pool.MEMORY.byteSize() >>> 12) - 1024, 512);
  private final MappedGuestMemory memory = new MappedGuestMemory(POOL);
  private final List<Long> written = new ArrayList<>();

  @BeforeEach void map() throws OutOfFramesException {
    memory.addRam(0, 0x4000);
    memory.addRam(0x1_0000_0000L, 0x2000);
    memory.addRom(0xFFFF_F000L, new byte[] {1, 2, 3});
    memory.addCodeObserver(written::add);
  }

  @AfterEach void close() {
    memory.close();
  }

  @Test void everythingOutsideRamAndRomIsAFaultWithItsFirstAddress() {
    assertEquals(-1, memory.hostOffset(0x4000));
    assertEquals(0x4000, assertThrows(MemoryFault.class, () -> memory.read(0x3FFE, 4)).gpa());
    assertEquals(0x4000, assertThrows(MemoryFault.class, () -> memory.write(0x3000, new byte[0x1001], 0, 0x1001)).gpa());
    assertEquals(-1, memory.hostOffset(-1));
  }

  @Test void valuesCrossPagesLittleEndian() {
    memory.write(0xFFD, 8, 0x1122_3344_5566_7788L);
    assertEquals(0x1122_3344_5566_7788L, memory.read(0xFFD, 8));
    assertEquals(0x88, memory.read(0xFFD, 1));
    assertEquals(0x11, memory.read(0x1004, 1));
    memory.write(0x1_0000_0000L, 4, 0xDEAD_BEEFL);
    assertEquals(0xDEAD_BEEFL, memory.read(0x1_0000_0000L, 4));
  }

  @Test void romKeepsItsContents() {
    memory.write(0xFFFF_F000L, 4, -1);
    memory.clear(0xFFFF_F000L, 16);
    assertEquals(0x030201, memory.read(0xFFFF_F000L, 4));
    assertFalse(memory.writable(0xFFFF_F000L));
  }

  @Test void writingACodePageTellsTheObserverOnceUntilMarkedAgain() {
    assertTrue(memory.markCode(1));
    assertFalse(memory.markCode(1));
    assertFalse(memory.directlyWritable(0x1000));
    memory.write(0xFFE, 4, 0);
    assertEquals(List.of(1L), written);
    assertTrue(memory.directlyWritable(0x1000));
    memory.write(0x1000, 4, 0);
    assertEquals(1, written.size());
    memory.markCode(1);
    memory.compareAndSet(0x1008, 8, 0, 5);
    assertEquals(List.of(1L, 1L), written);
  }

  @Test void dirtyLogNamesExactlyTheWrittenPages() {
    memory.write(0x0, 1, 1);
    memory.setDirtyLog(true);
    assertFalse(memory.directlyWritable(0x2000));
    memory.write(0x2000, 1, 1);
    memory.beforeWrite(0x1_0000_1000L);
    long[] log = memory.takeDirtyLog();
    assertEquals(1L << 2, log[0]);
    assertEquals(1L << 1, log[0x10_0000 >> 6]);
    assertEquals(0, memory.takeDirtyLog()[0]);
    memory.write(0x2000, 1, 1);
    assertEquals(1L << 2, memory.takeDirtyLog()[0]);
    memory.setDirtyLog(false);
    assertArrayEquals(new long[0], memory.takeDirtyLog());
    assertTrue(memory.directlyWritable(0x2000));
  }

  @Test void compareAndSetOnlyReplacesWhatItExpects() {
    memory.write(0x100, 8, 0xFFFF_FFFF_8000_0001L);
    assertFalse(memory.compareAndSet(0x100, 4, 1, 2));
    assertTrue(memory.compareAndSet(0x100, 4, 0x8000_0001L, 2));
    assertEquals(0xFFFF_FFFF_0000_0002L, memory.read(0x100, 8));
  }

  @Test void overlappingOrUnalignedRangesAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> memory.addRam(0x3000, 0x1000));
    assertThrows(IllegalArgumentException.class, () -> memory.addRam(0x8800, 0x1000));
  }
}
