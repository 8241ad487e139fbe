/** Two 8259A interrupt controllers. */
@NullMarked
package annulus.device.pic;

import org.jspecify.annotations.NullMarked;
