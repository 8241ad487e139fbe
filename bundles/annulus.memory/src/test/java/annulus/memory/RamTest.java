package annulus.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class RamTest {
  private static final long SIZE = Pool.MEMORY.byteSize();
  private static final long LAST = SIZE - 8;

  @Test void anAddressIsThatOfItsOffset() {
    for (long host : new long[] {0, 0x1001, LAST}) {
      long address = Ram.address(host);
      assertEquals(host, Ram.offset(address));
      Ram.putAt64(address, 0x8877_6655_4433_2211L);
      assertEquals(0x8877_6655_4433_2211L, Ram.get64(host));
      assertEquals(0x4433_2211, Ram.getAt32(address));
      assertEquals(0x8877, Ram.getAt16(address + 6));
      assertEquals(0x88, Ram.getAt8(address + 7));
      Ram.putAt32(address, 0xFEDC_BA98);
      Ram.putAt16(address + 4, 0x7654);
      Ram.putAt8(address + 6, 0x32);
      assertEquals(0x8832_7654_FEDC_BA98L, Ram.getAt64(address));
      Ram.put64(host, 0);
    }
  }

  @Test void noAddressLiesOutsideThePool() {
    for (long host : new long[] {-1, SIZE, Long.MIN_VALUE}) {
      String message = assertThrows(IllegalArgumentException.class, () -> Ram.address(host)).getMessage();
      assertTrue(message.contains("0x%x".formatted(host)) && message.contains("0x%x".formatted(SIZE)), message);
    }
  }

  @Test void assertionsRefuseAddressesOutsideThePool() {
    long end = Ram.address(0) + SIZE;
    assertThrows(AssertionError.class, () -> Ram.getAt8(end));
    assertThrows(AssertionError.class, () -> Ram.getAt64(end - 7));
    assertThrows(AssertionError.class, () -> Ram.putAt32(Ram.address(0) - 1, 0));
    assertThrows(AssertionError.class, () -> Ram.putAt16(0, 0));
  }

  @Test void anOffsetIsTakenModuloThePoolsSize() {
    Ram.put32(5, 0x1234_5678);
    assertEquals(0x1234_5678, Ram.get32(5 + SIZE));
    assertEquals(0x1234_5678, Ram.get32(5 - SIZE));
    Ram.put32(5, 0);
  }
}
