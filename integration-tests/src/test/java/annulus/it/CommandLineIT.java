package annulus.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import annulus.it.Distribution.Outcome;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code annulus run} as a script calls it: what it prints, what it ends with. */
class CommandLineIT {
  private static final Path DATA = Distribution.home().resolve("data");
  private static final String LAST_LINE = "powering off\n";

  @TempDir Path folder;

  @Test void guestThatPowersOffEndsItWithZeroAndNothingButTheConsoleOnStandardOutput() throws Exception {
    Outcome run = Distribution.annulus("run");
    assertEquals(0, run.status(), run::toString);
    assertTrue(run.output().strip().startsWith("Annulus demo guest") && run.output().endsWith(LAST_LINE), run::toString);
    assertEquals("", run.errors());
  }

  @Test void linuxExecutesWhatIsPipedInAndEndsWithItsPowerOff() throws Exception {
    Linux.image(Map.of());
    // Typed before there is anybody to read it
    Outcome run = Distribution.annulus("echo $((6 * 7)) on $(uname -m)\nexit\n", Map.of(), "run", "linux", "--memory", "256M", "--cpus", "2");
    assertEquals(0, run.status(), run::toString);
    assertTrue(run.output().contains("\n42 on x86_64\n"), run::toString);
  }

  @Test void guestOfSomeSecondsLeavesTheCacheThatTheNextStartReadsItsClassesFrom() throws Exception {
    Linux.image(Map.of());
    for (Path old : startCaches()) {
      Files.delete(old);
    }
    Outcome run = Distribution.annulus("sleep 5\nexit\n", Map.of(), "run", "linux", "--memory", "256M");
    assertEquals(0, run.status(), run::toString);
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (startCaches().isEmpty()) {
      assertTrue(System.nanoTime() < end, "no start-*.aot in " + DATA);
      TimeUnit.MILLISECONDS.sleep(100);
    }
    Path log = folder.resolve("classes");
    Outcome next = Distribution.annulus("", Map.of("JAVA_OPTS", "-Xlog:class+load:file=" + log), "--version");
    assertEquals(0, next.status(), next::toString);
    String classes = Files.readString(log);
    assertTrue(classes.contains("annulus.machine.MachineService source: shared objects file"), classes);
  }

  @Test void guestThatStartsOnceMoreRunsRegionsThatTheFirstHasLeft() throws Exception {
    Linux.image(Map.of());
    Files.deleteIfExists(DATA.resolve("regions"));
    long[] first = regions();
    assertTrue(first[0] > 500, "compiled in the first run: " + first[0]);
    long[] next = regions();
    assertTrue(next[1] > 100 && next[0] < first[0] / 2, "in the next compiled " + next[0] + " of " + first[0] + ", used again " + next[1]);
  }

  /** Starts Linux. @return how many regions were compiled, and how many used again */
  private static long[] regions() throws Exception {
    Outcome run = Distribution.annulus("exit\n", Map.of(), "run", "linux", "--memory", "256M", "--engine", "translator", "--stats");
    assertEquals(0, run.status(), run::toString);
    return new long[] {counter(run, "regions-compiled"), counter(run, "regions-reused")};
  }

  private static long counter(Outcome run, String name) {
    Matcher m = Pattern.compile("vcpu0\\.engine\\." + name + " = (\\d+)").matcher(run.output() + run.errors());
    assertTrue(m.find(), run::toString);
    return Long.parseLong(m.group(1));
  }

  private static List<Path> startCaches() throws IOException {
    try (Stream<Path> files = Files.list(DATA)) {
      return files.filter(file -> file.getFileName().toString().matches("start-\\d+\\.aot")).toList();
    }
  }

  @Test void c2StandsBackOnlyWhereTheHostHasAProcessorMoreThanTheGuest() throws Exception {
    assumeTrue(Files.isDirectory(Path.of("/proc/self/task")), "only Linux gives threads priorities of their own");
    Process count = new ProcessBuilder("nproc").start();
    int processors = Integer.parseInt(new String(count.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip());
    assumeTrue(processors > 1 && processors <= 64, () -> "the host has " + processors + " processors, a guest 1 to 64");
    assertEquals(9, niceValueOfC2("run", "demo"));
    int usual = niceValueOfC2("run", "--cpus", Integer.toString(processors));
    assertTrue(usual >= 0 && usual < 9, "nice value " + usual);
  }

  /** The highest that C2's thread has while {@code bin/annulus} runs, or -1 if it is not seen. */
  private static int niceValueOfC2(String... arguments) throws Exception {
    Process process = Distribution.start(arguments);
    int highest = -1;
    while (process.isAlive()) {
      File[] threads = new File("/proc/" + process.pid() + "/task").listFiles();
      for (File thread : threads == null ? new File[0] : threads) {
        highest = Math.max(highest, niceValueIfC2(thread.toPath()));
      }
      TimeUnit.MILLISECONDS.sleep(10);
    }
    assertEquals(0, process.waitFor());
    return highest;
  }

  private static int niceValueIfC2(Path thread) {
    String stat;
    try {
      stat = Files.readString(thread.resolve("stat"));
    } catch (IOException e) {
      return -1; // it has ended since it was listed
    }
    // proc(5): the nineteenth value, of which the second is the name
    return stat.contains("(C2 Compiler") ? Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[16]) : -1;
  }

