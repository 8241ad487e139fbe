package annulus.vendor;

/** Ways in which processors of different vendors behave differently where software can tell. */
public enum VendorTrait {
  /** SYSCALL and SYSRET work in compatibility and legacy mode too (APM 3 SYSCALL); Intel's raise #UD outside 64-bit mode. */
  SYSCALL_IN_COMPATIBILITY_MODE,
  /** SYSENTER and SYSEXIT raise #UD in long mode (APM 3 SYSENTER). */
  NO_SYSENTER_IN_LONG_MODE,
  /** SYSRET with a non-canonical RCX faults in the caller's user mode, not before the privilege change (AMD). */
  SYSRET_CANONICAL_FAULT_AT_TARGET,
  /** SYSRET leaves the hidden part of SS alone but for the RPL (AMD "sysret_ss_attrs"). */
  SYSRET_KEEPS_SS_ATTRIBUTES,
  /** Loading a null selector leaves base and limit of FS and GS as they were (AMD before null-selector-clears-base). */
  NULL_SELECTOR_KEEPS_BASE,
  /** A near branch in 64-bit mode obeys the 66 prefix: 16-bit displacement and IP (APM 3); Intel ignores the prefix. */
  NEAR_BRANCH_OPERAND_SIZE,
  /** Far branches through memory take no REX.W 64-bit offset (AMD). */
  NO_FAR_BRANCH_64,
  /** LOCK MOV CR0 reads and writes CR8 outside 64-bit mode (APM 3 MOV CRn). */
  LOCK_MOV_CR0_IS_CR8,
  /** FXSAVE and FXRSTOR skip the x87 last-instruction pointers unless an exception is pending (AMD). */
  FXSAVE_SKIPS_POINTERS,
  /**
   * FXSAVE and XSAVE write zeros for the x87 last-instruction pointers unless an exception is pending; FXRSTOR and XRSTOR always load
   * them (AMD since Zen, seen on silicon).
   */
  FXSAVE_ZEROES_POINTERS,
  /** FCOMI, FCOMIP, FUCOMI and FUCOMIP leave C1 as it was (seen on AMD silicon); Intel clears it (SDM 2A FCOMI). */
  FCOMI_KEEPS_C1
}
