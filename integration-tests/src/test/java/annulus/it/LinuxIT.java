package annulus.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.loader.GuestImage;
import annulus.machine.Machine;
import annulus.machine.MachineEvent;
import annulus.machine.MachineStatus;
import annulus.machine.MachineStatus.Ending;
import annulus.machine.MachineStatus.Phase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Debian's kernels with a busybox shell: booted in every way, used over the serial line, and ended as their users end them. */
class LinuxIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @RegisterExtension final Machines machines = new Machines();
  @TempDir Path folder;

  @ParameterizedTest @ValueSource(strings = {"interpreter", "translator"})
  void bootsToAShellThatAnswersAndRestartsAndPowersOff(String engine) throws Exception {
    Linux.image(Map.of());
    Machine machine = machines.define("linux", "image", "linux", "engine", engine);
    List<MachineEvent.Reset> resets = new CopyOnWriteArrayList<>();
    machine.addListener(event -> {
      if (event instanceof MachineEvent.Reset reset) {
        resets.add(reset);
      }
    });
    machine.start();
    try (SerialLine line = new SerialLine(machine)) {
      Linux.awaitShell(line);
      assertEquals("x86_64", line.run("uname -m"));
      assertEquals("42", line.run("echo $((6 * 7))"));
      assertTrue(line.run("cat /proc/cpuinfo").matches("(?s).*vendor_id\\s*: GenuineIntel.*"));
      assertTrue(line.run("dmesg | grep ACPI").contains("ACPI: RSDP"));
      assertTrue(line.run("ps").contains("/init"));
      line.type("reboot -f\n");
      line.expect("Linux version");
      Linux.awaitShell(line);
      assertEquals(1, resets.size(), resets::toString);
      assertEquals("1", line.run("nproc"));
      assertPowersOff(machine, line);
    }
  }

  @Test void fourProcessorsOfAmdShareTheWork() throws Exception {
    Machine machine = Linux.start(machines, "four", "cpus", "4", "vendor", "amd");
    try (SerialLine line = new SerialLine(machine)) {
      Linux.awaitShell(line);
      assertEquals("4", line.run("nproc"));
      assertEquals("4", line.run("grep -c 'vendor_id.*AuthenticAMD' /proc/cpuinfo"));
      // The processor a process runs on is field 39 of its stat
      assertEquals("0\n1\n2\n3", line.run("for c in 0 1 2 3; do taskset $((1 << c)) cut -d' ' -f39 /proc/self/stat; done"));
      String digest = Digests.zeros(1 << 20) + "  -";
      assertEquals(String.join("\n", Collections.nCopies(4, digest)),
          line.run("for c in 1 2 3 4; do dd if=/dev/zero bs=64k count=16 2>/dev/null | sha256sum & done 2>/dev/null; wait")
              .lines().filter(l -> l.endsWith("  -")).reduce((a, b) -> a + "\n" + b).orElse(""));
      for (int c = 0; c < 4; c++) {
        long instructions = machine.statistics().get("vcpu" + c + ".instructions");
        assertTrue(instructions > 1_000_000, "processor " + c + " has done only " + instructions + " instructions");
      }
      assertPowersOff(machine, line);
    }
  }

  @Test void kernelOf32BitsBoots() throws Exception {
    Machine machine = Linux.start(machines, "i386", Linux.image(Map.of("architecture", "i386")));
    try (SerialLine line = new SerialLine(machine)) {
      Linux.awaitShell(line);
      assertEquals("i686", line.run("uname -m"));
      assertEquals("42", line.run("echo $((6 * 7))"));
      assertPowersOff(machine, line);
    }
  }

  @Test void unpackedKernelBootsByPvh() throws Exception {
    GuestImage image = Linux.image(Map.of());
    Path vmlinux = folder.resolve("vmlinux");
    Vmlinux.unpack(image.kernel(), vmlinux);
    Machine machine = Linux.start(machines, "pvh", new GuestImage(vmlinux, image.modules(), null, image.defaultCommandLine(), Map.of()));
    try (SerialLine line = new SerialLine(machine)) {
      Linux.awaitShell(line);
      // 0xB0: the kernel's own number for the PVH entry (arch/x86/platform/pvh)
      assertEquals("176", line.run("cat /proc/sys/kernel/bootloader_type"));
      assertPowersOff(machine, line);
    }
  }

  @Test void powerButtonReachesTheGuest() throws Exception {
    Machine machine = Linux.restored(machines, "button");
    try (SerialLine line = new SerialLine(machine, false)) {
      line.type("\n");
      line.expect(Linux.PROMPT);
      // The kernel's driver is a module that the guest does not have. What it does first is to enable the event: bit 8 of the PM1
      // enable register (ACPI 4.8.3.1.2), the upper byte of the second half of the block that the FADT names at offset 56
      line.run("p=$(hexdump -s 56 -n 4 -e '1/4 \"%d\"' /sys/firmware/acpi/tables/FACP)");
      line.run("printf '\\001' | dd of=/dev/port bs=1 seek=$((p + 3)) conv=notrunc 2>/dev/null");
      assertEquals("0", line.run("awk '{ print $1 }' /sys/firmware/acpi/interrupts/ff_pwr_btn"));
      machine.shutdown();
      line.expect("PowerButton"); // the kernel's complaint that nobody handles it
      line.type("\n");
      line.expect(Linux.PROMPT);
      assertEquals("1", line.run("awk '{ print $1 }' /sys/firmware/acpi/interrupts/ff_pwr_btn"));
    }
  }

  private static void assertPowersOff(Machine machine, SerialLine line) throws InterruptedException {
    line.type("poweroff -f\n");
    MachineStatus end = machine.await(LIMIT);
    assertEquals(Phase.STOPPED, end.phase(), end::toString);
    assertEquals(Ending.POWER_OFF, end.ending(), end::toString);
    assertEquals(0, end.exitStatus());
  }
}
