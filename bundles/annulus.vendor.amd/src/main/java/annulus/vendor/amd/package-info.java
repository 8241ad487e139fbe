/** Processors of AMD: named models, their CPUID leaves and their own MSRs. */
@NullMarked
package annulus.vendor.amd;

import org.jspecify.annotations.NullMarked;
