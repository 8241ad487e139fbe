package annulus.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.it.Distribution.Outcome;
import annulus.machine.Machine;
import annulus.machine.MachineException;
import annulus.machine.MachineException.Reason;
import annulus.machine.MachineStatus.Phase;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Saved machines go on where they were, or are refused with the reason. */
class SaveRestoreIT {
  private static final int MEBIBYTES = 24;

  @RegisterExtension final Machines machines = new Machines();
  @TempDir Path folder;

  @Test void guestSavedInTheMiddleOfItsWorkGoesOnUnderAnotherName() throws Exception {
    Path file = folder.resolve("counting.saved");
    Machine first = Linux.restored(machines, "first");
    try (SerialLine line = new SerialLine(first)) {
      CountingLoop.start(line);
      first.save(file);
      assertEquals(Phase.PAUSED, first.status().phase());
      assertFalse(line.all().contains(CountingLoop.END), "saved too late");
    }
    first.destroy();
    Machine second = machines.service().restore(file, "second");
    assertEquals("second", second.name());
    try (SerialLine line = new SerialLine(second)) {
      second.resume();
      line.expect(CountingLoop.END);
      CountingLoop.assertComplete(line.all());
    }
  }

  @Test void guestSavedInTheMiddleOfItsWorkGoesOnInAFreshContainer() throws Exception {
    Path file = folder.resolve("hashing.saved");
    Machine machine = Linux.restored(machines, "hashing");
    String digest = Digests.zeros(MEBIBYTES << 20);
    try (SerialLine line = new SerialLine(machine, false)) {
      line.type("dd if=/dev/zero bs=1M count=" + MEBIBYTES + " 2>/dev/null | sha256sum\n");
      line.expect("sha256sum");
      Thread.sleep(200);
      machine.save(file);
      assertFalse(line.all().contains(digest), "saved too late");
    }
    machine.destroy();
    Outcome run = Distribution.annulus("uname -m; poweroff -f\n", Map.of(), "run", "--restore", file.toString());
    assertEquals(0, run.status(), run::toString);
    assertTrue(run.output().contains(digest + "  -\n"), run::toString);
    assertTrue(run.output().contains("\nx86_64\n"), run::toString);
  }

  @Test void guestTimeStandsStillBetweenSaveAndRestore() throws Exception {
    Path file = folder.resolve("time.saved");
    Machine machine = Linux.restored(machines, "before");
    double before;
    long start = System.nanoTime();
    try (SerialLine line = new SerialLine(machine, false)) {
      line.type("\n");
      line.expect(Linux.PROMPT);
      before = Double.parseDouble(line.run("cut -d' ' -f1 /proc/uptime"));
    }
    machine.save(file);
    machine.destroy();
    Thread.sleep(2000);
    Machine restored = machines.service().restore(file, "after");
    restored.resume();
    try (SerialLine line = new SerialLine(restored, false)) {
      double after = Double.parseDouble(line.run("cut -d' ' -f1 /proc/uptime"));
      double host = (System.nanoTime() - start) / 1e9;
      assertTrue(after >= before && after - before <= host - 2, "guest " + before + " to " + after + " s, host " + host + " s, 2 of them between");
      // and it goes on at the right speed
      String elapsed = line.run("s=$(cut -d. -f1 /proc/uptime); sleep 2; echo $(($(cut -d. -f1 /proc/uptime) - s))");
      assertTrue(elapsed.equals("2") || elapsed.equals("3"), elapsed);
    }
  }

  @Test void fileThatIsNoneOrCutShortIsRefused() throws Exception {
    Path saved = savedSmall("small", "2M", 1);
    byte[] whole = Files.readAllBytes(saved);
    assertRefused(Files.write(folder.resolve("empty"), new byte[0]), Reason.STATE, "not a saved machine");
    assertRefused(Files.writeString(folder.resolve("text"), "no machine at all"), Reason.STATE, "not a saved machine");
    assertRefused(Files.write(folder.resolve("cut"), java.util.Arrays.copyOf(whole, whole.length / 2)), Reason.STATE, "not a saved machine");
    assertRefused(folder.resolve("absent"), Reason.HOST, "absent");
  }

