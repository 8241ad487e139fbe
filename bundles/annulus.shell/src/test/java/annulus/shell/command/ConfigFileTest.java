package annulus.shell.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.machine.SpecProperties;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.felix.fileinstall.shaded.util.properties.TypedProperties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigFileTest {
  /** As File Install reads it; every reference would become SUBSTITUTED. */
  private static Map<String, Object> read(String text) throws Exception {
    TypedProperties properties = new TypedProperties((name, key, value) -> "SUBSTITUTED");
    properties.load(new StringReader(text));
    return new HashMap<>(properties);
  }

  @Test void fileInstallReadsBackWhatWasWritten() throws Exception {
    for (String value : List.of("plain", "console=ttyS0 root=/dev/sda1", "${user.home}", "a ${x} {y} }z{ $", "C:\\guest\\{1}\\", "\\\\", "\\{",
        "${", "$\\{a}", "\"quoted\"", "B\"true\"", "# no comment", "! nor this", " lead", "a\tb\nc\rd", "\u00e9\u4e2d\ud83d\ude00", ":=", "[1,2]", "")) {
      Map<String, String> written = Map.of("name", "m", "append", value, "device.uart0.odd key:=#", value);
      assertEquals(written, read(ConfigFile.write(written)), value);
    }
  }

  @Test void aSavedMachineReadsBackEqual(@TempDir Path folder) throws Exception {
    Session session = new Session(folder, folder.resolve("machines"));
    session.run("define", "web-1", "kernel=k${x}", "append=a=\"b c\" \\ ${d}", "device.uart1=none", "device.uart0.port=0x2f8", "autostart=true");
    session.run("save-config", "web-1");
    Path file = folder.resolve("machines/annulus.machine-web-1.cfg");
    assertEquals(session.machines.machine("web-1").orElseThrow().spec(), SpecProperties.read(read(Files.readString(file))));
  }

  @Test void anUnchangedFileIsNotTouched(@TempDir Path folder) throws Exception {
    Session session = new Session(folder, folder);
    session.run("define", "m");
    session.run("save-config", "m");
    Path file = folder.resolve("annulus.machine-m.cfg");
    Object written = Files.readAttributes(file, "unix:ino,lastModifiedTime");
    session.run("save-config", "m");
    assertEquals(written, Files.readAttributes(file, "unix:ino,lastModifiedTime"));
  }

  @Test void anotherMachinesFileStays(@TempDir Path folder) throws Exception {
    Session session = new Session(folder, folder);
    session.run("define", "m");
    Path taken = folder.resolve("annulus.machine-m.cfg");
    Files.writeString(taken, "name = other\n");
    assertTrue(session.fail("save-config", "m").contains(taken + " defines the machine other already"));
    assertEquals("name = other\n", Files.readString(taken));
    Files.delete(taken);
    Path elsewhere = folder.resolve("annulus.machine-x.cfg");
    Files.writeString(elsewhere, "name = m\n");
    assertTrue(session.fail("save-config", "m").contains(elsewhere + " defines the machine m already"));
    assertTrue(Files.notExists(taken));
  }

  @Test void withoutAFolderThereIsNothingToWriteTo() throws Exception {
    Session session = new Session();
    session.run("define", "m");
    assertTrue(session.fail("save-config", "m").contains("annulus.machines"));
  }
}
