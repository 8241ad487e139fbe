/** The 16550A serial port. */
@NullMarked
package annulus.device.uart;

import org.jspecify.annotations.NullMarked;
