package annulus.shell.console;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import annulus.machine.Console;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.jspecify.annotations.Nullable;

/** What happens to a guest's output. */
class AttachmentTest {
  /** A guest's serial line whose output the test gives. */
  private static final class Line implements Console {
    private Console.@Nullable Output reader;

    @Override public String id() {
      return "serial0";
    }

    @Override public void write(byte[] bytes) {
      throw new AssertionError("nothing was typed");
    }

    @Override public byte[] scrollback() {
      return new byte[0];
    }

    @Override public AutoCloseable attach(Console.Output output, boolean replay) {
      reader = output;
      return () -> reader = null;
    }

    void say(String text) {
      Console.Output output = reader;
      if (output != null) {
        byte[] bytes = ("<" + text).getBytes(StandardCharsets.US_ASCII);
        output.output(bytes, 1, bytes.length - 1);
      }
    }
  }

  @Test void copyIsByteForByte() throws Exception {
    Line line = new Line();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (AutoCloseable copy = Attachment.copy(line, out, e -> {
      throw new AssertionError(e);
    })) {
      line.say("one\r\n");
      line.say("two");
    }
    assertArrayEquals("one\r\ntwo".getBytes(StandardCharsets.US_ASCII), out.toByteArray());
  }

  @Test void outputThatCannotBeWrittenIsToldOnceAndNeverThrown() throws Exception {
    Line line = new Line();
    List<String> told = new ArrayList<>();
    OutputStream broken = new OutputStream() {
      @Override public void write(int b) throws IOException {
        throw new IOException("Broken pipe");
      }
    };
    try (AutoCloseable copy = Attachment.copy(line, broken, e -> told.add(e.getMessage()))) {
      line.say("one");
      line.say("two");
    }
    assertEquals(List.of("Broken pipe"), told);
  }
}
