/** The test machine's ports and memory. */
@NullMarked
package annulus.device.testdev;

import org.jspecify.annotations.NullMarked;
