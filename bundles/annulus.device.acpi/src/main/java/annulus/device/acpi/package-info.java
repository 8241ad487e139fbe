/** ACPI power management and tables. */
@NullMarked
package annulus.device.acpi;

import org.jspecify.annotations.NullMarked;
