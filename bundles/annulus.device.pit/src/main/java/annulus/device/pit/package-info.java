/** The 8254 interval timer. */
@NullMarked
package annulus.device.pit;

import org.jspecify.annotations.NullMarked;
