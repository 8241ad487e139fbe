/**
 * Decoded code: blocks of specialised operations, the cache that holds them, and the engine that runs them. Shared by the engines:
 * the interpreter is this alone, the translator puts compiled regions in place of hot blocks.
 */
@Export
@Version("1.0.0")
@NullMarked
package annulus.cpu.block;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
