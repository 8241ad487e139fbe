package annulus.oracle;

import java.lang.foreign.MemorySegment;

/** What an instruction leaves, on either processor. Reused from case to case. */
final class Outcome {
  /** Exception; {@link #COMPLETED} when the instruction ended and TF trapped. */
  int vector;
  int errorCode;
  /** Meaningful after a page fault. */
  long cr2;
  final long[] gpr = new long[16];
  long rip;
  long flags;
  /** Selectors by {@link annulus.arch.Seg}, ES to GS. */
  final int[] selectors = new int[6];
  /** FXSAVE image in the 64-bit format; the mask of MXCSR and reserved bytes are not filled in. */
  final Bytes fx = new Bytes(512);
  /** The two pages of data. */
  MemorySegment data = MemorySegment.NULL;

  /** {@link annulus.arch.Vector#DB}. */
  static final int COMPLETED = 1;
  /** Bytes of {@link #fx} that are compared: the header without MXCSR_MASK, then the registers. */
  static final int FX_HEADER = 28;
  static final int FX_REGISTERS = 32;
  static final int FX_END = 416;
}
