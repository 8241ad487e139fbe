/** Images without a format: boot sectors, and raw bytes at a given address and mode. */
@NullMarked
package annulus.loader.flat;

import org.jspecify.annotations.NullMarked;
