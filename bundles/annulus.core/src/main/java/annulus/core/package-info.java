/** The monitor: machines, their lifecycle, and what binds providers together. Reaches engines, vendors, translations, devices and loaders through their SPIs only. */
@NullMarked
package annulus.core;

import org.jspecify.annotations.NullMarked;
