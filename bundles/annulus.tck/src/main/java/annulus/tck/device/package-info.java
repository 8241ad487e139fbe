/** The contract every device keeps, and a machine to test devices in. */
@Export
@Version("1.0.0")
@NullMarked
package annulus.tck.device;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
