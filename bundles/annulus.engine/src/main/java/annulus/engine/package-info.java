/** The execution engine SPI: what runs guest instructions and what it needs from the monitor. */
@Export
@Version("1.0.0")
@NullMarked
package annulus.engine;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
