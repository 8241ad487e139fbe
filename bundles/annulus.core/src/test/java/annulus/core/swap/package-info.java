@NullMarked
package annulus.core.swap;

import org.jspecify.annotations.NullMarked;
