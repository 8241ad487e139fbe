package annulus.vendor;

import annulus.arch.CpuFeature;
import java.util.Set;
import org.osgi.annotation.versioning.ConsumerType;

/** A named processor model: what software finds with CPUID and MSRs. Immutable and shared by all its virtual processors. */
@ConsumerType
public interface CpuModel {
  /** The model's name as a user types it, for instance {@code nehalem}. */
  String name();

  /** One line for people. */
  String description();

  /** What the processor can do. Instructions of absent features raise #UD; control bits of absent features are reserved. */
  Set<CpuFeature> features();

  /** How this vendor's processors differ from others where software can tell. */
  Set<VendorTrait> traits();

  /** Width of guest-physical addresses in bits, 36 to 52. */
  int physicalBits();

  /** Frequency of the time-stamp counter in Hz. */
  long tscHz();

  /** What CPUID returns for EAX={@code leaf}, ECX={@code subleaf}; out-of-range leaves answer as this vendor's processors do. */
  CpuidResult cpuid(int leaf, int subleaf, CpuidContext context);

  /** Opens the model-specific registers that are this vendor's own, for one virtual processor, in reset state. */
  VendorMsrs openMsrs();
}
