/** Multiboot 1 kernels. */
@NullMarked
package annulus.loader.multiboot;

import org.jspecify.annotations.NullMarked;
