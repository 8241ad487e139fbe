/** The contract every translation strategy keeps. */
@Export
@Version("1.0.0")
@NullMarked
package annulus.tck.translation;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
