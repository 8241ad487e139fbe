package annulus.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.machine.MachineException.Reason;
import annulus.machine.MachineSpec.OnReset;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpecPropertiesTest {
  private static MachineSpec read(String... pairs) throws MachineException {
    Map<String, Object> p = new HashMap<>(Map.of("name", "m"));
    for (int n = 0; n < pairs.length; n += 2) {
      p.put(pairs[n], pairs[n + 1]);
    }
    return SpecProperties.read(p);
  }

  @Test void aNameAloneGivesEveryDefault() throws MachineException {
    assertEquals(MachineSpec.named("m"), read());
  }

  @Test void everyKeyIsRead() throws MachineException {
    MachineSpec s = read("memory", "3G", "cpus", "4", "engine", "translator", "vendor", "amd", "model", "zen", "translation", "nested",
        "image", "linux", "kernel", "/boot/k", "initrd", "/a, /b c,", "append", "console=ttyS0", "loader", "elf", "loader.entry", "32",
        "device.uart1", "uart16550", "device.uart1.port", "0x2f8", "device.hpet", "none", "onReset", "Stop", "autostart", "true");
    assertEquals(new MachineSpec("m", 3L << 30, 4, "translator", "amd", "zen", "nested", "linux", Path.of("/boot/k"),
        List.of(Path.of("/a"), Path.of("/b c")), "console=ttyS0", "elf", Map.of("entry", "32"), Map.of("uart1", "uart16550", "hpet", "none"),
        Map.of("uart1", Map.of("port", "0x2f8")), OnReset.STOP, true), s);
    assertEquals(s, SpecProperties.read(SpecProperties.write(s)));
  }

  @Test void everyPlainKeyIsKnownByName() throws MachineException {
    Map<String, String> values = Map.of("memory", "2M", "cpus", "2", "onReset", "stop", "autostart", "true", "kernel", "/k", "initrd", "/i");
    for (String key : SpecProperties.keys()) {
      MachineSpec s = read(key, values.getOrDefault(key, "other"));
      assertEquals(s, SpecProperties.read(SpecProperties.write(s)), key);
      assertTrue(!s.equals(MachineSpec.named("m")), key + " has no effect");
    }
  }

  @Test void valuesOfConfigAdminNeedNotBeStrings() throws MachineException {
    MachineSpec s = SpecProperties.read(Map.of("name", "m", "cpus", 3, "autostart", true, "memory", 1L << 30));
    assertEquals(3, s.processors());
    assertEquals(1L << 30, s.memory());
    assertTrue(s.autostart());
  }

  @Test void anEmptyCommandLineIsNotTheImagesDefault() throws MachineException {
    assertEquals(null, read().commandLine());
    assertEquals("", read("append", "").commandLine());
    MachineSpec s = read("append", "");
    assertEquals(s, SpecProperties.read(SpecProperties.write(s)));
  }

  @ParameterizedTest
  @CsvSource({"1M, 1048576", "512m, 536870912", "2G, 2147483648", "64g, 68719476736", "2048K, 2097152", "1048576, 1048576"})
  void sizesHaveSuffixes(String text, long bytes) throws MachineException {
    MachineSpec s = read("memory", text);
    assertEquals(bytes, s.memory());
    assertEquals(s, SpecProperties.read(SpecProperties.write(s)));
  }

  @ParameterizedTest
  @CsvSource({"memory, 0", "memory, 1K", "memory, 65G", "memory, -1G", "memory, 1T", "memory, lots", "memory, G", "memory, 1025K",
      "memory, 9999999999999G", "cpus, 0", "cpus, 65", "cpus, two", "cpus, -1", "onReset, explode", "autostart, yes", "name, a b", "name, ''",
      "name, a/b", "colour, blue", "Memory, 1G"})
  void badValuesAreRefusedByKeyAndValue(String key, String value) {
    MachineException e = assertThrows(MachineException.class, () -> read(key, value));
    assertEquals(Reason.BAD_SPECIFICATION, e.reason());
    assertTrue(String.valueOf(e.getMessage()).contains(key + " = " + value), e.getMessage());
  }

  @Test void aFileNameThatCannotBeIsRefusedUnderItsKey() {
    assertTrue(String.valueOf(assertThrows(MachineException.class, () -> read("kernel", "a\0b")).getMessage()).startsWith("kernel"));
    assertTrue(String.valueOf(assertThrows(MachineException.class, () -> read("initrd", "/x,a\0b")).getMessage()).startsWith("initrd"));
  }

  @Test void aNameHasAtMost64Characters() throws MachineException {
    assertEquals(64, read("name", "x".repeat(64)).name().length());
    assertThrows(MachineException.class, () -> read("name", "x".repeat(65)));
    assertThrows(MachineException.class, () -> SpecProperties.read(Map.of("cpus", "1")));
  }

  @Test void withChangesOneKey() throws MachineException {
    MachineSpec s = read("device.uart1", "uart16550");
    assertEquals("other", SpecProperties.with(s, "engine", "other").engine());
    assertEquals(Map.of("uart1", "fast"), SpecProperties.with(s, "device.uart1", "fast").devices());
    assertThrows(MachineException.class, () -> SpecProperties.with(s, "wings", "2"));
  }

  @Test void aSpecificationCannotBeChangedThroughTheMapsItWasMadeFrom() throws MachineException {
    Map<String, Object> p = new HashMap<>(Map.of("name", "m", "device.a", "b"));
    MachineSpec s = SpecProperties.read(p);
    p.put("device.c", "d");
    assertEquals(Map.of("a", "b"), s.devices());
    assertThrows(UnsupportedOperationException.class, () -> s.devices().put("x", "y"));
  }
}
