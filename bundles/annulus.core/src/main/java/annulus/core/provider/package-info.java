/** The installed providers, by axis and name. */
@NullMarked
package annulus.core.provider;

import org.jspecify.annotations.NullMarked;
