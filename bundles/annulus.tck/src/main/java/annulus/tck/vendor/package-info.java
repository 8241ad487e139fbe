/** The contract every processor vendor keeps. */
@Export
@Version("1.0.0")
@NullMarked
package annulus.tck.vendor;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
