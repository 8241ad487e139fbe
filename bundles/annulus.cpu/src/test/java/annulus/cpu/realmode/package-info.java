/** Real-mode instructions against what an 8086 and an 80286 did, captured on silicon by the SingleStepTests project. */
@NullMarked
package annulus.cpu.realmode;

import org.jspecify.annotations.NullMarked;
