package annulus.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import annulus.loader.GuestImage;
import annulus.machine.Machine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each kind of work that speed is measured with, while what the guest runs on is replaced at random moments. */
class WorkloadsIT {
  private static final int SWAPS = 25;
  /** Printed when the work proper begins. */
  private static final String BEGIN = "BEGIN ";

  @TempDir static Path folder;
  private static @Nullable Workloads workloads;
  private static @Nullable Path saved;

  @RegisterExtension final Machines machines = new Machines();

  @BeforeAll static void compile() throws IOException, InterruptedException {
    workloads = Workloads.compile(folder);
  }

  @AfterAll static void forget() {
    saved = null;
  }

  @ParameterizedTest
  @ValueSource(strings = {"int", "chase", "copy", "mmap", "fork", "exec", "syscall", "pipe", "sha256", "gzip", "nbody", "spectral", "x87"})
  void workloadPrintsTheCheckValueOfTheHostsProcessorWhileEverythingIsReplaced(String workload) throws Exception {
    Workloads program = Objects.requireNonNull(workloads);
    String expected = program.onHost(workload);
    Machine machine = machines.service().restore(saved(program), "working");
    machine.resume();
    try (SerialLine line = new SerialLine(machine, false)) {
      line.run("");
      int rounds = 1;
      begin(line, workload);
      try (Swaps swaps = Swaps.ofAll(machine, Swaps.count(SWAPS))) {
        assertEquals(expected, end(line));
        for (; swaps.running(); rounds++) {
          begin(line, workload);
          assertEquals(expected, end(line));
        }
        swaps.await();
      }
      System.out.println(workload + ", " + rounds + " times: " + Swaps.figures(machine.swaps()));
    }
  }

  private static void begin(SerialLine line, String workload) throws InterruptedException {
    line.type(Workloads.command(workload) + "\n");
    line.expect("\n" + BEGIN);
  }

  /** @return what it has printed in all, but for the times */
  private static String end(SerialLine line) throws InterruptedException {
    return Workloads.withoutTimes(BEGIN + line.expect(Linux.PROMPT));
  }

  /** A machine with the program, at its shell's prompt. */
  private Path saved(Workloads program) throws Exception {
    Path file = saved;
    if (file == null) {
      GuestImage image = Linux.image(Map.of());
      Machine machine = Linux.start(machines, "workloads", image, "engine", "translator",
          "initrd", image.modules().getFirst() + "," + program.archive());
      try (SerialLine line = new SerialLine(machine)) {
        Linux.awaitShell(line);
      }
      file = folder.resolve("workloads.saved");
      machine.save(file);
      machines.service().undefine("workloads", true);
      saved = file;
    }
    return file;
  }
}
