package annulus.arch;

/**
 * Processor features that software can find with CPUID, each with the bit that reports it (SDM 2A CPUID, APM 3 appendix E).
 * A processor model is a set of these; an instruction whose feature is absent raises #UD.
 */
public enum CpuFeature {
  FPU(0x1, 0, CpuidRegister.EDX, 0),
  VME(0x1, 0, CpuidRegister.EDX, 1),
  DE(0x1, 0, CpuidRegister.EDX, 2),
  PSE(0x1, 0, CpuidRegister.EDX, 3),
  TSC(0x1, 0, CpuidRegister.EDX, 4),
  MSR(0x1, 0, CpuidRegister.EDX, 5),
  PAE(0x1, 0, CpuidRegister.EDX, 6),
  MCE(0x1, 0, CpuidRegister.EDX, 7),
  CX8(0x1, 0, CpuidRegister.EDX, 8),
  APIC(0x1, 0, CpuidRegister.EDX, 9),
  SEP(0x1, 0, CpuidRegister.EDX, 11),
  MTRR(0x1, 0, CpuidRegister.EDX, 12),
  PGE(0x1, 0, CpuidRegister.EDX, 13),
  MCA(0x1, 0, CpuidRegister.EDX, 14),
  CMOV(0x1, 0, CpuidRegister.EDX, 15),
  PAT(0x1, 0, CpuidRegister.EDX, 16),
  PSE36(0x1, 0, CpuidRegister.EDX, 17),
  CLFLUSH(0x1, 0, CpuidRegister.EDX, 19),
  MMX(0x1, 0, CpuidRegister.EDX, 23),
  FXSR(0x1, 0, CpuidRegister.EDX, 24),
  SSE(0x1, 0, CpuidRegister.EDX, 25),
  SSE2(0x1, 0, CpuidRegister.EDX, 26),
  SELF_SNOOP(0x1, 0, CpuidRegister.EDX, 27),
  HTT(0x1, 0, CpuidRegister.EDX, 28),
  SSE3(0x1, 0, CpuidRegister.ECX, 0),
  PCLMULQDQ(0x1, 0, CpuidRegister.ECX, 1),
  MONITOR(0x1, 0, CpuidRegister.ECX, 3),
  VMX(0x1, 0, CpuidRegister.ECX, 5),
  SSSE3(0x1, 0, CpuidRegister.ECX, 9),
  FMA(0x1, 0, CpuidRegister.ECX, 12),
  CX16(0x1, 0, CpuidRegister.ECX, 13),
  PCID(0x1, 0, CpuidRegister.ECX, 17),
  SSE4_1(0x1, 0, CpuidRegister.ECX, 19),
  SSE4_2(0x1, 0, CpuidRegister.ECX, 20),
  X2APIC(0x1, 0, CpuidRegister.ECX, 21),
  MOVBE(0x1, 0, CpuidRegister.ECX, 22),
  POPCNT(0x1, 0, CpuidRegister.ECX, 23),
  TSC_DEADLINE(0x1, 0, CpuidRegister.ECX, 24),
  AES(0x1, 0, CpuidRegister.ECX, 25),
  XSAVE(0x1, 0, CpuidRegister.ECX, 26),
  AVX(0x1, 0, CpuidRegister.ECX, 28),
  F16C(0x1, 0, CpuidRegister.ECX, 29),
  RDRAND(0x1, 0, CpuidRegister.ECX, 30),
  HYPERVISOR(0x1, 0, CpuidRegister.ECX, 31),
  FSGSBASE(0x7, 0, CpuidRegister.EBX, 0),
  TSC_ADJUST(0x7, 0, CpuidRegister.EBX, 1),
  BMI1(0x7, 0, CpuidRegister.EBX, 3),
  AVX2(0x7, 0, CpuidRegister.EBX, 5),
  SMEP(0x7, 0, CpuidRegister.EBX, 7),
  BMI2(0x7, 0, CpuidRegister.EBX, 8),
  ERMS(0x7, 0, CpuidRegister.EBX, 9),
  INVPCID(0x7, 0, CpuidRegister.EBX, 10),
  RDSEED(0x7, 0, CpuidRegister.EBX, 18),
  ADX(0x7, 0, CpuidRegister.EBX, 19),
  SMAP(0x7, 0, CpuidRegister.EBX, 20),
  CLFLUSHOPT(0x7, 0, CpuidRegister.EBX, 23),
  CLWB(0x7, 0, CpuidRegister.EBX, 24),
  SHA(0x7, 0, CpuidRegister.EBX, 29),
  UMIP(0x7, 0, CpuidRegister.ECX, 2),
  PKU(0x7, 0, CpuidRegister.ECX, 3),
  LA57(0x7, 0, CpuidRegister.ECX, 16),
  RDPID(0x7, 0, CpuidRegister.ECX, 22),
  FSRM(0x7, 0, CpuidRegister.EDX, 4),
  /** IA32_SPEC_CTRL and IA32_PRED_CMD exist. */
  SPEC_CTRL(0x7, 0, CpuidRegister.EDX, 26),
  ARCH_CAPABILITIES(0x7, 0, CpuidRegister.EDX, 29),
  /** IA32_SPEC_CTRL.BHI_DIS_S exists. */
  BHI_CTRL(0x7, 2, CpuidRegister.EDX, 4),
  XSAVEOPT(0xD, 1, CpuidRegister.EAX, 0),
  XSAVEC(0xD, 1, CpuidRegister.EAX, 1),
  XGETBV1(0xD, 1, CpuidRegister.EAX, 2),
  ARAT(0x6, 0, CpuidRegister.EAX, 2),
  LAHF64(0x8000_0001, 0, CpuidRegister.ECX, 0),
  SVM(0x8000_0001, 0, CpuidRegister.ECX, 2),
  CR8_LEGACY(0x8000_0001, 0, CpuidRegister.ECX, 4),
  LZCNT(0x8000_0001, 0, CpuidRegister.ECX, 5),
  SSE4A(0x8000_0001, 0, CpuidRegister.ECX, 6),
  MISALIGN_SSE(0x8000_0001, 0, CpuidRegister.ECX, 7),
  PREFETCHW(0x8000_0001, 0, CpuidRegister.ECX, 8),
  TOPOLOGY_EXTENSIONS(0x8000_0001, 0, CpuidRegister.ECX, 22),
  SYSCALL(0x8000_0001, 0, CpuidRegister.EDX, 11),
  NX(0x8000_0001, 0, CpuidRegister.EDX, 20),
  MMX_EXT(0x8000_0001, 0, CpuidRegister.EDX, 22),
  FFXSR(0x8000_0001, 0, CpuidRegister.EDX, 25),
  PAGE_1G(0x8000_0001, 0, CpuidRegister.EDX, 26),
  RDTSCP(0x8000_0001, 0, CpuidRegister.EDX, 27),
  LONG_MODE(0x8000_0001, 0, CpuidRegister.EDX, 29),
  INVARIANT_TSC(0x8000_0007, 0, CpuidRegister.EDX, 8),
  CLZERO(0x8000_0008, 0, CpuidRegister.EBX, 0),
  XSAVE_ERROR_POINTERS(0x8000_0008, 0, CpuidRegister.EBX, 2),
  WBNOINVD(0x8000_0008, 0, CpuidRegister.EBX, 9),
  /** Not affected by speculative store bypass. */
  SSB_NO(0x8000_0008, 0, CpuidRegister.EBX, 26),
  LFENCE_SERIALISES(0x8000_0021, 0, CpuidRegister.EAX, 2),
  NULL_SELECTOR_CLEARS_BASE(0x8000_0021, 0, CpuidRegister.EAX, 6),
  /** EFER.AIBRSE exists. */
  AUTOMATIC_IBRS(0x8000_0021, 0, CpuidRegister.EAX, 8),
  /** Not affected by speculative return stack overflow. */
  SRSO_NO(0x8000_0021, 0, CpuidRegister.EAX, 29);

  /** A register that CPUID returns. */
  public enum CpuidRegister { EAX, EBX, ECX, EDX }

  private final int leaf;
  private final int subleaf;
  private final CpuidRegister register;
  private final int bit;

  CpuFeature(int leaf, int subleaf, CpuidRegister register, int bit) {
    this.leaf = leaf;
    this.subleaf = subleaf;
    this.register = register;
    this.bit = bit;
  }

  /** The CPUID leaf (EAX) that reports this feature. */
  public int leaf() {
    return leaf;
  }

  /** The sub-leaf (ECX), 0 where the leaf has none. */
  public int subleaf() {
    return subleaf;
  }

  public CpuidRegister register() {
    return register;
  }

  /** The bit in that register, 0-31. */
  public int bit() {
    return bit;
  }
}
