package annulus.engine;

/** What an engine can do beyond running 64-bit user code. A swap is refused when the new engine's set is not a superset of what is in use. */
public enum EngineCapability {
  /** Real and virtual-8086 mode. */
  REAL_MODE,
  /** Protected mode with and without paging. */
  PROTECTED_MODE,
  LONG_MODE,
  /** Several virtual processors of one machine at the same time. */
  MULTIPROCESSOR,
  /** Debug registers and single step. */
  DEBUG,
  /** Any CPUID values, not only the host's. */
  ANY_CPUID
}
