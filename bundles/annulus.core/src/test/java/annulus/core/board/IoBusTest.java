package annulus.core.board;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.device.DeviceException;
import annulus.device.DeviceException.Reason;
import annulus.device.MmioRegion;
import annulus.device.PortRegion;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class IoBusTest {
  private final TestBoard test = new TestBoard();
  private final IoBus bus = test.board.bus();
  private final List<String> log = new ArrayList<>();

  @AfterEach void close() {
    test.close();
  }

  private final class Ports implements PortRegion {
    private final int answer;

    Ports(int answer) {
      this.answer = answer;
    }

    @Override public int read(int port, int size) {
      log.add("in %x %d".formatted(port, size));
      return answer + port;
    }

    @Override public void write(int port, int size, int value) {
      log.add("out %x %d %x".formatted(port, size, value));
    }
  }

  private final class Registers implements MmioRegion {
    @Override public long read(long offset, int size) {
      log.add("load %x %d".formatted(offset, size));
      return 0x55;
    }

    @Override public void write(long offset, int size, long value) {
      log.add("store %x %d %x".formatted(offset, size, value));
    }
  }

  private static DeviceException refused(TestBoard.Claim claim) {
    return assertThrows(DeviceException.class, claim::run);
  }

  @Test void unclaimedPortsAndAddressesReadAllOnes() {
    assertEquals(0xFF, bus.readPort(0x80, 1));
    assertEquals(0xFFFF, bus.readPort(0x80, 2));
    assertEquals(-1, bus.readPort(0x80, 4));
    assertEquals(0xFF, bus.readMmio(0xFEC0_0000L, 1));
    assertEquals(0xFFFF_FFFFL, bus.readMmio(0xFEC0_0000L, 4));
    assertEquals(-1, bus.readMmio(0xFEC0_0000L, 8));
    bus.writePort(0x80, 4, 1);
    bus.writeMmio(0xFEC0_0000L, 8, 1);
  }

  @Test void anAccessWithinOneRegionStaysWhole() throws DeviceException {
    bus.claimPorts("a", 0x70, 4, new Ports(0));
    bus.writePort(0x70, 4, 0x1234_5678);
    assertEquals(0x70, bus.readPort(0x70, 4));
    assertEquals(List.of("out 70 4 12345678", "in 70 4"), log);
  }

  @Test void anAccessAcrossRegionsIsSplitIntoBytes() throws DeviceException {
    bus.claimPorts("a", 0x72, 1, new Ports(0));
    bus.claimPorts("b", 0x73, 1, new Ports(0x10));
    assertEquals(0x8372, bus.readPort(0x72, 2));
    assertEquals(0x8372_FFFF, bus.readPort(0x70, 4));
    log.clear();
    bus.writePort(0x71, 4, 0xAABB_CCDD);
    assertEquals(List.of("out 72 1 cc", "out 73 1 bb"), log);
  }

  @Test void anAccessAtTheLastPortWrapsAround() throws DeviceException {
    bus.claimPorts("a", 0xFFFF, 1, new Ports(0));
    bus.claimPorts("b", 0, 1, new Ports(0x42));
    assertEquals(0x42FF, bus.readPort(0xFFFF, 2));
  }

  @Test void aPortHasOneOwnerAndTheMessageNamesIt() throws DeviceException {
    bus.claimPorts("uart0", 0x3F8, 8, new Ports(0));
    for (int[] p : new int[][] {{0x3F8, 8}, {0x3FF, 1}, {0x3F0, 9}, {0, 0x1_0000}}) {
      DeviceException e = refused(() -> bus.claimPorts("other", p[0], p[1], new Ports(0)));
      assertEquals(Reason.REGION_TAKEN, e.reason());
      assertTrue(String.valueOf(e.getMessage()).contains("uart0"), e.getMessage());
    }
    bus.claimPorts("other", 0x3F0, 8, new Ports(0));
    bus.claimPorts("other", 0x400, 1, new Ports(0));
  }

  @Test void portsOutsideTheSpaceAreRefused() {
    for (int[] p : new int[][] {{-1, 1}, {0x1_0000, 1}, {0xFFFF, 2}, {0, 0}, {2, Integer.MAX_VALUE}, {0, 0x1_0001}}) {
      assertEquals(Reason.BAD_OPTION, refused(() -> bus.claimPorts("a", p[0], p[1], new Ports(0))).reason());
    }
  }

  @Test void registersGetOffsetsAndWholeAccessesOnly() throws DeviceException {
    bus.claimMmio("a", 0xFED0_0000L, 0x400, new Registers());
    assertEquals(0x55, bus.readMmio(0xFED0_03FCL, 4));
    assertEquals(0xFFFF_FFFFL, bus.readMmio(0xFED0_03FDL, 4), "partly outside");
    bus.writeMmio(0xFED0_0008L, 8, 0x99);
    assertEquals(List.of("load 3fc 4", "store 8 8 99"), log);
  }

  @Test void windowsAreFoundAmongMany() throws DeviceException {
    for (int n = 0; n < 40; n++) {
      bus.claimMmio("d" + n, 0x1000_0000L + 0x2000L * (n * 17 % 40), 0x1000, new Registers());
    }
    for (int n = 0; n < 40; n++) {
      assertEquals(0x55, bus.readMmio(0x1000_0FFFL + 0x2000L * n, 1));
      assertEquals(0xFF, bus.readMmio(0x1000_1000L + 0x2000L * n, 1));
    }
  }

  @Test void registersOverlapNeitherMemoryNorOthersNorTheEndOfTheSpace() throws DeviceException {
    bus.claimMmio("a", 0xFED0_0000L, 0x400, new Registers());
    assertEquals(Reason.REGION_TAKEN, refused(() -> bus.claimMmio("b", 0xFED0_03FFL, 1, new Registers())).reason());
    assertEquals(Reason.REGION_TAKEN, refused(() -> bus.claimMmio("b", 0xF_FFFF, 2, new Registers())).reason());
    for (long[] r : new long[][] {{-1, 1}, {0x1000_0000L, 0}, {Long.MAX_VALUE, 2}, {0x1000_0000L, -5}}) {
      assertEquals(Reason.BAD_OPTION, refused(() -> bus.claimMmio("b", r[0], r[1], new Registers())).reason());
    }
  }

  @Test void releaseGivesBackTheRegionAndReleaseAllTheOwners() throws DeviceException {
    Ports one = new Ports(0);
    bus.claimPorts("a", 0x10, 1, one);
    bus.claimPorts("a", 0x20, 1, new Ports(0));
    bus.claimMmio("a", 0x1000_0000L, 16, new Registers());
    bus.claimPorts("b", 0x30, 1, new Ports(0));
    bus.release("b", one);
    assertEquals(0x10, bus.readPort(0x10, 1), "not b's to release");
    bus.release("a", one);
    assertEquals(0xFF, bus.readPort(0x10, 1));
    assertEquals(0x20, bus.readPort(0x20, 1));
    bus.releaseAll("a");
    assertEquals(0xFF, bus.readPort(0x20, 1));
    assertEquals(0xFF, bus.readMmio(0x1000_0000L, 1));
    assertEquals(0x30, bus.readPort(0x30, 1));
    bus.claimPorts("c", 0x10, 17, new Ports(0));
  }
}
