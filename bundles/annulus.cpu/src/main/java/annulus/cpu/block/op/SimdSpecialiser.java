package annulus.cpu.block.op;

import annulus.cpu.decode.Instruction;
import org.jspecify.annotations.Nullable;

/** Chooses the specialised operation for an instruction of 64-bit code on XMM registers, in its legacy encoding. */
final class SimdSpecialiser {
  private static final int GPR = Instruction.GPR;
  private static final int MEMORY = Instruction.MEMORY;
  private static final int XMM = Instruction.XMM;

  private SimdSpecialiser() {}

  static @Nullable Op specialise(Instruction i, int next) {
    if (i.codeBits != 64 || i.vectorLength != 0) {
      return null;
    }
    return switch (i.kind0 << 4 | i.kind1) {
      case XMM << 4 | XMM -> registers(i);
      case XMM << 4 | MEMORY -> load(i, next);
      case MEMORY << 4 | XMM -> store(i, next);
      case XMM << 4 | GPR -> fromGeneral(i);
      case GPR << 4 | XMM -> toGeneral(i);
      case XMM << 4 | Instruction.IMMEDIATE -> shift(i);
      default -> null;
    };
  }

  private static @Nullable Op registers(Instruction i) {
    Op op = integers(i);
    if (op != null) {
      return op;
    }
    op = floats(i);
    return op != null ? op : shuffle(i);
  }

  private static @Nullable Op load(Instruction i, int next) {
    Op op = loadMove(i, next);
    if (op != null) {
      return op;
    }
    op = integersFromMemory(i, next);
    return op != null ? op : floatsFromMemory(i, next);
  }

  private static @Nullable Op loadMove(Instruction i, int next) {
    boolean simple = MemoryOp.isSimple(i);
    return switch (i.mnemonic) {
      case MOVUPS, MOVUPD, MOVDQU, LDDQU -> simple ? new SimdMoves.Load128Simple(i, next)
          : new SimdMoves.Load128Indexed(i, next);
      case MOVAPS, MOVAPD, MOVDQA, MOVNTDQA -> new SimdMoves.LoadAligned(i, next);
      case MOVSD -> new SimdMoves.Load64(i, next);
      case MOVSS -> new SimdMoves.Load32(i, next);
      case MOVD, MOVQ -> i.size1 == 8 ? new SimdMoves.Load64(i, next) : new SimdMoves.Load32(i, next);
      case MOVLPS, MOVLPD -> new SimdMoves.LoadLow(i, next);
      case MOVHPS, MOVHPD -> new SimdMoves.LoadHigh(i, next);
      default -> null;
    };
  }

  private static @Nullable Op store(Instruction i, int next) {
    boolean simple = MemoryOp.isSimple(i);
    return switch (i.mnemonic) {
      case MOVUPS, MOVUPD, MOVDQU -> simple ? new SimdMoves.Store128Simple(i, next) : new SimdMoves.Store128Indexed(i, next);
      case MOVAPS, MOVAPD, MOVDQA, MOVNTPS, MOVNTPD, MOVNTDQ -> new SimdMoves.StoreAligned(i, next);
      case MOVSD, MOVLPS, MOVLPD -> new SimdMoves.Store64(i, next);
      case MOVSS -> new SimdMoves.Store32(i, next);
      case MOVD, MOVQ -> i.size0 == 8 ? new SimdMoves.Store64(i, next) : new SimdMoves.Store32(i, next);
      case MOVHPS, MOVHPD -> new SimdMoves.StoreHigh(i, next);
      default -> null;
    };
  }

  private static @Nullable Op fromGeneral(Instruction i) {
    boolean wide = i.size1 == 8;
    return switch (i.mnemonic) {
      case MOVD, MOVQ -> wide ? new SimdMoves.FromGeneral64(i) : new SimdMoves.FromGeneral32(i);
      case CVTSI2SD -> wide ? new SimdConversions.Integer64ToDouble(i) : new SimdConversions.Integer32ToDouble(i);
      case CVTSI2SS -> wide ? new SimdConversions.Integer64ToSingle(i) : new SimdConversions.Integer32ToSingle(i);
      default -> null;
    };
  }

