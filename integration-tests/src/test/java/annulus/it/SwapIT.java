package annulus.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.loader.GuestImage;
import annulus.machine.Machine;
import annulus.machine.MachineStatus.Phase;
import annulus.machine.SwapReport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Engines, translations and devices replaced at random moments under a running Linux, which must not notice. */
class SwapIT {
  /** What a kernel that lost something complains with. */
  private static final Pattern COMPLAINT = Pattern.compile(
      "(?i)(Oops|BUG:|WARNING:|soft lockup|rcu.*stall|unstable|spurious|nobody cared|too much work|clocksource.*skew|no longer affine)");
  private static final Pattern MESSAGE = Pattern.compile("\\[ *\\d+\\.\\d{6}\\] (.*)");
  private static final int MEBIBYTES = 4;
  private static final int LINES = 8;
  private static final int LENGTH = 800;

  @RegisterExtension final Machines machines = new Machines();
  @TempDir Path folder;

  @Test void linuxBootsAndWorksWhileEverythingIsReplaced() throws Exception {
    Set<String> undisturbed = messages(Linux.booted(machines));
    // This one tells of a host that was late for a tick, not of the guest
    undisturbed.remove("hpet: Lost # RTC interrupts");
    Machine machine = Linux.start(machines, "boot", "memory", "512M");
    try (SerialLine line = new SerialLine(machine); Swaps swaps = Swaps.ofAll(machine, Swaps.count(120))) {
      Linux.awaitShell(line);
      assertTrue(swaps.made() > 10, "only " + swaps.made() + " replacements before the shell was there");
      while (swaps.running()) {
        assertEquals(Digests.zeros(MEBIBYTES << 20) + "  -", line.run("dd if=/dev/zero bs=1M count=" + MEBIBYTES + " 2>/dev/null | sha256sum"));
      }
      swaps.await();
      assertEquals("x86_64", line.run("uname -m"));
      Set<String> missing = new TreeSet<>(undisturbed);
      missing.removeAll(messages(line.all()));
      assertEquals(Set.of(), missing, "what the kernel writes when nothing is replaced");
      assertNoComplaint(line);
      line.type("poweroff -f\n");
      line.untilEnd();
      assertEquals(0, machine.await(Duration.ofSeconds(60)).exitStatus());
      System.out.println("boot under replacement of everything: " + Swaps.figures(machine.swaps()));
    }
  }

  @Test void aCountingLoopLosesAndRepeatsNothing() throws Exception {
    Machine machine = Linux.restored(machines, "counting");
    try (SerialLine line = new SerialLine(machine); Swaps swaps = Swaps.ofAll(machine, Integer.MAX_VALUE)) {
      CountingLoop.start(line);
      line.expect(CountingLoop.END);
      swaps.stop();
      CountingLoop.assertComplete(line.all());
      assertTrue(swaps.made() > 5, "only " + swaps.made() + " replacements");
    }
  }

  @Test void noTypedByteIsLost() throws Exception {
    Machine machine = Linux.restored(machines, "typing");
    try (SerialLine line = new SerialLine(machine, false); Swaps swaps = Swaps.ofAll(machine, Integer.MAX_VALUE)) {
      line.run("");
      // The line editor does not echo what comes before it has given the terminal back
      line.type("echo ready; cat > /tmp/typed\n");
      line.expect("\nready\r\n"); // with its end: an echo may come between the two
      StringBuilder typed = new StringBuilder();
      for (int i = 0; i < LINES; i++) {
        String text = ("line " + i + " of what is typed, ").repeat(LENGTH / 20).substring(0, LENGTH);
        typed.append(text).append('\n');
        line.type(text + "\n");
        line.expect(text); // the echo
      }
      line.type("\u0004");
      line.expect(Linux.PROMPT);
      assertEquals(Digests.of(typed.toString()) + "  /tmp/typed", line.run("sha256sum /tmp/typed"));
      swaps.stop();
      assertTrue(swaps.made() > 5, "only " + swaps.made() + " replacements");
    }
  }

  @Test void guestTimeGoesOnAsFastAsTheMachineRunsAndTimersExpire() throws Exception {
    Machine machine = Linux.restored(machines, "time");
    try (SerialLine line = new SerialLine(machine, false); Swaps swaps = Swaps.ofAll(machine, Integer.MAX_VALUE)) {
      line.run("");
      long machineBefore = machine.statistics().get("machine.nanos");
      double guestBefore = uptime(line);
      line.run("i=0; while [ $i -lt 15 ]; do usleep 100000; i=$((i + 1)); done");
      double guest = uptime(line) - guestBefore;
      double host = (machine.statistics().get("machine.nanos") - machineBefore) / 1e9;
      swaps.stop();
      // Less what lies between the readings on either side
      assertTrue(guest >= 1.5 && guest <= host + 0.02, "guest " + guest + " s, machine " + host + " s");
      assertTrue(guest >= host - 0.5 - host / 10, "guest " + guest + " s, machine " + host + " s");
      assertNoComplaint(line);
    }
  }

