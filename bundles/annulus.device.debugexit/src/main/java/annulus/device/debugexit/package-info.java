/** The exit port of test programs. */
@NullMarked
package annulus.device.debugexit;

import org.jspecify.annotations.NullMarked;
