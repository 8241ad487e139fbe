/** Machine memory (the host frames of all machines) and guest-physical memory (one machine's map onto them). */
@Export
@Version("1.0.0")
@NullMarked
package annulus.memory;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
