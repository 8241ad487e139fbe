/** Table-driven instruction decoder for 16-, 32- and 64-bit code. */
@Export
@Version("1.0.0")
@NullMarked
package annulus.cpu.decode;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
