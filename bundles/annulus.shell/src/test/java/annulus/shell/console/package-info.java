@NullMarked
package annulus.shell.console;

import org.jspecify.annotations.NullMarked;
