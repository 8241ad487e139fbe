/** The contract every guest loader keeps, and small images to test loaders with. */
@Export
@Version("1.0.0")
@NullMarked
package annulus.tck.loader;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
