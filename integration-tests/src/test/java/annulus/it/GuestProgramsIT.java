package annulus.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.abort;

import annulus.machine.Machine;
import annulus.machine.MachineStatus;
import annulus.machine.MachineStatus.Ending;
import annulus.machine.MachineStatus.Phase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Small guests: a Multiboot kernel, a program for the test machine, a boot sector. */
class GuestProgramsIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @RegisterExtension final Machines machines = new Machines();
  @TempDir Path folder;

  @Test void multibootKernelFindsItsCommandLineAndModuleAndItsCodeBecomesTheStatus() throws Exception {
    Path module = Files.writeString(folder.resolve("environment"), "NR_CPUS=1\nMEM=256\n");
    Machine machine = machines.define("multiboot", "kernel", Programs.assembled(folder, "multiboot.bin").toString(),
        "initrd", module.toString(), "append", "first second=2", "device.debugexit", "debugexit");
    assertEquals("multiboot.bin first second=2\nNR_CPUS=1\nMEM=256\n", output(machine));
    assertEnded(machine, Ending.EXIT_DEVICE, 42 * 2 + 1);
  }

  @Test void testMachineOffersLatchMemoryBehindMmioAndInterruptLines() throws Exception {
    Machine machine = testMachine("test 5");
    assertEquals("latch: every size\nmemory behind MMIO: kept\ninterrupt line: one interrupt\n", output(machine));
    assertEnded(machine, Ending.EXIT_DEVICE, 5 * 2 + 1);
  }

  @Test void testMachinePowersOffWhenItsProgramWritesShutdown() throws Exception {
    Machine machine = testMachine("test");
    output(machine);
    assertEnded(machine, Ending.POWER_OFF, 0);
  }

  @Test void bootSectorRunsInRealModeAndServesAnInterrupt() throws Exception {
    Machine machine = machines.define("bootsector", "kernel", Programs.assembled(folder, "bootsector.bin").toString(),
        "memory", "1M", "device.debugexit", "debugexit");
    assertEquals("boot sector\nreal mode\ndisk 80\nsum 5050\n", output(machine));
    assertEnded(machine, Ending.EXIT_DEVICE, 7 * 2 + 1);
  }

  @ParameterizedTest @ValueSource(strings =
      {"multiboot.bin", "testmachine.bin", "bootsector.bin", "boundaries.bin", "turnstile.bin", "shootdown.bin"})
  void committedProgramIsWhatItsSourceAssemblesTo(String name) throws Exception {
    Path sources = Path.of(System.getProperty("basedir", ".")).resolve("src/test/guest/build.sh").toAbsolutePath();
    if (!onPath("nasm") || !Files.isExecutable(sources)) {
      String reason = name + " is not compared with its source: there is no nasm, or no " + sources;
      System.out.println(reason);
      abort(reason);
    }
    Process build = new ProcessBuilder(sources.toString(), folder.toString()).inheritIO().start();
    assertEquals(0, build.waitFor());
    byte[] assembled = Files.readAllBytes(folder.resolve(name));
    assertArrayEquals(Files.readAllBytes(Programs.assembled(folder, name)), assembled);
  }

  private static boolean onPath(String program) {
    for (String at : System.getenv("PATH").split(":")) {
      if (Files.isExecutable(Path.of(at, program))) {
        return true;
      }
    }
    return false;
  }

  private Machine testMachine(String commandLine) throws Exception {
    return machines.define("testmachine", "kernel", Programs.assembled(folder, "testmachine.bin").toString(),
        "append", commandLine, "device.testdev", "testdev");
  }

  /** Runs the machine to its end. */
  private static String output(Machine machine) throws Exception {
    machine.create();
    try (SerialLine line = new SerialLine(machine)) {
      machine.start();
      return line.untilEnd();
    }
  }

  private static void assertEnded(Machine machine, Ending ending, int exitStatus) throws InterruptedException {
    MachineStatus status = machine.await(LIMIT);
    assertEquals(Phase.STOPPED, status.phase(), status::toString);
    assertEquals(ending, status.ending(), status::toString);
    assertEquals(exitStatus, status.exitStatus(), status::toString);
  }
}
