/** The real-time clock and CMOS memory. */
@NullMarked
package annulus.device.rtc;

import org.jspecify.annotations.NullMarked;
