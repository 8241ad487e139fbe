/** Processors of Intel: named models, their CPUID leaves and their own MSRs. */
@NullMarked
package annulus.vendor.intel;

import org.jspecify.annotations.NullMarked;
