/** Saving a machine to a file and reading it back. */
@NullMarked
package annulus.core.snapshot;

import org.jspecify.annotations.NullMarked;
