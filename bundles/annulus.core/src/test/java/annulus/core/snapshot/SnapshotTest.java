package annulus.core.snapshot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.arch.DeviceState;
import annulus.arch.SegmentState;
import annulus.arch.StateException;
import annulus.arch.StateReader;
import annulus.arch.StateWriter;
import annulus.arch.VcpuState;
import annulus.arch.VcpuState.Activity;
import annulus.machine.MachineException;
import annulus.machine.MachineSpec;
import annulus.machine.SpecProperties;
import annulus.memory.FramePool;
import annulus.memory.MappedGuestMemory;
import annulus.memory.OutOfFramesException;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Saved machines: there and back, and files that are not what they claim to be. */
class SnapshotTest {
  private static final FramePool POOL = new FramePool();
  private static final long RAM = 1 << 20;

  @TempDir private Path folder;
  private final MappedGuestMemory memory = new MappedGuestMemory(POOL);
  private final Random random = new Random(4);

  @BeforeEach void ram() throws OutOfFramesException {
    memory.addRam(0, RAM);
  }

  @AfterEach void close() {
    memory.close();
  }

  private VcpuState vcpu() {
    List<Long> gpr = new ArrayList<>();
    List<SegmentState> segments = new ArrayList<>();
    for (int n = 0; n < 16; n++) {
      gpr.add(random.nextLong());
    }
    for (int n = 0; n < 8; n++) {
      segments.add(new SegmentState(random.nextInt(0x1_0000), random.nextLong(), random.nextInt() & 0xFFFF_FFFFL, random.nextInt(0x2_0000)));
    }
    byte[] xsave = new byte[VcpuState.Extended.SIZE];
    random.nextBytes(xsave);
    Map<Integer, Long> msrs = new TreeMap<>();
    for (int n = 0; n < 50; n++) {
      msrs.put(random.nextInt(), random.nextLong());
    }
    return new VcpuState(new VcpuState.General(gpr, random.nextLong(), random.nextLong()),
        new VcpuState.Segments(segments, new VcpuState.Table(random.nextLong(), 0xFFFF), new VcpuState.Table(random.nextLong(), 7)),
        new VcpuState.Control(1, 2, 3, 4, 5, 6, -7, -8), new VcpuState.Debug(1, 2, 3, 4, 5, 6), new VcpuState.Extended(xsave),
        new VcpuState.Msrs(msrs), new VcpuState.Events(Activity.WAIT_FOR_SIPI, true, false, true, false, 0x4003, 0x9F));
  }

  private static MachineSpec spec() {
    try {
      return SpecProperties.read(Map.of("name", "m", "cpus", "2", "memory", "1M", "append", "a=b\tc", "kernel", "/k", "device.uart0.irq", "4"));
    } catch (MachineException e) {
      throw new AssertionError(e);
    }
  }

  private Snapshot snapshot() {
    Map<String, DeviceState> devices = new LinkedHashMap<>();
    devices.put("uart0", new StateWriter().put("x", 5).toState("test.uart", 3));
    devices.put("empty", new StateWriter().toState("test.empty", 1));
    return new Snapshot(spec(), List.of(vcpu(), vcpu()), devices, Map.of("serial0", new byte[][] {{1, 2, 3}, {4}}), 123_456_789_012L);
  }

  private Path written() throws IOException {
    for (long page : new long[] {0, 0x7000, RAM - 4096}) {
      byte[] b = new byte[4096];
      random.nextBytes(b);
      memory.write(page, b, 0, b.length);
    }
    Path file = folder.resolve("saved");
    snapshot().write(file, memory);
    return file;
  }

