/** The engine that runs two others side by side and stops at the first difference. */
@NullMarked
package annulus.engine.lockstep;

import org.jspecify.annotations.NullMarked;