  @Test void missingKernelGetsOneLineAndTwo() throws Exception {
    assertRefused("/no/such/kernel: no such file", "run", "--kernel", "/no/such/kernel");
  }

  @Test void missingInitrdGetsOneLineAndTwo() throws Exception {
    assertRefused("/no/such/initrd: no such file", "run", "--kernel", Programs.assembled(folder, "multiboot.bin").toString(),
        "--initrd", "/no/such/initrd");
  }

  @Test void directoryInPlaceOfAKernelGetsOneLineAndTwo() throws Exception {
    assertRefused(folder.toString(), "run", "--kernel", folder.toString());
  }

  @Test void unreadableKernelGetsOneLineAndTwo() throws Exception {
    Path kernel = Programs.assembled(folder, "multiboot.bin");
    Files.setPosixFilePermissions(kernel, PosixFilePermissions.fromString("---------"));
    if (Files.isReadable(kernel)) { // root reads everything, but no link to itself
      Files.delete(kernel);
      Files.createSymbolicLink(kernel, kernel);
    }
    assertRefused(kernel.toString(), "run", "--kernel", kernel.toString());
  }

  @Test void badMemorySizeIsNamedWithWhatWouldBeRight() throws Exception {
    assertRefused("memory = lots: a size such as 512M or 2G is needed", "run", "--memory", "lots");
  }

  @Test void unknownEngineNamesTheInstalledOnes() throws Exception {
    Outcome run = assertRefused("warp", "run", "--engine", "warp");
    assertTrue(run.errors().contains("interpreter"), run::toString);
  }

  @Test void unknownVendorNamesTheInstalledOnes() throws Exception {
    Outcome run = assertRefused("cyrix", "run", "--vendor", "cyrix");
    assertTrue(run.errors().contains("intel") && run.errors().contains("amd"), run::toString);
  }

  @Test void unknownOptionIsRefused() throws Exception {
    Outcome run = Distribution.annulus("run", "--no-such-option");
    assertEquals(2, run.status(), run::toString);
    assertTrue(run.errors().contains("--no-such-option"), run::toString);
  }

  @Test void fileThatIsNoSavedMachineIsRefused() throws Exception {
    Path file = Files.writeString(folder.resolve("text"), "no machine");
    assertRefused("not a saved machine", "run", "--restore", file.toString());
  }

  @Test void tripleFaultEndsItWithThreeAndSaysSo() throws Exception {
    Outcome run = Distribution.annulus("run", "--kernel", Programs.tripleFault(folder).toString(), "--loader", "raw",
        "--loader-option", "mode=real");
    assertEquals(3, run.status(), run::toString);
    assertTrue(run.errors().contains("triple fault on processor 0"), run::toString);
  }

  @Test void testProgramsCodeBecomesTheStatus() throws Exception {
    Outcome run = Distribution.annulus("run", "--kernel", Programs.assembled(folder, "testmachine.bin").toString(), "--testdev",
        "--append", "test 7");
    assertEquals(7 * 2 + 1, run.status(), run::toString);
    assertTrue(run.output().contains("interrupt line: one interrupt\n"), run::toString);
  }

  @Test void figuresComeAfterTheEnd() throws Exception {
    Outcome run = Distribution.annulus("run", "--stats");
    assertEquals(0, run.status(), run::toString);
    Matcher instructions = Pattern.compile("(?m)^vcpu0\\.instructions = (\\d+)$").matcher(run.errors());
    assertTrue(instructions.find() && Long.parseLong(instructions.group(1)) > 1_000_000, run::toString);
    assertTrue(run.errors().contains("machine.resets = 0\n"), run::toString);
  }

  @Test void olderJavaFirstOnThePathDoesNotMatter() throws Exception {
    Path bin = Files.createDirectories(folder.resolve("old/bin"));
    executable(bin.resolve("java"), "#!/bin/sh\necho '    java.specification.version = 17' >&2\n[ $# -eq 2 ] || echo started the wrong java\n");
    Outcome run = Distribution.annulus("", Map.of("JAVA_HOME", "", "PATH", bin + ":" + System.getenv("PATH"),
        "JAVA25_HOME", System.getProperty("java.home")), "run");
    assertEquals(0, run.status(), run::toString);
    assertTrue(run.output().endsWith(LAST_LINE), run::toString);
  }

  /** One line that says what is wrong, and status 2. */
  private static Outcome assertRefused(String message, String... arguments) throws IOException, InterruptedException {
    Outcome run = Distribution.annulus(arguments);
    assertEquals(2, run.status(), run::toString);
    assertEquals("", run.output(), run::toString);
    assertEquals(1, run.errors().lines().count(), run::toString);
    assertTrue(run.errors().startsWith("annulus: ") && run.errors().contains(message), run::toString);
    return run;
  }

  private static void executable(Path file, String script) throws IOException {
    Files.writeString(file, script);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
