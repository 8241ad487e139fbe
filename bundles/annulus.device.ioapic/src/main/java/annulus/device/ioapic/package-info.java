/** The I/O APIC. */
@NullMarked
package annulus.device.ioapic;

import org.jspecify.annotations.NullMarked;
