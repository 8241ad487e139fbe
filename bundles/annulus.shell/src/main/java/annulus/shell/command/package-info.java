/** The Gogo commands of scope {@code vm}. */
@NullMarked
package annulus.shell.command;

import org.jspecify.annotations.NullMarked;
