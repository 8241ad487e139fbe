/** The reference engine: decodes basic blocks once into operation objects and runs those. */
@NullMarked
package annulus.engine.interpreter;

import org.jspecify.annotations.NullMarked;
