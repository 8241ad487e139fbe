/** The steps of a decoded block: specialised operations for what guests run most, and one for everything else. */
@NullMarked
package annulus.cpu.block.op;

import org.jspecify.annotations.NullMarked;
