/** The device SPI: lifecycle, I/O regions, interrupt lines, timers, DMA and character back ends. */
@Export
@Version("1.0.0")
@NullMarked
package annulus.device;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
