/** One machine's board: clock, timers, buses, interrupt lines, character lines, and the devices on it. */
@NullMarked
package annulus.core.board;

import org.jspecify.annotations.NullMarked;
