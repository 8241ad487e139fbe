/**
 * The product inside Felix, as a user meets it: guests from the first instruction to power-off, and what happens to machines when
 * something fails. {@link annulus.it.Machines} gives a test its machines, {@link annulus.it.SerialLine} types and reads,
 * {@link annulus.it.Linux} finds and boots a Linux, {@link annulus.it.Programs} has the small guests of {@code src/test/guest}.
 */
@NullMarked
package annulus.it;

import org.jspecify.annotations.NullMarked;
