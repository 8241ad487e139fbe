/** Tests of the lockstep engine. */
@NullMarked
package annulus.engine.lockstep;

import org.jspecify.annotations.NullMarked;
