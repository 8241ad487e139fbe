/** The command line that a container was started with: runs a machine and ends with it. */
@NullMarked
package annulus.shell.cli;

import org.jspecify.annotations.NullMarked;
