@NullMarked
package annulus.core.provider;

import org.jspecify.annotations.NullMarked;
