/** Connecting a terminal, or a pipe, to a guest's serial line. */
@NullMarked
package annulus.shell.console;

import org.jspecify.annotations.NullMarked;
