package annulus.vendor;

/**
 * What CPUID results depend on beside the model.
 *
 * @param apicId this virtual processor's initial APIC id
 * @param processors how many the machine has, one package, one thread per core
 * @param cr4 CR4, for OSXSAVE and OSPKE
 * @param xcr0 XCR0, for the size of the XSAVE area
 * @param apicEnabled the global enable bit of IA32_APIC_BASE: clear hides the APIC feature
 */
public record CpuidContext(int apicId, int processors, long cr4, long xcr0, boolean apicEnabled) {}
