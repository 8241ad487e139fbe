package annulus.device.acpi;

import annulus.device.FirmwareTables;
import annulus.device.IsaDevice;
import annulus.device.Platform;
import annulus.device.Role;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The tables that describe the machine to its operating system (ACPI 6.4 chapter 5). */
final class Tables implements FirmwareTables {
  private static final int ROOT = 0xE0000;
  private static final int LAST = 0xFFFFF;
  private static final int LOCAL_APIC = 0xFEE00000;
  private static final int IO_APIC = 0xFEC00000;
  private static final int HPET = 0xFED00000;

  private final Platform platform;
  private final Role<IsaDevice> isaDevices;
  private final int timerBits;

  Tables(Platform platform, Role<IsaDevice> isaDevices, int timerBits) {
    this.platform = platform;
    this.isaDevices = isaDevices;
    this.timerBits = timerBits;
  }

  @Override public long rootPointer() {
    return ROOT;
  }

  @Override public long first() {
    return ROOT;
  }

  @Override public long last() {
    return LAST;
  }

  private boolean has(String model) {
    return platform.devices().containsValue(model);
  }

  @Override public List<Blob> build() {
    List<Blob> blobs = new ArrayList<>();
    long[] next = {ROOT + 0x40}; // behind the root pointer; the FACS wants 64-byte alignment
    java.util.function.ToLongFunction<byte[]> place = bytes -> {
      long gpa = next[0];
      if (gpa + bytes.length - 1 > LAST) {
        throw new IllegalStateException("ACPI tables for " + platform.processors() + " processors do not fit below 1 MiB");
      }
      blobs.add(new Blob(gpa, bytes));
      next[0] = gpa + bytes.length + 63 & -64;
      return gpa;
    };
    long facs = place.applyAsLong(facs());
    long dsdt = place.applyAsLong(dsdt());
    List<Long> listed = new ArrayList<>();
    listed.add(place.applyAsLong(fadt(facs, dsdt)));
    if (has("lapic")) {
      listed.add(place.applyAsLong(madt()));
    }
    if (has("hpet")) {
      listed.add(place.applyAsLong(hpet()));
    }
    Table rsdt = new Table("RSDT", 1);
    Table xsdt = new Table("XSDT", 1);
    for (long table : listed) {
      rsdt.u32(table);
      xsdt.u64(table);
    }
    blobs.add(new Blob(ROOT, root(place.applyAsLong(rsdt.finish()), place.applyAsLong(xsdt.finish()))));
    return List.copyOf(blobs);
  }

  /** Root pointer (5.2.5.3): one checksum over the first 20 bytes, one over all. */
  private static byte[] root(long rsdt, long xsdt) {
    ByteBuffer b = ByteBuffer.allocate(36).order(ByteOrder.LITTLE_ENDIAN);
    b.put("RSD PTR ".getBytes(StandardCharsets.US_ASCII)).put((byte) 0).put(Table.OEM.getBytes(StandardCharsets.US_ASCII))
        .put((byte) 2).putInt((int) rsdt).putInt(36).putLong(xsdt);
    byte[] bytes = b.array();
    bytes[8] = Table.checksum(bytes, 0, 20);
    bytes[32] = Table.checksum(bytes, 0, 36);
    return bytes;
  }

