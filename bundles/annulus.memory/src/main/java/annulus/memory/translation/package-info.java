/** From linear addresses to machine memory: the strategy SPI, the soft TLB and the page walker with its formats. */
@Export
@Version("1.0.0")
@NullMarked
package annulus.memory.translation;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
