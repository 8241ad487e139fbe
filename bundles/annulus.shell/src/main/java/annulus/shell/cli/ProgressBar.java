package annulus.shell.cli;

import annulus.loader.ImageSource;
import java.io.PrintStream;

/** Shows how far a long step is: a bar that is redrawn on a terminal, a line for each step elsewhere. */
final class ProgressBar implements ImageSource.Progress, AutoCloseable {
  private static final int WIDTH = 24;
  private static final int COLUMNS = 79;

  private final PrintStream out;
  private final boolean redraw = System.console() != null && System.console().isTerminal();
  private String shown = "";

  ProgressBar(PrintStream out) {
    this.out = out;
  }

  @Override public void step(String what, long done, long total) {
    if (what.equals(shown) && !redraw) {
      return;
    }
    shown = what;
    int filled = total <= 0 ? 0 : (int) (done * WIDTH / total);
    String line = "[" + "#".repeat(filled) + " ".repeat(WIDTH - filled) + "] " + what;
    if (redraw) {
      out.print('\r' + (line + " ".repeat(COLUMNS)).substring(0, COLUMNS));
      out.flush();
    } else {
      out.println(line);
    }
  }

  @Override public void close() {
    if (redraw && !shown.isEmpty()) {
      out.println();
    }
  }
}
