/** The high-precision event timer. */
@NullMarked
package annulus.device.hpet;

import org.jspecify.annotations.NullMarked;
