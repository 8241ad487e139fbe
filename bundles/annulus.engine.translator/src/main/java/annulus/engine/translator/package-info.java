/** The fast engine: hot regions of guest code become JVM methods, everything else is interpreted. */
@NullMarked
package annulus.engine.translator;

import org.jspecify.annotations.NullMarked;