  @Test void everythingComesBack() throws Exception {
    random.setSeed(4);
    Snapshot before = snapshot();
    Path file = folder.resolve("f");
    memory.write(0x7FFE, 4, 0x1122_3344);
    before.write(file, memory);
    Snapshot after = Snapshot.read(file);
    assertEquals(before.spec(), after.spec());
    assertEquals(before.vcpus(), after.vcpus());
    assertEquals(before.devices(), after.devices());
    assertEquals(before.nanos(), after.nanos());
    assertArrayEquals(before.characters().get("serial0"), after.characters().get("serial0"));
    byte[] ram = new byte[(int) RAM];
    memory.read(0, ram, 0, ram.length);
    memory.clear(0, RAM);
    after.readMemory(file, memory);
    byte[] again = new byte[(int) RAM];
    memory.read(0, again, 0, again.length);
    assertArrayEquals(ram, again);
  }

  @Test void aProcessorStateComesBackFieldByField() throws StateException {
    for (int n = 0; n < 200; n++) {
      VcpuState state = vcpu();
      assertEquals(state, VcpuCodec.read(VcpuCodec.write(state)));
    }
  }

  @Test void aFailedWriteLeavesTheOldFileAndNoRemains() throws IOException {
    Path file = written();
    byte[] before = Files.readAllBytes(file);
    Snapshot bad = new Snapshot(spec(), List.of(vcpu()), Map.of("x", new DeviceState("x".repeat(70_000), 1, new byte[0])), Map.of(), 0);
    assertThrows(IOException.class, () -> bad.write(file, memory));
    assertArrayEquals(before, Files.readAllBytes(file));
    try (var files = Files.list(folder)) {
      assertEquals(List.of(file), files.toList());
    }
  }

  @Test void zeroPagesTakeNoSpace() throws IOException {
    assertTrue(Files.size(written()) < 4 * 4096 + 8192, "three pages and the states");
  }

  // ---- hostile files ----------------------------------------------------------------------------------------------------------------

  private static Map<String, byte[]> entries(Path file) throws IOException {
    Map<String, byte[]> all = new LinkedHashMap<>();
    try (ZipFile zip = new ZipFile(file.toFile())) {
      for (ZipEntry e : java.util.Collections.list(zip.entries())) {
        all.put(e.getName(), zip.getInputStream(e).readAllBytes());
      }
    }
    return all;
  }

