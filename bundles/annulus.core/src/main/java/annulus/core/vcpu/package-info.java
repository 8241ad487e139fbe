/** Virtual processors: their threads, run loops and bindings. */
@NullMarked
package annulus.core.vcpu;

import org.jspecify.annotations.NullMarked;
