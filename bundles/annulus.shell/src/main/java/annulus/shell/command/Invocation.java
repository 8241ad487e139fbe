package annulus.shell.command;

import java.io.PrintStream;
import java.nio.file.Path;
import org.jline.terminal.Terminal;
import org.jspecify.annotations.Nullable;

/**
 * Where a command was typed.
 *
 * @param directory relative file names start here
 * @param out the command's output, which may be a pipe
 * @param terminal the session's terminal, or null where it has none
 */
record Invocation(Platform platform, Path directory, PrintStream out, @Nullable Terminal terminal) {}
