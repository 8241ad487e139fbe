package annulus.oracle;

import annulus.arch.Rflags;
import annulus.cpu.decode.Instruction;

/** Status flags that the architecture leaves undefined, by mnemonic and operands (SDM 2 of each; SDM 1 appendix A; APM 3). */
final class UndefinedFlags {
  private static final int SF_ZF_AF_PF = Rflags.SF | Rflags.ZF | Rflags.AF | Rflags.PF;
  private static final int OF_SF_AF_PF = Rflags.OF | Rflags.SF | Rflags.AF | Rflags.PF;

  private UndefinedFlags() {}

  /** Flags that need not agree after {@code i} has ended. */
  static int after(Instruction i, State in) {
    return switch (i.mnemonic) {
      case AND, OR, XOR, TEST -> Rflags.AF;
      case ANDN, BLSI, BLSMSK, BLSR, BZHI -> Rflags.AF | Rflags.PF;
      case BEXTR -> Rflags.AF | Rflags.SF | Rflags.PF;
      case MUL, IMUL -> SF_ZF_AF_PF;
      case DIV, IDIV -> Rflags.STATUS;
      case BT, BTC, BTR, BTS, TZCNT, LZCNT -> OF_SF_AF_PF;
      case BSF, BSR -> OF_SF_AF_PF | Rflags.CF;
      case AAA, AAS -> OF_SF_AF_PF & ~Rflags.AF | Rflags.ZF;
      case AAD, AAM -> Rflags.OF | Rflags.AF | Rflags.CF;
      case DAA, DAS -> Rflags.OF;
      case SHL, SHR, SAR -> shift(i, count(i, 1, in));
      case ROL, ROR, RCL, RCR -> count(i, 1, in) > 1 ? Rflags.OF : 0;
      case SHLD, SHRD -> doubleShift(i, count(i, 2, in));
      default -> 0;
    };
  }

  /** AF always but for a count of 0; OF but for 1; CF when everything is shifted out, which SAR has an answer for. */
  private static int shift(Instruction i, int count) {
    if (count == 0) {
      return 0;
    }
    boolean out = count >= 8 * i.size0 && i.mnemonic != annulus.cpu.decode.Mnemonic.SAR;
    return Rflags.AF | (count > 1 ? Rflags.OF : 0) | (out ? Rflags.CF : 0);
  }

  private static int doubleShift(Instruction i, int count) {
    if (count == 0) {
      return 0;
    }
    return count > 8 * i.size0 ? Rflags.STATUS : Rflags.AF | (count > 1 ? Rflags.OF : 0);
  }

  /** Whether the result itself is undefined: a double shift of a word by more than 16 (SDM 2B SHLD). */
  static boolean result(Instruction i, State in) {
    return switch (i.mnemonic) {
      case SHLD, SHRD -> count(i, 2, in) > 8 * i.size0;
      default -> false;
    };
  }

  private static int count(Instruction i, int operand, State in) {
    boolean immediate = (operand == 1 ? i.kind1 : i.kind2) == Instruction.IMMEDIATE;
    return (int) (immediate ? i.immediate : in.gpr[1]) & (i.size0 == 8 ? 63 : 31);
  }
}
