package annulus.cpu.block;

import annulus.cpu.block.op.Op;
import annulus.cpu.block.op.Specialiser;
import annulus.cpu.decode.Instruction;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Specialised operations by the bytes of their instructions: what is encoded the same does the same wherever it stands, and so takes a
 * place in the host's caches but once, however many blocks have it. Not so what is relative to the instruction pointer, or says where
 * to go on.
 */
final class SharedOps {
  private static final int BITS = 13;
  private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long GOLDEN = 0x9E37_79B9_7F4A_7C15L;

  private final long[] codes = new long[1 << BITS];
  /** Of each its {@link #kind}; no instruction's is 0. */
  private final byte[] kinds = new byte[1 << BITS];
  private final @Nullable Op[] ops = new Op[1 << BITS];

  /**
   * What {@link Specialiser#specialise} gives for {@code i} or has given for its like.
   *
   * @param bytes what it was decoded from, at least 8: those in memory may be others by now
   * @param next offset of the next instruction from the block's start
   * @param ends whether the block ends with it
   */
  @Nullable Op op(Instruction i, byte[] bytes, int next, boolean ends) {
    if (ends || i.length > Long.BYTES || i.hasMemory() && i.base == Instruction.RIP) {
      return Specialiser.specialise(i, next);
    }
    int unused = Long.SIZE - Byte.SIZE * i.length;
    long code = (long) LONG.get(bytes, 0) << unused >>> unused;
    byte kind = kind(i);
    int slot = (int) ((code ^ kind) * GOLDEN >>> Long.SIZE - BITS);
    if (codes[slot] == code && kinds[slot] == kind) {
      return ops[slot];
    }
    Op op = Specialiser.specialise(i, next);
    codes[slot] = code;
    kinds[slot] = kind;
    ops[slot] = op;
    return op;
  }

  /** Forgets all. */
  void clear() {
    Arrays.fill(codes, 0);
    Arrays.fill(kinds, (byte) 0);
    Arrays.fill(ops, null);
  }

  /** What bytes alone do not tell. */
  private static byte kind(Instruction i) {
    return (byte) (i.length << 1 | (i.codeBits == 64 ? 1 : 0));
  }
}
