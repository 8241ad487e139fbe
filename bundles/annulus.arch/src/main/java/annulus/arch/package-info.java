/**
 * The vocabulary every other bundle speaks: control bits, vectors, model-specific registers, processor features, and the
 * canonical state records that loaders, engines, snapshots and swaps exchange. Nothing here runs guest code and nothing
 * here is ever swapped.
 */
@Export
@Version("1.0.0")
@NullMarked
package annulus.arch;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
