/** The embedded guest: a small kernel of our own that needs neither network nor files. Its source is in {@code src/main/guest}. */
@NullMarked
package annulus.image.demo;

import org.jspecify.annotations.NullMarked;
