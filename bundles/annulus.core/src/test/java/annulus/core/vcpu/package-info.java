@NullMarked
package annulus.core.vcpu;

import org.jspecify.annotations.NullMarked;
