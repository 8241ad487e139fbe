/** Linux kernels in bzImage format, by the 64- and the 32-bit boot protocol. */
@NullMarked
package annulus.loader.linux;

import org.jspecify.annotations.NullMarked;
