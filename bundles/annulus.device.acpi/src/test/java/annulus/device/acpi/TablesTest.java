package annulus.device.acpi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.device.DeviceException;
import annulus.device.FirmwareTables;
import annulus.device.IsaDevice;
import annulus.tck.device.FakeMachine;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TablesTest {
  /** The first 1 MiB with the tables of a machine in it. */
  private static ByteBuffer memory(int processors, String... models) throws DeviceException {
    FakeMachine m = new FakeMachine(processors, List.of());
    for (String model : models) {
      m.describe(model + "0", model);
    }
    m.context("uart0").provide(IsaDevice.class, new IsaDevice("COM1", "PNP0501", 1, List.of(new IsaDevice.Ports(0x3F8, 8)), List.of(4)));
    m.start(new AcpiFactory(), "acpi", Map.of());
    FirmwareTables tables = m.the(FirmwareTables.class);
    ByteBuffer memory = ByteBuffer.allocate(1 << 20).order(ByteOrder.LITTLE_ENDIAN);
    long end = 0;
    for (FirmwareTables.Blob blob : tables.build().stream().sorted((a, b) -> Long.compare(a.gpa(), b.gpa())).toList()) {
      assertTrue(blob.gpa() >= end && blob.gpa() >= tables.first(), "blobs do not overlap");
      end = blob.gpa() + blob.bytes().length;
      assertTrue(end - 1 <= tables.last());
      memory.put((int) blob.gpa(), blob.bytes());
    }
    assertEquals(0xE0000, tables.rootPointer());
    return memory;
  }

  private static String text(ByteBuffer m, int at, int length) {
    byte[] b = new byte[length];
    m.get(at, b);
    return new String(b, StandardCharsets.US_ASCII);
  }

  private static int sum(ByteBuffer m, int at, int length) {
    int sum = 0;
    for (int i = 0; i < length; i++) {
      sum += m.get(at + i);
    }
    return sum & 0xFF;
  }

  /** Signatures and addresses of the tables the XSDT lists, after a check of every checksum. */
  private static Map<String, Integer> tables(ByteBuffer m) {
    assertEquals("RSD PTR ", text(m, 0xE0000, 8));
    assertEquals(0, sum(m, 0xE0000, 20));
    assertEquals(0, sum(m, 0xE0000, 36));
    int rsdt = m.getInt(0xE0010);
    int xsdt = (int) m.getLong(0xE0018);
    Map<String, Integer> found = new java.util.LinkedHashMap<>();
    List<Integer> fromRsdt = new ArrayList<>();
    for (int i = 36; i < m.getInt(rsdt + 4); i += 4) {
      fromRsdt.add(m.getInt(rsdt + i));
    }
    for (int i = 36; i < m.getInt(xsdt + 4); i += 8) {
      int at = (int) m.getLong(xsdt + i);
      assertEquals(0, sum(m, at, m.getInt(at + 4)), "checksum of " + text(m, at, 4));
      found.put(text(m, at, 4), at);
    }
    assertEquals(fromRsdt, List.copyOf(found.values()), "old guests find the same tables");
    return found;
  }

  @Test void fixedTablePointsToItsPartsAndRegisters() throws DeviceException {
    ByteBuffer m = memory(1, "lapic", "ioapic", "pic", "reset", "i8042", "rtc", "uart");
    Map<String, Integer> t = tables(m);
    int fadt = t.get("FACP");
    assertEquals(276, m.getInt(fadt + 4));
    assertEquals("FACS", text(m, m.getInt(fadt + 36), 4));
    assertEquals(0, m.getInt(fadt + 36) % 64);
    int dsdt = m.getInt(fadt + 40);
    assertEquals("DSDT", text(m, dsdt, 4));
    assertEquals(dsdt, m.getLong(fadt + 140));
    assertEquals(0, sum(m, dsdt, m.getInt(dsdt + 4)));
    assertEquals(9, m.getShort(fadt + 46));
    assertEquals(Acpi.EVENT, m.getInt(fadt + 56));
    assertEquals(Acpi.TIMER, m.getInt(fadt + 76));
    assertEquals(0x0007, m.getShort(fadt + 109), "legacy devices, 8042, no VGA");
    assertEquals(1 | 1 << 2 | 1 << 5 | 1 << 6 | 1 << 8 | 1 << 10, m.getInt(fadt + 112));
    assertEquals(0xCF9, m.getLong(fadt + 120));
    assertEquals(6, m.get(fadt + 128));
    assertEquals(Acpi.TIMER, m.getLong(fadt + 212));
    assertFalse(t.containsKey("HPET"));
  }

  @Test void interruptTableListsEveryProcessorAndTheOverrides() throws DeviceException {
    ByteBuffer m = memory(4, "lapic", "ioapic", "pic", "hpet");
    Map<String, Integer> t = tables(m);
    int madt = t.get("APIC");
    List<String> entries = new ArrayList<>();
    for (int at = madt + 44; at < madt + m.getInt(madt + 4); at += m.get(at + 1)) {
      byte[] entry = new byte[m.get(at + 1)];
      m.get(at, entry);
      entries.add(HexFormat.of().formatHex(entry));
    }
    assertEquals(List.of("0008000001000000", "0008010101000000", "0008020201000000", "0008030301000000",
        "010c00000000c0fe00000000", "020a0000020000000000", "020a0009090000000d00", "0406ff000001"), entries);
    assertEquals(0xFED00000L, m.getLong(t.get("HPET") + 44));
  }

  @Test void machineWithoutApicsHasNoInterruptTable() throws DeviceException {
    assertFalse(tables(memory(1, "pic")).containsKey("APIC"));
  }

  @Test void byteCodeIsThatOfTheSpecification() {
    byte[] aml = new Aml()
        .name("\\_S5_").integers(5, 5, 0, 0)
        .device("COM1", d -> d.name("_HID").eisaId("PNP0501").name("_CRS").resources(r -> r.ports(0x3F8, 8).irq(4)))
        .bytes();
    assertArrayEquals(HexFormat.of().parseHex(
        "085c5f53355f12080 40a050a050000".replace(" ", "")
            + "5b8225434f4d31085f4849440c41d00501085f4352531110 0a0d4701f803f8030108221000 7900".replace(" ", "")), aml);
  }

  @Test void lengthsGrowWithTheirContent() {
    assertEquals(0x3F, new Aml().scope("\\_SB_", a -> a.name("AAAA").string("x".repeat(0x3F - 1 - 5 - 5 - 2))).bytes()[1]);
    byte[] two = new Aml().scope("\\_SB_", a -> a.name("AAAA").string("x".repeat(0x40 - 1 - 5 - 5 - 2))).bytes();
    assertEquals(0x41, two[1]);
    assertEquals(0x04, two[2]);
    assertEquals(0x41, two.length - 1);
  }
}
