/** The steps of a decoded block: specialised operations for what guests run most, and one for everything else. */
@NullMarked
package annulus.engine.interpreter.op;

import org.jspecify.annotations.NullMarked;
