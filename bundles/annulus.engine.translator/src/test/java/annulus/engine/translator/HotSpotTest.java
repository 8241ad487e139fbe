package annulus.engine.translator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HotSpotTest {
  private static final long LIMIT_MILLISECONDS = 10_000;

  /** In a JVM with the interface: ends with the status 0 if C1 and then C2 compile. */
  static final class Compiled {
    private Compiled() {}

    public static long run(long page, int entry, long budget) {
      return page + entry + budget;
    }

    /** @param arguments one, when C2 is to refuse */
    public static void main(String[] arguments) throws InterruptedException {
      HotSpot hotSpot = HotSpot.here();
      assertNotNull(hotSpot);
      if (arguments.length > 0) {
        assertFalse(hotSpot.compileHot(Compiled.class));
        return;
      }
      assertTrue(hotSpot.compileWarm(Compiled.class));
      await(hotSpot);
      assertTrue(hotSpot.compileHot(Compiled.class));
      await(hotSpot);
    }

    private static void await(HotSpot hotSpot) throws InterruptedException {
      long end = System.currentTimeMillis() + LIMIT_MILLISECONDS;
      while (hotSpot.compiles(Compiled.class)) {
        assertTrue(System.currentTimeMillis() < end, "still waits for the compiler");
        Thread.sleep(1);
      }
    }
  }

  /** The tiers that {@link Compiled#run} was compiled by, in a JVM with the interface. */
  private static List<String> tiers(List<String> options, List<String> arguments) throws IOException, InterruptedException {
    String jar = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(p -> p.contains("annulus.hotspot")).findFirst().orElseThrow();
    List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
    command.addAll(List.of("-XX:+UnlockDiagnosticVMOptions", "-XX:+WhiteBoxAPI", "-Xbootclasspath/a:" + jar, "-XX:+PrintCompilation",
        "-XX:CompileCommand=quiet"));
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Compiled.class.getName()));
    command.addAll(arguments);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    return output.lines().filter(l -> l.matches(".*Compiled::run .*bytes\\)"))
        .map(l -> l.replaceFirst(".* ([1-4]) +annulus.*", "$1")).toList();
  }

  @Test void regionsAreCompiledByC1WithoutCountersAndThenByC2WhenAskedFor() throws Exception {
    assertEquals(List.of("1", "4"), tiers(List.of(), List.of()));
  }

  @Test void whatC2RefusesIsKnownToBeRefused(@TempDir Path folder) throws Exception {
    Path directives = Files.writeString(folder.resolve("compiler.json"),
        "[{ match: \"annulus/engine/translator/HotSpotTest$Compiled.run\", c2: { Exclude: true, BackgroundCompilation: false } }]");
    assertEquals(List.of(), tiers(List.of("-XX:CompilerDirectivesFile=" + directives), List.of("refused")));
  }
}
