package annulus.shell.console;

import annulus.machine.Console;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jline.terminal.Attributes;
import org.jline.terminal.Terminal;

/**
 * Connects a user to a guest's serial line. With a terminal every key goes to the guest as it is typed, and Ctrl-] leaves; without
 * one, standard input is typed to the guest to its end and the guest's output is copied as it is.
 */
public final class Attachment {
  /** Ctrl-], as telnet and virsh have it. */
  public static final int LEAVE = 0x1D;
  private static final int POLL_MILLIS = 100;

  private Attachment() {}

  /** Why an attachment on a terminal ended. */
  public enum End { LEFT, INPUT_ENDED, CONDITION }

  /**
   * Runs until the user leaves, the terminal goes away or {@code over} says so. The terminal is in raw mode meanwhile.
   *
   * @param replay first shows what the guest wrote before
   */
  public static End terminal(Terminal terminal, Console console, boolean replay, java.util.function.BooleanSupplier over)
      throws IOException {
    Attributes before = terminal.enterRawMode();
    Attributes raw = terminal.getAttributes();
    raw.setLocalFlag(Attributes.LocalFlag.ISIG, false); // Ctrl-C, Ctrl-Z and Ctrl-\ are the guest's
    terminal.setAttributes(raw);
    try (AutoCloseable output = console.attach((b, from, n) -> write(terminal.output(), b, from, n), replay)) {
      var reader = terminal.reader();
      StringBuilder typed = new StringBuilder();
      while (!over.getAsBoolean()) {
        int c = reader.read(POLL_MILLIS);
        if (c == LEAVE) {
          return End.LEFT;
        }
        if (c == -1) {
          return End.INPUT_ENDED;
        }
        if (c >= 0) {
          typed.append((char) c);
          if (!Character.isHighSurrogate((char) c)) { // else its other half comes next
            console.write(typed.toString().getBytes(terminal.encoding()));
            typed.setLength(0);
          }
        }
      }
      return End.CONDITION;
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("the console could not be closed", e);
    } finally {
      terminal.setAttributes(before);
    }
  }

  /** Types everything from {@code in} to the guest, on a thread of its own that ends with the input. */
  public static void type(InputStream in, Console console) {
    Thread.ofPlatform().name("annulus-stdin").daemon().start(() -> {
      byte[] buffer = new byte[4096];
      try {
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          console.write(Arrays.copyOf(buffer, n));
        }
      } catch (IOException e) {
        // The input is gone, as at its end: the guest runs on without.
        Thread.currentThread().interrupt();
      }
    });
  }

  /**
   * Copies the guest's output as far as it can be written.
   *
   * @param failed is told, once, when it cannot any more; what the guest writes from then on is dropped
   */
  public static AutoCloseable copy(Console console, OutputStream out, Consumer<IOException> failed) {
    AtomicBoolean over = new AtomicBoolean();
    return console.attach((b, from, n) -> {
      if (!over.get()) {
        try {
          out.write(b, from, n);
          out.flush();
        } catch (IOException e) {
          over.set(true);
          failed.accept(e);
        }
      }
    }, true);
  }

  private static void write(OutputStream out, byte[] bytes, int from, int length) {
    try {
      out.write(bytes, from, length);
      out.flush();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException("the reader of the console is gone", e);
    }
  }
}
