package annulus.oracle;

import annulus.arch.Vector;
import annulus.cpu.Cpu;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;

/**
 * Results that the architecture bounds and does not fix, so that processors differ in their last bits: RCPPS and RSQRTPS (SDM 2B: a
 * relative error of at most 1.5 * 2^-12, and zero where that is below the normal numbers), transcendental x87 functions (SDM 1 8.3.10:
 * below 1 ulp in round-to-nearest, one more in the other modes; both results may be off in opposite directions).
 */
final class Tolerance {
  private static final double APPROXIMATION = 1.5 / 4096 * 1.01;
  /** Units in the last place. */
  private static final long TRANSCENDENTAL = 3;
  private static final int C1_PE = 0x220;

  private Tolerance() {}

  private static boolean transcendental(Instruction i) {
    return switch (i.mnemonic) {
      case FSIN, FCOS, FSINCOS, FPTAN, FPATAN, F2XM1, FYL2X, FYL2XP1 -> true;
      default -> false;
    };
  }

  /** Bits of the status word that follow from the last bits of a result. */
  static int statusBits(Instruction i) {
    return transcendental(i) ? C1_PE : 0;
  }

  /** Whether two x87 registers are as close as they must be. */
  static boolean x87(Instruction i, Bytes a, Bytes b, int at) {
    if (!transcendental(i)) {
      return false;
    }
    int ea = a.u16(at + 8);
    int eb = b.u16(at + 8);
    long sa = a.i64(at);
    long sb = b.i64(at);
    if (ea == eb) {
      return Math.abs(sa - sb) <= TRANSCENDENTAL;
    }
    // Either side of a power of two.
    boolean up = ea == eb + 1;
    long high = up ? sa : sb;
    long low = up ? sb : sa;
    return (up || eb == ea + 1) && high - Long.MIN_VALUE <= TRANSCENDENTAL && ~low <= 2 * TRANSCENDENTAL && low < 0;
  }

  /** Whether two XMM registers are. */
  static boolean vector(Instruction i, Bytes a, Bytes b, int at) {
    boolean approximate = switch (i.mnemonic) {
      case RCPPS, RCPSS, RSQRTPS, RSQRTSS -> true;
      default -> false;
    };
    if (!approximate) {
      return false;
    }
    for (int n = 0; n < 16; n += 4) {
      int x = a.i32(at + n);
      int y = b.i32(at + n);
      if (x != y && !(flushed(x, y) || flushed(y, x))) {
        double p = Float.intBitsToFloat(x);
        double q = Float.intBitsToFloat(y);
        if (!(Math.abs(p - q) <= Math.abs(q) * APPROXIMATION)) {
          return false;
        }
      }
    }
    return true;
  }

  /** Whether {@code zero} is what a result with an error becomes that without one is next to the smallest normal number. */
  private static boolean flushed(int zero, int small) {
    return zero == (small & Integer.MIN_VALUE) && Math.abs(Float.intBitsToFloat(small)) <= Float.MIN_NORMAL * (1 + APPROXIMATION);
  }

  /**
   * Bits of the result that are undefined, bits 19-16 of LAR's (SDM 2A LAR), or the host's: the limit of Linux' segment that tells the
   * number of the processor, which is the only one of limit 0 in the model.
   */
  static long registerBits(Instruction i, int register, Outcome model) {
    if (i.mnemonic == Mnemonic.POPA && model.vector != Outcome.COMPLETED) {
      // What was popped before the fault may show: it will be popped again.
      return register == Cpu.RSP ? 0 : -1;
    }
    if (register != i.reg0) {
      return 0;
    }
    return switch (i.mnemonic) {
      case LAR -> 0xF_0000;
      case LSL -> (model.gpr[register] & 0xFFFF) == 0 ? 0xF_FFFF : 0;
      default -> 0;
    };
  }

  /**
   * Whether two different faults of one instruction are both right: nothing orders faults of the accesses one instruction makes
   * (SDM 3A table 6-2 leaves the last class open), or says at which of its bytes a long operand faults.
   */
  static boolean faults(Instruction i, Outcome silicon, Outcome model) {
    if (silicon.vector == Outcome.COMPLETED || model.vector == Outcome.COMPLETED) {
      return false;
    }
    return switch (i.mnemonic) {
      // Both stacks, descriptors and limits.
      case CALLF, RETF, IRET -> true;
      // An operand in parts, the first below the end of what is canonical or within the segment.
      case FLD, FSTP, FBLD, FBSTP, LDS, LES, LFS, LGS, LSS, JMPF -> silicon.vector == Vector.PF && outside(model);
      case FLDENV, FNSTENV, FRSTOR, FNSAVE, FXRSTOR, FXSAVE, BOUND, PUSHA, POPA, ENTER, MASKMOVQ, MASKMOVDQU ->
          silicon.vector == model.vector || silicon.vector == Vector.PF && outside(model) || misaligned(silicon, model);
      // Two operands, of which Zen 5 reads the one at SI first, as the model does, and Zen 4 the one at DI.
      case CMPS -> silicon.vector != Vector.PF || atDestination(silicon);
      // An operand that is neither aligned nor canonical, through SS.
      default -> misaligned(silicon, model) && (i.kind1 == Instruction.MEMORY && i.size1 == 16 || i.kind0 == Instruction.MEMORY && i.size0 == 16);
    };
  }

  /** Whether the page fault {@code o} of a string instruction is that of the operand at DI. */
  private static boolean atDestination(Outcome o) {
    // Segments begin at multiples of 64 KiB.
    return (o.cr2 - o.gpr[Cpu.RDI] & 0xFFFF) < 8;
  }

  private static boolean outside(Outcome o) {
    return (o.vector == Vector.GP || o.vector == Vector.SS) && o.errorCode == 0;
  }

  private static boolean misaligned(Outcome silicon, Outcome model) {
    return silicon.vector == Vector.GP && model.vector == Vector.SS;
  }

  /** Whether a faulting instruction may have stored a part of its operand: into memory it owns, or below the stack pointer. */
  static boolean memory(Instruction i, Outcome model) {
    return model.vector != Outcome.COMPLETED && switch (i.mnemonic) {
      case ENTER, PUSHA, FNSTENV, FNSAVE, FXSAVE, CALLF -> true;
      default -> false;
    };
  }

  /** Whether a faulting instruction may have switched the x87 registers to MMX already: AMD's do so first. */
  static boolean x87State(Instruction i, Outcome model) {
    return model.vector != Outcome.COMPLETED && switch (i.mnemonic) {
      case CVTPS2PI, CVTTPS2PI, CVTPD2PI, CVTTPD2PI, CVTPI2PS, CVTPI2PD, MASKMOVQ -> true;
      default -> false;
    };
  }
}