  private static @Nullable Op toGeneral(Instruction i) {
    boolean wide = i.size0 == 8;
    return switch (i.mnemonic) {
      case MOVD, MOVQ -> wide ? new SimdMoves.ToGeneral64(i) : new SimdMoves.ToGeneral32(i);
      case PMOVMSKB -> new SimdComparisons.Pmovmskb(i);
      case CVTTSD2SI -> wide ? new SimdConversions.TruncateDoubleTo64(i) : new SimdConversions.TruncateDoubleTo32(i);
      case CVTTSS2SI -> wide ? new SimdConversions.TruncateSingleTo64(i) : new SimdConversions.TruncateSingleTo32(i);
      default -> null;
    };
  }

  private static @Nullable Op integers(Instruction i) {
    return switch (i.mnemonic) {
      case PAND, ANDPS, ANDPD -> new SimdBitwise.And(i);
      case PANDN, ANDNPS, ANDNPD -> new SimdBitwise.AndNot(i);
      case POR, ORPS, ORPD -> new SimdBitwise.Or(i);
      case PXOR, XORPS, XORPD -> i.reg0 == i.reg1 ? new SimdBitwise.Clear(i) : new SimdBitwise.Xor(i);
      case PADDB -> new SimdIntegers.Paddb(i);
      case PADDW -> new SimdIntegers.Paddw(i);
      case PADDD -> new SimdIntegers.Paddd(i);
      case PSUBB -> new SimdIntegers.Psubb(i);
      case PSUBW -> new SimdIntegers.Psubw(i);
      case PSUBD -> new SimdIntegers.Psubd(i);
      case PSUBUSB -> new SimdIntegers.Psubusb(i);
      case PADDQ -> new SimdIntegers.Paddq(i);
      case PSUBQ -> new SimdIntegers.Psubq(i);
      case PCMPEQB -> new SimdComparisons.Pcmpeqb(i);
      case PCMPEQW -> new SimdComparisons.Pcmpeqw(i);
      case PCMPEQD -> new SimdComparisons.Pcmpeqd(i);
      case PCMPGTB -> new SimdComparisons.Pcmpgtb(i);
      case PCMPGTW -> new SimdComparisons.Pcmpgtw(i);
      case PCMPGTD -> new SimdComparisons.Pcmpgtd(i);
      case PMINUB -> new SimdComparisons.Pminub(i);
      case PMAXUB -> new SimdComparisons.Pmaxub(i);
      default -> null;
    };
  }

  private static @Nullable Op integersFromMemory(Instruction i, int next) {
    return switch (i.mnemonic) {
      case PAND, ANDPS, ANDPD -> new SimdBitwise.AndMemory(i, next);
      case PANDN, ANDNPS, ANDNPD -> new SimdBitwise.AndNotMemory(i, next);
      case POR, ORPS, ORPD -> new SimdBitwise.OrMemory(i, next);
      case PXOR, XORPS, XORPD -> new SimdBitwise.XorMemory(i, next);
      case PADDB -> new SimdIntegers.PaddbMemory(i, next);
      case PADDW -> new SimdIntegers.PaddwMemory(i, next);
      case PADDD -> new SimdIntegers.PadddMemory(i, next);
      case PSUBB -> new SimdIntegers.PsubbMemory(i, next);
      case PSUBW -> new SimdIntegers.PsubwMemory(i, next);
      case PSUBD -> new SimdIntegers.PsubdMemory(i, next);
      case PSUBUSB -> new SimdIntegers.PsubusbMemory(i, next);
      case PADDQ -> new SimdIntegers.PaddqMemory(i, next);
      case PSUBQ -> new SimdIntegers.PsubqMemory(i, next);
      case PCMPEQB -> new SimdComparisons.PcmpeqbMemory(i, next);
      case PCMPEQW -> new SimdComparisons.PcmpeqwMemory(i, next);
      case PCMPEQD -> new SimdComparisons.PcmpeqdMemory(i, next);
      case PCMPGTB -> new SimdComparisons.PcmpgtbMemory(i, next);
      case PCMPGTW -> new SimdComparisons.PcmpgtwMemory(i, next);
      case PCMPGTD -> new SimdComparisons.PcmpgtdMemory(i, next);
      case PMINUB -> new SimdComparisons.PminubMemory(i, next);
      case PMAXUB -> new SimdComparisons.PmaxubMemory(i, next);
      default -> null;
    };
  }

