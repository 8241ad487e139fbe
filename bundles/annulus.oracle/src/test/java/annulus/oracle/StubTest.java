package annulus.oracle;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The committed machine code is what its source assembles to. */
final class StubTest {
  @Test void binaryIsThatOfTheSource(@TempDir Path folder) throws IOException, InterruptedException {
    boolean nasm = System.getenv("PATH") != null
        && java.util.Arrays.stream(System.getenv("PATH").split(java.io.File.pathSeparator)).anyMatch(p -> Files.isExecutable(Path.of(p, "nasm")));
    Path source = Path.of("src/main/nasm/stub.asm");
    if (!nasm || !Files.exists(source)) {
      System.out.println("stub not assembled: " + (nasm ? source + " is not below the working directory" : "nasm is not installed"));
    }
    Assumptions.assumeTrue(nasm && Files.exists(source), "nasm and the source are needed");
    Path binary = folder.resolve("stub.bin");
    int status = new ProcessBuilder("nasm", "-f", "bin", "-o", binary.toString(), source.toString()).inheritIO().start().waitFor();
    assertEquals(0, status);
    assertArrayEquals(Files.readAllBytes(binary), Stub.code().array());
  }

  @Test void entriesLieInThePage() {
    Bytes code = Stub.code();
    assertTrue(code.array().length <= Layout.PAGE);
    for (int n = 0; n < 4; n++) {
      int entry = code.i32(4 * n);
      assertTrue(entry > 0 && entry < code.array().length && entry % 64 == 0, "entry " + n + " at " + entry);
    }
  }
}
