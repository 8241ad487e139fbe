/** IEEE 754 arithmetic in software: 32-, 64- and 80-bit formats with the x86 rules for exceptions, NaNs and tininess. */
@Export
@Version("1.0.0")
@NullMarked
package annulus.cpu.fp;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
