/** The contract every execution engine keeps, and a machine to test engines in. */
@Export
@Version("1.0.0")
@NullMarked
package annulus.tck.engine;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