  @Test void everyChangedByteIsNoticedOrWithoutEffect() throws Exception {
    Path saved = savedSmall("small", "2M", 1);
    byte[] whole = Files.readAllBytes(saved);
    Machine good = machines.service().restore(saved, "good");
    byte[] memory = good.readMemory(0, 1 << 20);
    int refused = 0;
    for (int at = 7; at < whole.length; at += Math.max(1, whole.length / 150)) {
      byte[] damaged = whole.clone();
      damaged[at] ^= 0x10;
      Path file = Files.write(folder.resolve("damaged"), damaged);
      try {
        Machine m = machines.service().restore(file, "damaged");
        assertEquals(-1, java.util.Arrays.mismatch(memory, m.readMemory(0, 1 << 20)), "memory changed by byte " + at);
        assertEquals(good.vcpu(0).general().rip(), m.vcpu(0).general().rip(), "RIP changed by byte " + at);
        machines.service().undefine("damaged", true);
      } catch (MachineException e) {
        assertTrue(String.valueOf(e.getMessage()).contains(file.toString()), e.getMessage());
        assertTrue(machines.service().machine("damaged").isEmpty(), "a machine is left behind");
        refused++;
      }
    }
    assertTrue(refused > 50, refused + " damaged files refused");
  }

  @Test void fileOfAnotherMachineShapeIsRefusedWithTheDifference() throws Exception {
    Path small = savedSmall("small", "2M", 1);
    Path two = savedSmall("two", "2M", 2);
    Path large = savedSmall("large", "8M", 1);
    assertRefused(with(small, Map.of("machine", entry(two, "machine"))), Reason.STATE, "vcpu/1");
    Map<String, byte[]> lacking = new TreeMap<>();
    lacking.put("device/uart", null);
    assertRefused(with(small, lacking), Reason.STATE, "uart");
    assertRefused(with(small, Map.of("device/uart7", entry(small, "device/uart"))), Reason.STATE, "uart7");
    assertRefused(with(small, Map.of("device/uart", entry(small, "device/pit"))), Reason.STATE, "uart");
    assertRefused(with(large, Map.of("machine", entry(small, "machine"))), Reason.STATE, "no memory");
  }

  /** A small machine, saved. Its memory holds the same page everywhere. */
  private Path savedSmall(String name, String memory, int processors) throws Exception {
    Machine machine = machines.define(name, "kernel", Programs.stop(folder).toString(), "loader", "raw", "loader.mode", "real",
        "memory", memory, "cpus", Integer.toString(processors));
    machine.create();
    byte[] page = new byte[4096];
    new java.util.Random(1).nextBytes(page);
    for (long gpa = 0x10_0000; gpa < machine.spec().memory(); gpa += 0x1_0000) {
      machine.writeMemory(gpa, page);
    }
    machine.writeMemory(0x2_0000, page);
    machine.start();
    Path file = folder.resolve(name + ".saved");
    machine.save(file);
    machines.service().undefine(name, true);
    return file;
  }

  private void assertRefused(Path file, Reason reason, String message) {
    MachineException e = assertThrows(MachineException.class, () -> machines.service().restore(file, "refused"));
    assertEquals(reason, e.reason(), e::getMessage);
    assertTrue(String.valueOf(e.getMessage()).contains(file.toString()) && String.valueOf(e.getMessage()).contains(message), e.getMessage());
    assertTrue(machines.service().machine("refused").isEmpty(), "a machine is left behind");
  }

  private static byte[] entry(Path file, String name) throws IOException {
    try (ZipFile zip = new ZipFile(file.toFile())) {
      return zip.getInputStream(zip.getEntry(name)).readAllBytes();
    }
  }

  /** A copy with entries put in another's place; null leaves one out. */
  private Path with(Path file, Map<String, byte[]> changes) throws IOException {
    Map<String, byte[]> entries = new TreeMap<>();
    try (ZipFile zip = new ZipFile(file.toFile())) {
      for (ZipEntry e : java.util.Collections.list(zip.entries())) {
        entries.put(e.getName(), zip.getInputStream(e).readAllBytes());
      }
    }
    entries.putAll(changes);
    Path changed = Files.createTempFile(folder, "changed", ".saved");
    try (OutputStream out = Files.newOutputStream(changed); ZipOutputStream zip = new ZipOutputStream(out)) {
      for (Map.Entry<String, byte[]> e : entries.entrySet()) {
        if (e.getValue() != null) {
          zip.putNextEntry(new ZipEntry(e.getKey()));
          zip.write(e.getValue());
        }
      }
    }
    return changed;
  }
}
