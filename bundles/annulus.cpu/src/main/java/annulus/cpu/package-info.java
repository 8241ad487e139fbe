/** The x86-64 processor, once: its state, memory accesses, faults, and the meaning of every instruction. */
@Export
@Version("1.0.0")
@NullMarked
package annulus.cpu;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