  private Path zip(Map<String, byte[]> entries) throws IOException {
    Path file = Files.createTempFile(folder, "hostile", ".zip");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
      for (Map.Entry<String, byte[]> e : entries.entrySet()) {
        out.putNextEntry(new ZipEntry(e.getKey()));
        out.write(e.getValue());
        out.closeEntry();
      }
    }
    return file;
  }

  private static byte[] entry(String schema, int version, int claimed, byte[] payload) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeUTF(schema);
    out.writeInt(version);
    out.writeInt(claimed);
    out.write(payload);
    return bytes.toByteArray();
  }

  private static StateException refused(Path file) {
    return assertThrows(StateException.class, () -> Snapshot.read(file));
  }

  @Test void aMissingEntryIsNamed() throws IOException {
    for (String name : new String[] {"machine", "vcpu/0", "vcpu/1"}) {
      Map<String, byte[]> all = entries(written());
      all.remove(name);
      assertTrue(String.valueOf(refused(zip(all)).getMessage()).contains(name));
    }
    Map<String, byte[]> all = entries(written());
    all.remove("memory");
    Path file = zip(all);
    assertThrows(StateException.class, () -> Snapshot.read(file).readMemory(file, memory));
  }

  @Test void wrongSchemasAndVersionsAreRefused() throws IOException {
    Map<String, byte[]> all = entries(written());
    for (String name : new String[] {"machine", "vcpu/0", "line/serial0"}) {
      Map<String, byte[]> changed = new LinkedHashMap<>(all);
      changed.put(name, entry("other", 1, 0, new byte[0]));
      assertTrue(String.valueOf(refused(zip(changed)).getMessage()).contains("other"), name);
      changed.put(name, entry(name.equals("machine") ? "annulus.machine" : name.equals("vcpu/0") ? VcpuState.SCHEMA : "annulus.line", 99, 0,
          new byte[0]));
      assertTrue(String.valueOf(refused(zip(changed)).getMessage()).contains("99"), name);
    }
  }

  @Test void lengthsThatAreNotTrueAreRefusedWithoutTakingMemory() throws IOException {
    Map<String, byte[]> all = entries(written());
    for (int claimed : new int[] {-1, 1, 11, 9, 1 << 30, Integer.MAX_VALUE}) {
      all.put("device/uart0", entry("test.uart", 1, claimed, new byte[10]));
      refused(zip(all));
    }
  }

  @Test void aPageOutsideMemoryIsRefusedByItsAddress() throws Exception {
    Map<String, byte[]> all = entries(written());
    for (long gpa : new long[] {RAM, 0x7001, -4096, 0xA_0000_0000L, Long.MIN_VALUE}) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      DataOutputStream out = new DataOutputStream(bytes);
      out.writeLong(gpa);
      out.write(new byte[4096]);
      out.writeLong(-1);
      all.put("memory", bytes.toByteArray());
      Path file = zip(all);
      StateException e = assertThrows(StateException.class, () -> Snapshot.read(file).readMemory(file, memory));
      assertTrue(String.valueOf(e.getMessage()).contains(Long.toHexString(gpa)), e.getMessage());
    }
  }

  @Test void memoryThatEndsTooEarlyIsRefused() throws Exception {
    Map<String, byte[]> all = entries(written());
    byte[] whole = all.get("memory");
    for (int length : new int[] {0, 7, 8, 100, 4104, whole.length - 8, whole.length - 1}) {
      all.put("memory", Arrays.copyOf(whole, length));
      Path file = zip(all);
      assertThrows(StateException.class, () -> Snapshot.read(file).readMemory(file, memory), length + " bytes");
    }
  }

  @Test void damagedFilesAreRefusedOrTheSame() throws Exception {
    Path file = written();
    byte[] good = Files.readAllBytes(file);
    Snapshot original = Snapshot.read(file);
    int refused = 0;
    for (int n = 0; n < 400; n++) {
      byte[] bad = good.clone();
      bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
      if (n % 4 == 0) {
        bad = Arrays.copyOf(bad, random.nextInt(bad.length));
      }
      Path damaged = Files.write(folder.resolve("damaged"), bad);
      try {
        Snapshot read = Snapshot.read(damaged);
        read.readMemory(damaged, memory);
        assertEquals(original.vcpus(), read.vcpus());
      } catch (StateException | IOException e) {
        refused++;
        assertFalse(String.valueOf(e.getMessage()).isEmpty());
      }
    }
    assertTrue(refused > 300, refused + " refused");
  }

  @Test void processorStatesThatCannotBeAreRefused() throws IOException, StateException {
    VcpuState good = vcpu();
    StateReader fields = VcpuCodec.write(good).open(VcpuState.SCHEMA, 1);
    assertEquals(16, fields.getLongs("gpr", 16).length);
    byte[] payload = VcpuCodec.write(good).payload();
    for (int n = 0; n < 2000; n++) {
      byte[] bad = payload.clone();
      bad[random.nextInt(bad.length)] = (byte) random.nextInt();
      try {
        VcpuCodec.read(new DeviceState(VcpuState.SCHEMA, 1, n % 5 == 0 ? Arrays.copyOf(bad, random.nextInt(bad.length)) : bad));
      } catch (StateException e) {
        assertFalse(String.valueOf(e.getMessage()).isEmpty());
      }
    }
    assertThrows(StateException.class, () -> VcpuCodec.read(new DeviceState(VcpuState.SCHEMA, 2, payload)));
  }

  @Test void theSpecificationComesBackWithItsTime() throws StateException {
    SpecState back = SpecState.read(SpecState.write(spec(), 77, 2));
    assertEquals(spec(), back.spec());
    assertEquals(77, back.nanos());
    assertEquals(2, back.vcpus());
  }

  @Test void aCountOfProcessorsThatIsNotTheMachinesIsRefused() throws IOException {
    Map<String, byte[]> all = entries(written());
    DeviceState three = SpecState.write(spec(), 0, 3);
    all.put("machine", entry(three.schema(), 1, three.payload().length, three.payload()));
    assertTrue(String.valueOf(refused(zip(all)).getMessage()).contains("3"));
  }
}
