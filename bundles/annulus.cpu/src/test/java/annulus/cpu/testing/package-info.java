/** A processor over a fake machine, for the tests of instruction semantics. */
@NullMarked
package annulus.cpu.testing;

import org.jspecify.annotations.NullMarked;
