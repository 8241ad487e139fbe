package annulus.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.machine.Machine;
import annulus.machine.MachineStatus;
import annulus.machine.MachineStatus.Ending;
import annulus.machine.MachineStatus.Phase;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The embedded guest, to its end. */
class EmbeddedGuestIT {
  private static final Pattern REPORT = Pattern.compile("\\[report] \\d+ s, ticks (\\d+), system calls (\\d+), task switches (\\d+),"
      + " pages mapped on demand (\\d+), traps (\\d+)\n(?!.*\\[report])", Pattern.DOTALL);
  /** The sieve's flags, a byte for each number below 524288, are touched page by page. */
  private static final int SIEVE_PAGES = 128;

  @RegisterExtension final Machines machines = new Machines();

  @ParameterizedTest @CsvSource({"intel, GenuineIntel", "amd, AuthenticAMD"})
  void embeddedGuestUsesTheMachineAndPowersOff(String vendor, String identification) throws Exception {
    Machine machine = machines.define("demo-" + vendor, "image", "demo", "vendor", vendor);
    machine.create();
    String output;
    try (SerialLine line = new SerialLine(machine)) {
      machine.start();
      output = line.untilEnd();
    }
    MachineStatus end = machine.await(Duration.ofSeconds(60));
    assertEquals(Phase.STOPPED, end.phase(), () -> end + "\n" + output);
    assertEquals(Ending.POWER_OFF, end.ending(), () -> end + "\n" + output);
    assertTrue(output.contains("processor: " + identification), output);
    assertTrue(output.contains("primes below 524288: 43390"), output);
    assertTrue(output.contains("longest sequence below 300000 starts at 230631, length 442"), output);
    Matcher report = REPORT.matcher(output);
    assertTrue(report.find(), output);
    assertTrue(Integer.parseInt(report.group(1)) > 0, "timer ticks: " + report.group());
    assertTrue(Integer.parseInt(report.group(2)) >= 5, "system calls: " + report.group());
    assertTrue(Integer.parseInt(report.group(3)) > 2, "task switches: " + report.group());
    assertEquals(SIEVE_PAGES, Integer.parseInt(report.group(4)), "pages on demand: " + report.group());
    assertEquals(3, Integer.parseInt(report.group(5)), "two privileged instructions and a forbidden read: " + report.group());
  }
}
