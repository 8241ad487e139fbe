package annulus.engine.translator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class HotSpotTest {
  private static final long LIMIT_MILLISECONDS = 10_000;

  /** In a JVM with the interface: ends with the status 0 if C1 and then C2 compile. */
  static final class Compiled {
    private Compiled() {}

    public static long run(long page, int entry, long budget) {
      return page + entry + budget;
    }

    public static void main(String[] arguments) throws InterruptedException {
      HotSpot hotSpot = HotSpot.here();
      assertNotNull(hotSpot);
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

  private static String run(String... options) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
    command.addAll(List.of(options));
    command.addAll(List.of("-XX:+UnlockDiagnosticVMOptions", "-XX:+PrintCompilation", "-XX:CompileCommand=quiet",
        "-cp", System.getProperty("java.class.path"), Compiled.class.getName()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    return output;
  }

  @Test void regionsAreCompiledByC1WithoutCountersAndThenByC2WhenAskedFor() throws Exception {
    String jar = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(p -> p.contains("annulus.hotspot")).findFirst().orElseThrow();
    String output = run("-XX:+UnlockDiagnosticVMOptions", "-XX:+WhiteBoxAPI", "-Xbootclasspath/a:" + jar);
    List<String> tiers = output.lines().filter(l -> l.matches(".*Compiled::run .*bytes\\)"))
        .map(l -> l.replaceFirst(".* ([1-4]) +annulus.*", "$1")).toList();
    assertEquals(List.of("1", "4"), tiers, output);
  }
}