  private static @Nullable Op floats(Instruction i) {
    return switch (i.mnemonic) {
      case ADDSD -> new SimdScalars.AddDouble(i);
      case SUBSD -> new SimdScalars.SubDouble(i);
      case MULSD -> new SimdScalars.MulDouble(i);
      case DIVSD -> new SimdScalars.DivDouble(i);
      case MINSD -> new SimdScalars.MinDouble(i);
      case MAXSD -> new SimdScalars.MaxDouble(i);
      case SQRTSD -> new SimdScalars.SqrtDouble(i);
      case ADDSS -> new SimdScalars.AddSingle(i);
      case SUBSS -> new SimdScalars.SubSingle(i);
      case MULSS -> new SimdScalars.MulSingle(i);
      case DIVSS -> new SimdScalars.DivSingle(i);
      case MINSS -> new SimdScalars.MinSingle(i);
      case MAXSS -> new SimdScalars.MaxSingle(i);
      case SQRTSS -> new SimdScalars.SqrtSingle(i);
      case ADDPD -> new SimdFloats.AddDoubles(i);
      case SUBPD -> new SimdFloats.SubDoubles(i);
      case MULPD -> new SimdFloats.MulDoubles(i);
      case DIVPD -> new SimdFloats.DivDoubles(i);
      case ADDPS -> new SimdFloats.AddSingles(i);
      case SUBPS -> new SimdFloats.SubSingles(i);
      case MULPS -> new SimdFloats.MulSingles(i);
      case DIVPS -> new SimdFloats.DivSingles(i);
      case COMISD -> new SimdScalars.CompareDouble(i);
      case UCOMISD -> new SimdScalars.CompareUnorderedDouble(i);
      case COMISS -> new SimdScalars.CompareSingle(i);
      case UCOMISS -> new SimdScalars.CompareUnorderedSingle(i);
      case CVTSS2SD -> new SimdConversions.SingleToDouble(i);
      case CVTSD2SS -> new SimdConversions.DoubleToSingle(i);
      default -> null;
    };
  }

  private static @Nullable Op floatsFromMemory(Instruction i, int next) {
    return switch (i.mnemonic) {
      case ADDSD -> new SimdScalars.AddDoubleMemory(i, next);
      case SUBSD -> new SimdScalars.SubDoubleMemory(i, next);
      case MULSD -> new SimdScalars.MulDoubleMemory(i, next);
      case DIVSD -> new SimdScalars.DivDoubleMemory(i, next);
      case MINSD -> new SimdScalars.MinDoubleMemory(i, next);
      case MAXSD -> new SimdScalars.MaxDoubleMemory(i, next);
      case SQRTSD -> new SimdScalars.SqrtDoubleMemory(i, next);
      case ADDSS -> new SimdScalars.AddSingleMemory(i, next);
      case SUBSS -> new SimdScalars.SubSingleMemory(i, next);
      case MULSS -> new SimdScalars.MulSingleMemory(i, next);
      case DIVSS -> new SimdScalars.DivSingleMemory(i, next);
      case MINSS -> new SimdScalars.MinSingleMemory(i, next);
      case MAXSS -> new SimdScalars.MaxSingleMemory(i, next);
      case SQRTSS -> new SimdScalars.SqrtSingleMemory(i, next);
      case ADDPD -> new SimdFloats.AddDoublesMemory(i, next);
      case SUBPD -> new SimdFloats.SubDoublesMemory(i, next);
      case MULPD -> new SimdFloats.MulDoublesMemory(i, next);
      case DIVPD -> new SimdFloats.DivDoublesMemory(i, next);
      case ADDPS -> new SimdFloats.AddSinglesMemory(i, next);
      case SUBPS -> new SimdFloats.SubSinglesMemory(i, next);
      case MULPS -> new SimdFloats.MulSinglesMemory(i, next);
      case DIVPS -> new SimdFloats.DivSinglesMemory(i, next);
      case COMISD -> new SimdScalars.CompareDoubleMemory(i, next);
      case UCOMISD -> new SimdScalars.CompareUnorderedDoubleMemory(i, next);
      case COMISS -> new SimdScalars.CompareSingleMemory(i, next);
      case UCOMISS -> new SimdScalars.CompareUnorderedSingleMemory(i, next);
      case CVTSS2SD -> new SimdConversions.SingleToDoubleMemory(i, next);
      case CVTSD2SS -> new SimdConversions.DoubleToSingleMemory(i, next);
      case CVTSI2SD -> i.size1 == 8 ? new SimdConversions.Integer64ToDoubleMemory(i, next)
          : new SimdConversions.Integer32ToDoubleMemory(i, next);
      default -> null;
    };
  }

