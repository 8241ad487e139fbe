package annulus.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The model against the processor this test runs on. */
final class HardwareOracleTest {
  private static final long POLL_NANOS = 10_000_000;
  /** Processor time after which the child has run cases. */
  private static final Duration AT_WORK = Duration.ofSeconds(2);

  private static final int CASES = 2_000_000;

  private static int run(ByteArrayOutputStream into, String... arguments) {
    PrintStream out = new PrintStream(into, true, StandardCharsets.UTF_8);
    return assertTimeoutPreemptively(Duration.ofMinutes(4), () -> ChildProcess.run(arguments, out));
  }

  @Test void modelAgreesWithTheProcessorOfTheHost() {
    String reason = Silicon.unavailable();
    if (reason != null) {
      System.out.println("hardware oracle skipped: " + reason);
    }
    Assumptions.assumeTrue(reason == null, () -> "hardware oracle: " + reason);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int status = run(out, "--cases", Integer.toString(CASES), "--seed", "2026");
    String text = out.toString(StandardCharsets.UTF_8);
    System.out.print(text.substring(text.lastIndexOf('\n', Math.max(0, text.length() - 2)) + 1));
    assertEquals(0, status, text);
  }

  @Test void lostProcessIsAnErrorThatNamesTheCase() throws Exception {
    Assumptions.assumeTrue(Silicon.unavailable() == null, Silicon::unavailable);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Thread killer = Thread.ofPlatform().start(HardwareOracleTest::killChild);
    assertEquals(2, run(out, "--cases", "100000000"));
    killer.join();
    assertTrue(out.toString(StandardCharsets.UTF_8).contains("was lost"), () -> out.toString(StandardCharsets.UTF_8));
    assertTrue(out.toString(StandardCharsets.UTF_8).contains("--only "), () -> out.toString(StandardCharsets.UTF_8));
  }

  /** Kills the child once it is at work: what is started before it becomes Java is the JVM's own launcher. */
  private static void killChild() {
    boolean killed = false;
    while (!killed) {
      LockSupport.parkNanos(POLL_NANOS);
      killed = ProcessHandle.current().children().filter(HardwareOracleTest::atWork).map(ProcessHandle::destroyForcibly).toList()
          .contains(true);
    }
  }

  private static boolean atWork(ProcessHandle child) {
    return child.info().command().filter(c -> c.endsWith("java")).isPresent()
        && child.info().totalCpuDuration().filter(d -> d.compareTo(AT_WORK) > 0).isPresent();
  }

  @Test void unknownOptionIsRefusedWithTheUsage() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertEquals(2, run(out, "--cases"));
    assertTrue(out.toString(StandardCharsets.UTF_8).contains("--record FILE"), () -> out.toString(StandardCharsets.UTF_8));
  }
}
