/** The commands, on machines that are not there. */
@NullMarked
package annulus.shell.command;

import org.jspecify.annotations.NullMarked;
