/** The processor vendor SPI: named CPU models with their CPUID leaves, MSRs and behaviour. */
@Export
@Version("1.0.0")
@NullMarked
package annulus.vendor;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