  @Test void fourProcessorsShootDownTranslationsWhileTheirEnginesAreReplaced() throws Exception {
    GuestImage image = Linux.image(Map.of());
    Machine machine = Linux.start(machines, "four", image, "cpus", "4",
        "initrd", image.modules().getFirst() + "," + Archive.of("shootdown", Programs.assembled(folder, "shootdown.bin")));
    try (SerialLine line = new SerialLine(machine)) {
      try (Swaps swaps = Swaps.ofEngines(machine, Integer.MAX_VALUE)) {
        Linux.awaitShell(line);
        // On a busy host the kernel remarks on timers that come late, between the lines of what runs, this one too; what is serious it
        // still says.
        line.run("dmesg -n 4");
        assertEquals("4", line.run("nproc"));
        swaps.stop();
      }
      try (Swaps swaps = Swaps.ofEngines(machine, Swaps.count(60))) {
        long before = shootdowns(line);
        int rounds = 0;
        do {
          // Threads that replace one another's pages. Where the host is busy they run at the same time less often.
          assertEquals("no stale translation", line.run("shootdown"));
          rounds++;
        } while (swaps.running() || rounds < 20 && shootdowns(line) <= before + 500);
        swaps.await();
        assertTrue(shootdowns(line) > before + 500, "the kernel had to ask other processors to drop translations");
      }
      String digest = Digests.zeros(1 << 20) + "  -";
      try (Swaps swaps = Swaps.ofEngines(machine, Integer.MAX_VALUE)) {
        // Forks and ends of processes on all processors change page tables that others have cached
        assertEquals(String.join("\n", Collections.nCopies(8, digest)),
            line.run("for c in 1 2 3 4 5 6 7 8; do dd if=/dev/zero bs=64k count=16 2>/dev/null | sha256sum & done 2>/dev/null; wait")
                .lines().filter(l -> l.endsWith("  -")).reduce((a, b) -> a + "\n" + b).orElse(""));
        swaps.stop();
        assertTrue(swaps.made() > 5, "only " + swaps.made() + " replacements");
      }
      assertNoComplaint(line);
      System.out.println("four processors: " + Swaps.figures(machine.swaps()));
    }
  }

  /** How often processors were interrupted to drop translations. */
  private static long shootdowns(SerialLine line) throws InterruptedException {
    return Arrays.stream(line.run("grep TLB: /proc/interrupts").split("\\s+")).filter(w -> w.matches("\\d+")).mapToLong(Long::parseLong).sum();
  }

  @Test void lockstepTakesOverAndGivesBackAndFindsNoDifference() throws Exception {
    Machine machine = Linux.restored(machines, "compared");
    try (SerialLine line = new SerialLine(machine);
        Swaps swaps = Swaps.ofEngines(machine, Swaps.count(16), "interpreter", "translator", "lockstep")) {
      CountingLoop.start(line);
      line.expect(CountingLoop.END);
      CountingLoop.assertComplete(line.all());
      line.expect(Linux.PROMPT);
      swaps.await();
      machine.swap("engine", "interpreter");
      assertEquals("x86_64", line.run("uname -m"));
      List<SwapReport> reports = machine.swaps();
      assertTrue(reports.stream().anyMatch(r -> r.to().startsWith("lockstep")), "into lockstep");
      assertTrue(reports.stream().anyMatch(r -> r.from().startsWith("lockstep") && !r.to().startsWith("lockstep")), "out of lockstep");
      System.out.println("with lockstep: " + Swaps.figures(reports));
    }
  }

  @Test void thePauseIsShort() throws Exception {
    Machine machine = Linux.restored(machines, "pause");
    try (SerialLine line = new SerialLine(machine, false); Swaps swaps = Swaps.ofEngines(machine, 300)) {
      line.type("while :; do :; done\n");
      swaps.await();
      assertEquals(Phase.RUNNING, machine.status().phase());
      List<SwapReport> reports = machine.swaps();
      assertEquals(300, reports.size());
      reports.forEach(r -> assertTrue(r.succeeded(), r::toString));
      assertEquals(301, reports.getLast().generation());
      assertTrue(reports.getLast().instructions() > reports.getFirst().instructions(), "the guest went on");
      // The aim is a median under 1 ms and a 99th percentile under 10 ms; a busy host must not fail the build
      System.out.println("one processor: " + Swaps.figures(reports));
      assertTrue(Swaps.median(Swaps.sorted(reports, SwapReport::pause)) < 20_000, () -> Swaps.figures(reports));
    }
  }

  /** The kernel's messages on a console, without times and other numbers. */
  private static Set<String> messages(String console) {
    return MESSAGE.matcher(console).results().map(r -> r.group(1).replaceAll("[0-9a-fA-Fx]*[0-9][0-9a-fA-Fx]*", "#").strip())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static double uptime(SerialLine line) throws InterruptedException {
    return Double.parseDouble(line.run("cut -d' ' -f1 /proc/uptime"));
  }

  private static void assertNoComplaint(SerialLine line) throws InterruptedException {
    String log = line.run("dmesg");
    assertTrue(log.contains("Linux version"), log);
    List<String> complaints = log.lines().filter(l -> COMPLAINT.matcher(l).find()).toList();
    assertEquals(List.of(), complaints);
  }
}
