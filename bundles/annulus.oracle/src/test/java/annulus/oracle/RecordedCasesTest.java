package annulus.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** The model against what silicon once did, on any host. */
final class RecordedCasesTest {
  @Test void modelAgreesWithRecordedSilicon() throws IOException {
    try (InputStream file = RecordedCasesTest.class.getResourceAsStream("silicon.bin.gz")) {
      assertNotNull(file, "silicon.bin.gz is missing beside " + RecordedCasesTest.class.getName());
      Replay replay = new Replay(file);
      assertTrue(replay.cases() >= 40_000, () -> replay.cases() + " cases are too few to cover all forms");
      assertEquals(0, replay.report().total(), replay.report()::text);
    }
  }

  @Test void fileOfOtherStatesIsRefused() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(new GZIPOutputStream(bytes))) {
      out.writeInt(0x4F52_4331);
      out.writeLong(~Recording.fingerprint());
    }
    IOException e = assertThrows(IOException.class, () -> new Replay(new ByteArrayInputStream(bytes.toByteArray())));
    assertTrue(e.getMessage().contains("--record"), e.getMessage());
  }
}
