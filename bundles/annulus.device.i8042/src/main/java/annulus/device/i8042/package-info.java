/** The keyboard controller. */
@NullMarked
package annulus.device.i8042;

import org.jspecify.annotations.NullMarked;
