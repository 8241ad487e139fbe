@NullMarked
package annulus.shell.cli;

import org.jspecify.annotations.NullMarked;
