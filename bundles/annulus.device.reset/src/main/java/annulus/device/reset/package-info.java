/** Reset ports. */
@NullMarked
package annulus.device.reset;

import org.jspecify.annotations.NullMarked;
