package annulus.shell.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.machine.MachineService.Axis;
import annulus.machine.MachineService.Provider;
import annulus.machine.MachineSpec;
import annulus.machine.MachineStatus;
import annulus.machine.MachineStatus.Ending;
import annulus.machine.MachineStatus.Phase;
import annulus.machine.SwapReport;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CommandsTest {
  private final Session session = new Session();

  private MachineSpec spec(String name) {
    return session.machines.machine(name).orElseThrow().spec();
  }

  @Test void everyVerbIsThere() {
    assertTrue(session.verbs.keySet().containsAll(Set.of("define", "create", "start", "pause", "resume", "reset", "shutdown", "destroy",
        "list", "info", "console", "send-key", "stats", "cpu", "mem", "disasm", "save-config", "save", "restore", "undefine", "engines",
        "vendors", "translations", "devices", "loaders", "images", "swap", "swaps", "help")));
  }

  @Test void everyCommandExplainsItselfIn80Columns() throws InterruptedException {
    for (String name : session.verbs.keySet()) {
      List<String> help = session.run(name, "--help");
      assertTrue(help.getFirst().startsWith("Usage: vm:" + name), help.getFirst());
      help.forEach(l -> assertTrue(l.length() <= 80, l));
      assertEquals(help, session.run("help", name));
    }
    session.run("help").forEach(l -> assertTrue(l.length() <= 80, l));
  }

  @Test void swapsAreOneLineEachAndFailuresSayWhyBelow() throws InterruptedException {
    session.run("define", "m");
    session.machines.swaps.add(swap(2, "engine", "translator (annulus.engine.translator 0.1.0.SNAPSHOT)", ""));
    session.machines.swaps.add(swap(2, "translation", "other (example.other 1.0.0)", "it refuses"));
    assertEquals(List.of(
        "GEN  WHAT         TO          PAUSE  HOLD  EXPORT  IMPORT  RETIRE  RESUME  OK",
        "2    engine       translator  13.30  1.00  2.00    10.00   0.10    0.20    yes",
        "2    translation  other       13.30  1.00  2.00    10.00   0.10    0.20    no",
        "times in milliseconds",
        "translation to other: it refuses"), session.run("swaps", "m"));
  }

  private static SwapReport swap(int generation, String what, String to, String reason) {
    return new SwapReport(generation, what, "interpreter (annulus.engine.interpreter 0.1.0.SNAPSHOT)", to, reason.isEmpty(), reason,
        Duration.ofMillis(1), Duration.ofMillis(2), Duration.ofMillis(10), Duration.ofNanos(100_000), Duration.ofNanos(200_000), 5,
        Instant.EPOCH);
  }

  @Test void defineTakesSettingsAndResolvesFiles() throws InterruptedException {
    session.run("define", "m", "memory=512M", "cpus=2", "append=console=ttyS0 quiet", "kernel=vmlinuz", "initrd=a,/b", "device.uart1=none",
        "device.uart0.port=0x2f8");
    assertEquals(512L << 20, spec("m").memory());
    assertEquals(2, spec("m").processors());
    assertEquals("console=ttyS0 quiet", spec("m").commandLine());
    assertEquals("/work/guests/vmlinuz", String.valueOf(spec("m").kernel()));
    assertEquals("[/work/guests/a, /b]", spec("m").modules().toString());
    assertEquals(Map.of("uart1", "none"), spec("m").devices());
    assertEquals(Map.of("uart0", Map.of("port", "0x2f8")), spec("m").deviceOptions());
  }

  @Test void mistakesAreOneLineThatSaysWhatIsRight() throws InterruptedException {
    session.run("define", "m");
    assertEquals("vm:define: \"x\": a setting is KEY=VALUE, for instance memory=512M\n", session.fail("define", "n", "x"));
    assertEquals("vm:define: cpus is given twice\n", session.fail("define", "n", "cpus=1", "cpus=2"));
    assertEquals("vm:start: missing required parameter: 'NAME'; usage: vm:start [-h] NAME\n", session.fail("start"));
    assertEquals("vm:start: no machine is called \"q\"; there are m\n", session.fail("start", "q"));
    assertEquals("vm:mem: \"0\" bytes: 1 to 65536 are possible\n", stateFail("mem", "m", "0", "0"));
    assertEquals("vm:cpu: \"7\" is no processor of m: it has only 0\n", stateFail("cpu", "m", "7"));
    assertEquals("vm:disasm: \"8\" bits: code has 16, 32 or 64\n", stateFail("disasm", "m", "-b", "8"));
    for (String name : session.verbs.keySet()) {
      String complaint = session.fail(name, "--no-such-option");
      assertEquals(1, complaint.lines().count(), complaint);
      assertTrue(complaint.startsWith("vm:" + name + ": ") && complaint.contains("; usage: vm:" + name), complaint);
    }
  }

  private String stateFail(String name, String... arguments) throws InterruptedException {
    session.machines.state = States.kernel();
    return session.fail(name, arguments);
  }

  @Test void lifecycleVerbsReachTheMachine() throws InterruptedException {
    session.run("define", "m");
    for (String verb : List.of("create", "start", "pause", "resume", "reset", "shutdown", "destroy")) {
      assertEquals(List.of("m is running"), session.run(verb, "m"));
      assertEquals(verb + " m", session.machines.calls.getLast());
    }
  }

  @Test void listFitsATerminalWithTheLongestNames() throws InterruptedException {
    String longest = "web-server.".repeat(6).substring(0, 64);
    session.run("define", longest, "cpus=64", "memory=64G");
    session.machines.status = new MachineStatus(Phase.HELD, Ending.FAULT, "device uart0: " + "it does not answer ".repeat(6), 4);
    List<String> lines = session.run("list");
    lines.forEach(l -> assertTrue(l.length() <= 80, l));
    String all = String.join("", lines).replaceAll("\\s", "");
    assertTrue(lines.getFirst().startsWith("NAME") && all.contains("held") && all.contains("64G"), all);
  }

  @Test void tableWrapsWithoutLosingText() {
    List<String> lines = new Table("A", "B").row("x", "word ".repeat(40).strip()).lines();
    lines.forEach(l -> assertTrue(l.length() <= 80, l));
    assertEquals("word".repeat(40), String.join("", lines.subList(1, lines.size())).replaceAll("[x ]", ""));
    assertEquals(List.of("A    B", "abc  d"), new Table("A", "B").row("abc", "d").lines());
  }

  @Test void providersShowWhoUsesThem() throws InterruptedException {
    session.machines.providers.add(new Provider(Axis.ENGINE, "interpreter", "annulus.engine.interpreter 0.1.0", "debug", List.of("m", "n")));
    assertEquals(List.of("NAME         BUNDLE                            DETAILS  USED BY",
        "interpreter  annulus.engine.interpreter 0.1.0  debug    m, n"), session.run("engines"));
    assertEquals(1, session.run("loaders").size());
  }

  @Test void processorAloneIsOfTheOnlyMachine() throws InterruptedException {
    session.run("define", "m", "cpus=2");
    session.machines.state = States.kernel();
    assertTrue(session.run("cpu", "1").getFirst().startsWith("m processor 1:"));
    assertTrue(session.run("cpu").getFirst().startsWith("m processor 0:"));
    session.run("define", "n");
    assertEquals("vm:cpu: no machine is called \"0\"; there are m, n\n", session.fail("cpu", "0"));
    assertEquals("vm:cpu: which machine? There are m, n\n", session.fail("cpu"));
  }

  @Test void statisticsGiveTheRateSinceTheLastCall() throws InterruptedException {
    session.run("define", "m");
    session.machines.statistics.putAll(Map.of("machine.nanos", 2_000_000_000L, "vcpu0.instructions", 100_000_000L, "vcpu0.exits.io", 0L));
    assertEquals(List.of("machine", "  nanos       2,000,000,000", "vcpu0", "  instructions                    100,000,000",
        "  instructions per second        50.0 million"), session.run("stats", "m"));
    assertEquals("  instructions per second         0.0 million", session.run("stats", "m").getLast());
    assertEquals(6, session.run("stats", "m", "--all").size());
  }

  @Test void keysAreMadeAndBroken() throws InterruptedException {
    session.run("define", "m");
    session.run("send-key", "m", "ctrl-alt-del", "a", "A", "-", "ctrl--", "kp-minus", "?");
    assertArrayEquals(HexFormat.ofDelimiter(" ").parseHex("1d 38 e0 53 e0 d3 b8 9d  1e 9e  2a 1e 9e aa  0c 8c  1d 0c 8c 9d  4a ca  2a 35 b5 aa"
        .replace("  ", " ")), session.machines.typed.toByteArray());
    assertTrue(session.fail("send-key", "m", "ctrl-foo").startsWith("vm:send-key: \"ctrl-foo\": no key is called \"foo\"; "));
  }
}
