package annulus.it;

import annulus.machine.Console;
import annulus.machine.Machine;
import annulus.machine.MachineException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.regex.Pattern;

/** Somebody at a machine's serial line, who types and reads. What was read once is not read again. */
final class SerialLine implements AutoCloseable {
  /** Slow machines with other work are no failure; a guest that has stopped is told apart by its output in the message. */
  private static final Duration LIMIT = Duration.ofSeconds(120);
  /** Terminal control sequences (ECMA-48, 5.4), which a shell's line editor writes. */
  private static final Pattern CONTROL = Pattern.compile("\u001b\\[[0-9;?]*[A-Za-z]|\r");
  private static final int SHOWN = 3000;

  private final Machine machine;
  private final Console console;
  private final StringBuilder output = new StringBuilder();
  private final AutoCloseable attachment;
  private int read;

  /** From the first character the guest wrote. */
  SerialLine(Machine machine) throws MachineException {
    this(machine, true);
  }

  /** @param replay what the guest wrote before is still to be read */
  SerialLine(Machine machine, boolean replay) throws MachineException {
    this.machine = machine;
    console = machine.console("serial0");
    attachment = console.attach(this::add, replay);
  }

  private synchronized void add(byte[] bytes, int offset, int length) {
    output.append(new String(bytes, offset, length, StandardCharsets.ISO_8859_1));
    notifyAll();
  }

  void type(String text) {
    console.write(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Waits for {@code text}. @return what came before it, without control sequences */
  synchronized String expect(String text) throws InterruptedException {
    long end = System.nanoTime() + LIMIT.toNanos();
    int at;
    while ((at = output.indexOf(text, read)) < 0) {
      // An ended machine's last output has arrived before its status changes
      boolean over = machine.status().ended() && output.indexOf(text, read) < 0;
      if (over || System.nanoTime() > end) {
        throw new AssertionError("\"" + text + "\" did not come from " + machine.name() + ", which is " + machine.status()
            + "; it wrote last:\n" + output.substring(Math.max(0, output.length() - SHOWN)));
      }
      wait(100);
    }
    String before = output.substring(read, at);
    read = at + text.length();
    return CONTROL.matcher(before).replaceAll("");
  }

  /** Types a command at a shell's prompt and waits for the next. @return its output, without the echo */
  String run(String command) throws InterruptedException {
    type(command + "\n");
    String all = expect(Linux.PROMPT);
    return all.substring(all.indexOf('\n') + 1).strip();
  }

  /** Everything up to the machine's end. */
  String untilEnd() throws InterruptedException {
    machine.await(LIMIT);
    return all();
  }

  /** Everything so far. */
  synchronized String all() {
    return CONTROL.matcher(output).replaceAll("");
  }

  @Override public void close() {
    try {
      attachment.close();
    } catch (Exception e) {
      throw new IllegalStateException("the console could not be closed", e);
    }
  }
}
