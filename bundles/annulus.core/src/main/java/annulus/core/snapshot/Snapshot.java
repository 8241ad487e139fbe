package annulus.core.snapshot;

import annulus.arch.DeviceState;
import annulus.arch.StateException;
import annulus.arch.StateWriter;
import annulus.arch.VcpuState;
import annulus.machine.MachineSpec;
import annulus.memory.GuestMemory;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * A machine in a file: a ZIP archive with {@code machine} (specification and time), {@code vcpu/N}, {@code device/NAME},
 * {@code line/NAME} (output and unread input of a character line) and {@code memory}: pairs of guest-physical address and 4 KiB
 * page for every page that is not all zeroes, ended by -1. Every entry but memory is a {@link DeviceState} in its own schema.
 *
 * @param nanos the machine's clock
 */
public record Snapshot(
    MachineSpec spec, List<VcpuState> vcpus, Map<String, DeviceState> devices, Map<String, byte[][]> characters, long nanos) {
  private static final String MACHINE = "machine";
  private static final String VCPU = "vcpu/";
  private static final String DEVICE = "device/";
  private static final String LINE = "line/";
  private static final String MEMORY = "memory";
  private static final String LINE_SCHEMA = "annulus.line";
  private static final int PAGE = 4096;
  /** No device's state comes near this; a larger claim is a damaged or hostile file. */
  private static final int LARGEST_STATE = 64 << 20;
  private static final int MOST_VCPUS = 64;

  /** Writes the file, through a temporary one beside it, so that an old one is replaced only by a complete new one. */
  public void write(Path file, GuestMemory memory) throws IOException {
    Path target = file.toAbsolutePath();
    Path part = Files.createTempFile(target.getParent(), ".annulus", ".part");
    try {
      try (ZipOutputStream zip = new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(part), 1 << 16))) {
        zip.setLevel(Deflater.BEST_SPEED);
        entry(zip, MACHINE, SpecState.write(spec, nanos, vcpus.size()));
        for (int i = 0; i < vcpus.size(); i++) {
          entry(zip, VCPU + i, VcpuCodec.write(vcpus.get(i)));
        }
        for (Map.Entry<String, DeviceState> e : devices.entrySet()) {
          entry(zip, DEVICE + e.getKey(), e.getValue());
        }
        for (Map.Entry<String, byte[][]> e : characters.entrySet()) {
          entry(zip, LINE + e.getKey(),
              new StateWriter().put("output", e.getValue()[0]).put("input", e.getValue()[1]).toState(LINE_SCHEMA, 1));
        }
        zip.putNextEntry(new ZipEntry(MEMORY));
        writeMemory(zip, memory);
        zip.closeEntry();
      }
      Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private static void entry(ZipOutputStream zip, String name, DeviceState state) throws IOException {
    zip.putNextEntry(new ZipEntry(name));
    DataOutputStream out = new DataOutputStream(zip);
    out.writeUTF(state.schema());
    out.writeInt(state.version());
    byte[] payload = state.payload();
    out.writeInt(payload.length);
    out.write(payload);
    out.flush();
    zip.closeEntry();
  }

  private static void writeMemory(OutputStream to, GuestMemory memory) throws IOException {
    DataOutputStream out = new DataOutputStream(to);
    byte[] page = new byte[PAGE];
    for (GuestMemory.Range r : memory.ranges()) {
      for (long gpa = r.gpa(); gpa < r.end(); gpa += PAGE) {
        memory.read(gpa, page, 0, PAGE);
        if (!zero(page)) {
          out.writeLong(gpa);
          out.write(page);
        }
      }
    }
    out.writeLong(-1);
    out.flush();
  }

  private static boolean zero(byte[] page) {
    for (byte b : page) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  /** Reads everything but memory. @throws StateException when the file is not a saved machine of a known version */
  public static Snapshot read(Path file) throws IOException, StateException {
    try (ZipFile zip = new ZipFile(file.toFile())) {
      SpecState machine = SpecState.read(state(zip, MACHINE));
      if (machine.vcpus() < 1 || machine.vcpus() > MOST_VCPUS || machine.vcpus() != machine.spec().processors()) {
        throw new StateException("the file claims " + machine.vcpus() + " processors for a machine of " + machine.spec().processors());
      }
      List<VcpuState> vcpus = new ArrayList<>();
      for (int i = 0; i < machine.vcpus(); i++) {
        vcpus.add(VcpuCodec.read(state(zip, VCPU + i)));
      }
      Map<String, DeviceState> devices = new LinkedHashMap<>();
      Map<String, byte[][]> lines = new LinkedHashMap<>();
      for (ZipEntry e : java.util.Collections.list(zip.entries())) {
        if (e.getName().startsWith(DEVICE)) {
          devices.put(e.getName().substring(DEVICE.length()), state(zip, e.getName()));
        } else if (e.getName().startsWith(LINE)) {
          var reader = state(zip, e.getName()).open(LINE_SCHEMA, 1);
          lines.put(e.getName().substring(LINE.length()), new byte[][] {reader.getBytes("output"), reader.getBytes("input")});
          reader.finish();
        }
      }
      return new Snapshot(machine.spec(), vcpus, devices, lines, machine.nanos());
    } catch (ZipException e) {
      throw new StateException("not a saved machine: " + e.getMessage(), e);
    }
  }

  private static DeviceState state(ZipFile zip, String name) throws IOException, StateException {
    ZipEntry entry = zip.getEntry(name);
    if (entry == null) {
      throw new StateException("the file has no entry " + name + ": not a saved machine, or cut short");
    }
    CheckedInputStream checked = new CheckedInputStream(zip.getInputStream(entry), new CRC32());
    try (DataInputStream in = new DataInputStream(new BufferedInputStream(checked))) {
      String schema = in.readUTF();
      int version = in.readInt();
      int length = in.readInt();
      if (length < 0 || length > LARGEST_STATE) {
        throw new StateException("entry " + name + " claims " + length + " bytes; at most " + LARGEST_STATE + " are possible");
      }
      byte[] payload = in.readNBytes(length);
      if (payload.length != length || in.read() >= 0) {
        throw new StateException("entry " + name + " does not have the " + length + " bytes it claims");
      }
      verify(entry, checked);
      return new DeviceState(schema, version, payload);
    } catch (EOFException e) {
      throw new StateException("entry " + name + " ends too early", e);
    }
  }

  /** {@link ZipFile} itself does not look at checksums. */
  private static void verify(ZipEntry entry, CheckedInputStream read) throws IOException, StateException {
    read.transferTo(OutputStream.nullOutputStream());
    if (read.getChecksum().getValue() != entry.getCrc()) {
      throw new StateException("entry " + entry.getName() + " is damaged: its checksum is %08x, not %08x"
          .formatted(read.getChecksum().getValue(), entry.getCrc()));
    }
  }

  /** Reads the memory of a file into a machine's. */
  public void readMemory(Path file, GuestMemory memory) throws IOException, StateException {
    try (ZipFile zip = new ZipFile(file.toFile())) {
      ZipEntry entry = zip.getEntry(MEMORY);
      if (entry == null) {
        throw new StateException("the file has no entry " + MEMORY);
      }
      CheckedInputStream checked = new CheckedInputStream(zip.getInputStream(entry), new CRC32());
      try (DataInputStream in = new DataInputStream(new BufferedInputStream(checked, 1 << 16))) {
        byte[] page = new byte[PAGE];
        for (long gpa = in.readLong(); gpa != -1; gpa = in.readLong()) {
          in.readFully(page);
          if ((gpa & PAGE - 1) != 0 || memory.hostOffset(gpa) < 0) {
            throw new StateException("the file has a page at 0x%x, where this machine has no memory".formatted(gpa));
          }
          memory.write(gpa, page, 0, PAGE);
        }
        verify(entry, checked);
      }
    } catch (EOFException | ZipException e) {
      throw new StateException("entry " + MEMORY + " is damaged: " + (e.getMessage() == null ? "it ends too early" : e.getMessage()), e);
    }
  }
}