  /** Firmware control structure (5.2.10): no header, the global lock is free. */
  private static byte[] facs() {
    byte[] bytes = new byte[64];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).put("FACS".getBytes(StandardCharsets.US_ASCII)).putInt(64)
        .put(32, (byte) 2);
    return bytes;
  }

  /** Fixed description table, revision 6 (5.2.9). */
  private byte[] fadt(long facs, long dsdt) {
    int bootFlags = 1 | (has("i8042") ? 2 : 0) | 4 | (has("rtc") ? 0 : 1 << 5); // legacy devices, 8042, no VGA, no CMOS clock
    int flags = 1 // WBINVD
        | 1 << 2 // C1 on all processors
        | 1 << 5 // no fixed sleep button; the power button is fixed hardware
        | 1 << 6 // the clock's wake status is not fixed hardware
        | (timerBits == 32 ? 1 << 8 : 0)
        | (has("reset") ? 1 << 10 : 0);
    int noSleepState = 0xFFFF;
    return new Table("FACP", 6)
        .u32(facs).u32(dsdt).u8(0).u8(0) // reserved; preferred profile unspecified
        .u16(Acpi.SCI).u32(Acpi.SMI_COMMAND).u8(Acpi.ENABLE).u8(Acpi.DISABLE).u8(0).u8(0)
        .u32(Acpi.EVENT).u32(0).u32(Acpi.CONTROL).u32(0).u32(0).u32(Acpi.TIMER).u32(Acpi.GPE0).u32(0)
        .u8(4).u8(2).u8(0).u8(4).u8(4).u8(0).u8(0).u8(0) // lengths of the blocks, GPE1 base, CST_CNT
        .u16(noSleepState).u16(noSleepState).u16(0).u16(0) // C2 and C3 latencies: none; flush size and stride
        .u8(0).u8(0).u8(0).u8(0).u8(0x32) // duty offset and width; day alarm, month alarm, century in CMOS
        .u16(bootFlags).u8(0).u32(flags)
        .address(1, 8, 1, 0xCF9).u8(6) // reset register and value
        .u16(0).u8(0) // ARM boot flags, minor version
        .u64(0).u64(dsdt)
        .address(1, 32, 2, Acpi.EVENT).zeros(12)
        .address(1, 16, 2, Acpi.CONTROL).zeros(12)
        .zeros(12)
        .address(1, 32, 3, Acpi.TIMER)
        .address(1, 32, 1, Acpi.GPE0).zeros(12)
        .zeros(24) // sleep control and status: hardware-reduced machines only
        .u64(0) // hypervisor vendor
        .finish();
  }

  /** Multiple APIC description table (5.2.12). */
  private byte[] madt() {
    Table t = new Table("APIC", 4).u32(Integer.toUnsignedLong(LOCAL_APIC)).u32(has("pic") ? 1 : 0);
    for (int i = 0; i < platform.processors(); i++) {
      t.u8(0).u8(8).u8(i).u8(i).u32(1); // processor UID, APIC id, enabled
    }
    if (has("ioapic")) {
      t.u8(1).u8(12).u8(0).u8(0).u32(Integer.toUnsignedLong(IO_APIC)).u32(0);
      t.u8(2).u8(10).u8(0).u8(0).u32(2).u16(0); // ISA 0 is on pin 2
      t.u8(2).u8(10).u8(0).u8(Acpi.SCI).u32(Acpi.SCI).u16(0xD); // active high, level
    }
    return t.u8(4).u8(6).u8(0xFF).u16(0).u8(1).finish(); // NMI on LINT1 of all processors
  }

  /** HPET description table (IA-PC HPET 1.0a 3.2.4); the block id repeats the low half of its capabilities. */
  private static byte[] hpet() {
    return new Table("HPET", 1).u32(0x8086A201L).address(0, 64, 0, Integer.toUnsignedLong(HPET)).u8(0).u16(100).u8(0).finish();
  }

  private byte[] dsdt() {
    Aml aml = new Aml();
    aml.name("\\_S5_").integers(Acpi.SLEEP_TYPE_S5, Acpi.SLEEP_TYPE_S5, 0, 0);
    aml.scope("\\_SB_", sb -> {
      for (int i = 0; i < platform.processors(); i++) {
        int uid = i;
        sb.device("C%03X".formatted(i), d -> d.name("_HID").string("ACPI0007").name("_UID").integer(uid));
      }
      for (IsaDevice isa : isaDevices.all()) {
        sb.device(isa.name(), d -> describe(d, isa));
      }
      if (has("hpet")) {
        sb.device("HPET", d -> d.name("_HID").eisaId("PNP0103").name("_CRS").resources(r -> r.memory(HPET, 0x400)));
      }
    });
    return new Table("DSDT", 2).bytes(aml.bytes()).finish();
  }

  private static void describe(Aml d, IsaDevice isa) {
    d.name("_HID").eisaId(isa.hid()).name("_UID").integer(isa.unit()).name("_CRS").resources(r -> {
      isa.ports().forEach(p -> r.ports(p.first(), p.count()));
      isa.interrupts().forEach(r::irq);
    });
  }
}
