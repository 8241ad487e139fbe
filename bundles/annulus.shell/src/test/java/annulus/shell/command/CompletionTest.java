package annulus.shell.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.machine.MachineService.Axis;
import annulus.machine.MachineService.Provider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jline.reader.Candidate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompletionTest {
  private final Session session = new Session();

  @BeforeEach void machines() throws InterruptedException {
    session.run("define", "web");
    session.run("define", "db");
    session.machines.providers.add(new Provider(Axis.VENDOR, "intel", "b", "core2 westmere", List.of()));
    session.machines.providers.add(new Provider(Axis.VENDOR, "amd", "b", "zen4", List.of()));
  }

  private List<String> complete(String... words) {
    return session.completion.candidates(List.of(words), words.length - 1, Path.of("/")).stream().map(Candidate::value).toList();
  }

  @Test void machinesStandWhereANameDoes() {
    assertEquals(List.of("db", "web"), complete("vm:start", ""));
    assertEquals(List.of("db", "web"), complete("start", "w"));
    assertEquals(List.of("db", "web"), complete("vm:disasm", "-c", "1", ""));
    assertEquals(List.of(), complete("vm:start", "web", ""));
    assertEquals(List.of(), complete("vm:define", ""));
  }

  @Test void keysOfADefinitionStandWithoutThoseGiven() {
    List<String> keys = complete("vm:define", "m", "memory=1G", "");
    assertTrue(keys.containsAll(List.of("cpus=", "engine=", "onReset=", "device.")), keys.toString());
    assertFalse(keys.contains("memory=") || keys.contains("name="), keys.toString());
  }

  @Test void valuesAreWhatIsInstalled() {
    assertEquals(List.of("vendor=intel", "vendor=amd"), complete("vm:define", "m", "vendor="));
    assertEquals(List.of("model=zen4"), complete("vm:define", "m", "vendor=amd", "model=z"));
    assertEquals(List.of("model=core2", "model=westmere", "model=zen4"), complete("vm:define", "m", "model="));
    assertEquals(List.of("onReset=restart", "onReset=stop"), complete("vm:define", "m", "onReset="));
  }

  @Test void filesStandWhereAFileDoes(@TempDir Path folder) throws Exception {
    Files.createFile(folder.resolve("vmlinuz"));
    Files.createDirectory(folder.resolve("old"));
    List<Candidate> files = session.completion.candidates(List.of("vm:define", "m", "kernel="), 2, folder);
    assertEquals(List.of("kernel=old/", "kernel=vmlinuz"), files.stream().map(Candidate::value).sorted().toList());
    assertEquals(List.of(), session.completion.candidates(List.of("vm:restore", "nowhere/"), 1, folder));
  }

  @Test void keysLinesAndCommandsStandWhereTheyDo() {
    assertTrue(complete("vm:send-key", "web", "enter", "").contains("f12"));
    assertEquals(List.of("serial0", "serial1"), complete("vm:console", "web", ""));
    assertTrue(complete("vm:help", "").contains("send-key"));
  }
}
