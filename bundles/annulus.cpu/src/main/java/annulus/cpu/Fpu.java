package annulus.cpu;

import annulus.cpu.fp.FpContext;
import annulus.cpu.fp.Transcendental;

/**
 * x87 state, SDM 1 chapter 8. Registers are physical: ST(i) is register {@code (top + i) & 7}; MMX register i is the
 * significand of physical register i.
 */
public final class Fpu {
  /** FERR# and IGNNE#: how a PC reports x87 exceptions while CR0.NE is 0 (SDM 1 appendix D.2.1). */
  @FunctionalInterface
  public interface ErrorLine {
    /**
     * A waiting instruction meets an unmasked exception: asserts FERR#, on a PC interrupt 13.
     *
     * @return whether IGNNE# is asserted, so that the instruction goes on; if not it waits until an interrupt arrives
     */
    boolean assertError();
  }

  /** Significands, integer bit explicit. */
  public final long[] significand = new long[8];
  /** Sign (bit 15) and biased exponent (bits 14-0). */
  public final int[] signExponent = new int[8];
  public int top;
  /** Control word. */
  public int control = 0x37F;
  /** Status word without TOP (bits 13-11). */
  public int status;
  /** Bit i set: physical register i is not empty (the abridged tag word of FXSAVE). */
  public int valid;
  /** Last instruction: opcode (11 bits), instruction and operand pointers with their selectors. */
  public int opcode;
  public long instructionPointer;
  public int instructionSelector;
  public long dataPointer;
  public int dataSelector;
  /** Arithmetic's modes and results; rounding, precision and masks follow {@link #control}. */
  public final FpContext context = new FpContext();
  public final Transcendental transcendental = new Transcendental();
  /** Not wired as delivered: an exception with CR0.NE clear then waits for an interrupt, as on a board without the wire. */
  public ErrorLine errorLine = () -> false;

  /** FNINIT, SDM 2A. The registers keep their contents but are empty. */
  public void initialise() {
    control = 0x37F;
    status = 0;
    valid = 0;
    top = 0;
    opcode = 0;
    instructionPointer = 0;
    instructionSelector = 0;
    dataPointer = 0;
    dataSelector = 0;
  }

  /** The status word with TOP in its place. */
  public int statusWord() {
    return status | top << 11;
  }

  public void setStatusWord(int word) {
    status = word & ~0x3800 & 0xFFFF;
    top = word >>> 11 & 7;
  }

  /** Physical number of ST(i). */
  public int physical(int i) {
    return top + i & 7;
  }
}
