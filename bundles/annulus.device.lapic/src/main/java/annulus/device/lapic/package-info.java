/** The local APICs. */
@NullMarked
package annulus.device.lapic;

import org.jspecify.annotations.NullMarked;
