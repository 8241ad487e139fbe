package annulus.engine.translator;

import annulus.cpu.decode.Instruction;

/** What the general meaning of an instruction changes of the registers that a region has copies of in locals. */
final class GeneralUse {
  private static final int ALL = 0xFFFF;

  /** General registers of which copies hold no longer. */
  final int written;
  final boolean flags;

  private GeneralUse(int written, boolean flags) {
    this.written = written;
    this.flags = flags;
  }

  static GeneralUse of(Instruction i) {
    if (!fpu(i)) {
      return new GeneralUse(ALL, true);
    }
    int written = operand(i.kind0, i.reg0) | operand(i.kind1, i.reg1) | operand(i.kind2, i.reg2) | operand(i.kind3, i.reg3);
    return new GeneralUse(written, false);
  }

  private static int operand(int kind, int reg) {
    return kind == Instruction.GPR || kind == Instruction.HIGH_BYTE ? 1 << reg : 0;
  }

  /** Instructions of x87, MMX and SSE that touch nothing but their own registers, the operands that they name, and memory. */
  private static boolean fpu(Instruction i) {
    return switch (i.mnemonic) {
      case FCMOVCC, FCOMI, FCOMIP, FUCOMI, FUCOMIP, COMISD, COMISS, UCOMISD, UCOMISS, PTEST, PCMPESTRI, PCMPESTRM, PCMPISTRI,
          PCMPISTRM, VCOMISD, VCOMISS, VUCOMISD, VUCOMISS, VPTEST, VTESTPD, VTESTPS, VPCMPESTRI, VPCMPESTRM, VPCMPISTRI, VPCMPISTRM,
          MASKMOVQ, MASKMOVDQU, VMASKMOVDQU -> false;
      default -> vector(i.kind0) || vector(i.kind1) || i.mnemonic.name().charAt(0) == 'F';
    };
  }

  private static boolean vector(int kind) {
    return kind == Instruction.XMM || kind == Instruction.MMX || kind == Instruction.ST;
  }
}
