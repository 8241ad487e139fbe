/** Replacing providers under a machine: DESIGN's check, hold, export, import, retire, resume, with the time of each. */
@NullMarked
package annulus.core.swap;

import org.jspecify.annotations.NullMarked;
