/** The meaning of every instruction, one family per file, written once for all engines. */
@Export
@Version("1.0.0")
@NullMarked
package annulus.cpu.exec;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
