package annulus.vendor;

/** The four registers CPUID writes. */
public record CpuidResult(int eax, int ebx, int ecx, int edx) {
  public static final CpuidResult ZERO = new CpuidResult(0, 0, 0, 0);
}
