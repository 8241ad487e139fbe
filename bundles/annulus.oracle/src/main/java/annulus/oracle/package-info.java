/**
 * Runs single generated instructions on the processor of the host and on the model of this project, and compares all they leave.
 */
@NullMarked
package annulus.oracle;

import org.jspecify.annotations.NullMarked;