  private static @Nullable Op shuffle(Instruction i) {
    return switch (i.mnemonic) {
      case MOVAPS, MOVUPS, MOVAPD, MOVUPD, MOVDQA, MOVDQU -> new SimdMoves.Copy128(i);
      case MOVQ -> new SimdMoves.Copy64(i);
      case MOVSD -> new SimdMoves.ReplaceDouble(i);
      case MOVSS -> new SimdMoves.ReplaceSingle(i);
      case MOVHLPS -> new SimdMoves.HighToLow(i);
      case MOVLHPS -> new SimdMoves.LowToHigh(i);
      case PUNPCKLBW -> new SimdShuffles.Punpcklbw(i);
      case PUNPCKLWD -> new SimdShuffles.Punpcklwd(i);
      case PUNPCKLDQ, UNPCKLPS -> new SimdShuffles.Punpckldq(i);
      case PUNPCKLQDQ, UNPCKLPD -> new SimdShuffles.Punpcklqdq(i);
      case PUNPCKHBW -> new SimdShuffles.Punpckhbw(i);
      case PUNPCKHWD -> new SimdShuffles.Punpckhwd(i);
      case PUNPCKHDQ, UNPCKHPS -> new SimdShuffles.Punpckhdq(i);
      case PUNPCKHQDQ, UNPCKHPD -> new SimdShuffles.Punpckhqdq(i);
      case PSHUFD -> new SimdShuffles.Pshufd(i);
      case PSHUFLW -> new SimdShuffles.Pshuflw(i);
      case PSHUFHW -> new SimdShuffles.Pshufhw(i);
      case SHUFPS -> new SimdShuffles.Shufps(i);
      case SHUFPD -> new SimdShuffles.Shufpd(i);
      case PSHUFB -> new SimdShuffles.Pshufb(i);
      case PALIGNR -> align(i);
      default -> null;
    };
  }

  private static @Nullable Op align(Instruction i) {
    int bytes = (int) i.immediate & 0xFF;
    if ((bytes & 7) == 0 || bytes > 15) {
      return null;
    }
    return bytes < 8 ? new SimdShuffles.AlignWithin(i) : new SimdShuffles.AlignAcross(i);
  }

  private static @Nullable Op shift(Instruction i) {
    return switch (i.mnemonic) {
      case PSLLW -> new SimdShuffles.Psllw(i);
      case PSLLD -> new SimdShuffles.Pslld(i);
      case PSLLQ -> new SimdShuffles.Psllq(i);
      case PSRLW -> new SimdShuffles.Psrlw(i);
      case PSRLD -> new SimdShuffles.Psrld(i);
      case PSRLQ -> new SimdShuffles.Psrlq(i);
      case PSRAW -> new SimdShuffles.Psraw(i);
      case PSRAD -> new SimdShuffles.Psrad(i);
      case PSLLDQ -> new SimdShuffles.Pslldq(i);
      case PSRLDQ -> new SimdShuffles.Psrldq(i);
      default -> null;
    };
  }
}
