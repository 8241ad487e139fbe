/** The loader SPI: from an image file to guest memory contents and a processor state to start from. */
@Export
@Version("1.0.0")
@NullMarked
package annulus.loader;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
