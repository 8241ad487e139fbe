package annulus.cpu.exec;

import static annulus.cpu.decode.Mnemonic.*;

import annulus.cpu.Cpu;
import annulus.cpu.decode.Instruction;
import java.util.function.LongBinaryOperator;

/** Packing with saturation, interleaving and widening of packed integers (SDM 2B PACKSSWB ... PUNPCKHQDQ, PMOVSX, PMOVZX). */
public final class PackedPack implements Family {
  @Override public void define(Definitions d) {
    d.define(PACKSSWB, (c, i) -> SimdOperands.pairs(c, i, PackedPack::packsswb));
    d.define(PACKUSWB, (c, i) -> SimdOperands.pairs(c, i, PackedPack::packuswb));
    d.define(PACKSSDW, (c, i) -> SimdOperands.pairs(c, i, PackedPack::packssdw));
    d.define(PACKUSDW, (c, i) -> SimdOperands.pairs(c, i, PackedPack::packusdw));
    d.define(PUNPCKLBW, (c, i) -> low(c, i, PackedPack::punpcklbw, PackedPack::punpckhbw));
    d.define(PUNPCKLWD, (c, i) -> low(c, i, PackedPack::punpcklwd, PackedPack::punpckhwd));
    d.define(PUNPCKLDQ, (c, i) -> low(c, i, PackedPack::punpckldq, PackedPack::punpckhdq));
    d.define(PUNPCKLQDQ, (c, i) -> low(c, i, (a, b) -> a, (a, b) -> b));
    d.define(PUNPCKHBW, (c, i) -> high(c, i, PackedPack::punpcklbw, PackedPack::punpckhbw));
    d.define(PUNPCKHWD, (c, i) -> high(c, i, PackedPack::punpcklwd, PackedPack::punpckhwd));
    d.define(PUNPCKHDQ, (c, i) -> high(c, i, PackedPack::punpckldq, PackedPack::punpckhdq));
    d.define(PUNPCKHQDQ, (c, i) -> high(c, i, (a, b) -> a, (a, b) -> b));
    d.define(UNPCKLPS, (c, i) -> low(c, i, PackedPack::punpckldq, PackedPack::punpckhdq));
    d.define(UNPCKLPD, (c, i) -> low(c, i, (a, b) -> a, (a, b) -> b));
    d.define(UNPCKHPS, (c, i) -> high(c, i, PackedPack::punpckldq, PackedPack::punpckhdq));
    d.define(UNPCKHPD, (c, i) -> high(c, i, (a, b) -> a, (a, b) -> b));
    d.define(PMOVSXBW, (c, i) -> SimdOperands.widen(c, i, (a, half) -> extend(a >>> 32 * half, 8, 16, true)));
    d.define(PMOVSXBD, (c, i) -> SimdOperands.widen(c, i, (a, half) -> extend(a >>> 16 * half, 8, 32, true)));
    d.define(PMOVSXBQ, (c, i) -> SimdOperands.widen(c, i, (a, half) -> (byte) (a >>> 8 * half)));
    d.define(PMOVSXWD, (c, i) -> SimdOperands.widen(c, i, (a, half) -> extend(a >>> 32 * half, 16, 32, true)));
    d.define(PMOVSXWQ, (c, i) -> SimdOperands.widen(c, i, (a, half) -> (short) (a >>> 16 * half)));
    d.define(PMOVSXDQ, (c, i) -> SimdOperands.widen(c, i, (a, half) -> (int) (a >>> 32 * half)));
    d.define(PMOVZXBW, (c, i) -> SimdOperands.widen(c, i, (a, half) -> extend(a >>> 32 * half, 8, 16, false)));
    d.define(PMOVZXBD, (c, i) -> SimdOperands.widen(c, i, (a, half) -> extend(a >>> 16 * half, 8, 32, false)));
    d.define(PMOVZXBQ, (c, i) -> SimdOperands.widen(c, i, (a, half) -> a >>> 8 * half & 0xFF));
    d.define(PMOVZXWD, (c, i) -> SimdOperands.widen(c, i, (a, half) -> extend(a >>> 32 * half, 16, 32, false)));
    d.define(PMOVZXWQ, (c, i) -> SimdOperands.widen(c, i, (a, half) -> a >>> 16 * half & 0xFFFF));
    d.define(PMOVZXDQ, (c, i) -> SimdOperands.widen(c, i, (a, half) -> a >>> 32 * half & 0xFFFF_FFFFL));
  }

  /** Interleaves the low halves of the operands. The MMX form reads four bytes of memory, the XMM form sixteen. */
  private static void low(Cpu c, Instruction i, LongBinaryOperator lowOp, LongBinaryOperator highOp) {
    if (i.kind0 != Instruction.XMM) {
      SimdOperands.mmx(c, i, lowOp);
      return;
    }
    SimdState.requireSse(c);
    long b = SimdOperands.half(c, i, SimdOperands.source(c, i), 0);
    int d = 2 * i.reg0;
    long a = c.xmm[d];
    c.xmm[d] = lowOp.applyAsLong(a, b);
    c.xmm[d + 1] = highOp.applyAsLong(a, b);
  }

  private static void high(Cpu c, Instruction i, LongBinaryOperator lowOp, LongBinaryOperator highOp) {
    if (i.kind0 != Instruction.XMM) {
      SimdOperands.mmx(c, i, highOp);
      return;
    }
    SimdState.requireSse(c);
    long at = SimdOperands.source(c, i);
    if (i.kind1 == Instruction.MEMORY) {
      // All of the operand is accessed: a page fault is at its start.
      c.memory.checkRead(at, 16);
    }
    long b = SimdOperands.half(c, i, at, 1);
    int d = 2 * i.reg0;
    long a = c.xmm[d + 1];
    c.xmm[d] = lowOp.applyAsLong(a, b);
    c.xmm[d + 1] = highOp.applyAsLong(a, b);
  }

  /** Four words to bytes, each clamped to {@code min..max}. */
  private static long bytes(long a, int min, int max) {
    long result = 0;
    for (int n = 0; n < 4; n++) {
      result |= (Math.clamp((short) (a >>> 16 * n), min, max) & 0xFFL) << 8 * n;
    }
    return result;
  }

  private static long words(long a, int min, int max) {
    return Math.clamp((int) a, min, max) & 0xFFFFL | (Math.clamp((int) (a >>> 32), min, max) & 0xFFFFL) << 16;
  }

  public static long packsswb(long a, long b) {
    return bytes(a, Byte.MIN_VALUE, Byte.MAX_VALUE) | bytes(b, Byte.MIN_VALUE, Byte.MAX_VALUE) << 32;
  }

  public static long packuswb(long a, long b) {
    return bytes(a, 0, 0xFF) | bytes(b, 0, 0xFF) << 32;
  }

  public static long packssdw(long a, long b) {
    return words(a, Short.MIN_VALUE, Short.MAX_VALUE) | words(b, Short.MIN_VALUE, Short.MAX_VALUE) << 32;
  }

  public static long packusdw(long a, long b) {
    return words(a, 0, 0xFFFF) | words(b, 0, 0xFFFF) << 32;
  }

  /** Bytes 3-0 at even places. */
  private static long spreadBytes(long a) {
    long words = spreadWords(a);
    return (words | words << 8) & 0x00FF_00FF_00FF_00FFL;
  }

  /** Words 1-0 at even places. */
  private static long spreadWords(long a) {
    return a & 0xFFFF | a << 16 & 0xFFFF_0000_0000L;
  }

  public static long punpcklbw(long a, long b) {
    return spreadBytes(a) | spreadBytes(b) << 8;
  }

  public static long punpckhbw(long a, long b) {
    return punpcklbw(a >>> 32, b >>> 32);
  }

  public static long punpcklwd(long a, long b) {
    return spreadWords(a) | spreadWords(b) << 16;
  }

  public static long punpckhwd(long a, long b) {
    return punpcklwd(a >>> 32, b >>> 32);
  }

  public static long punpckldq(long a, long b) {
    return a & 0xFFFF_FFFFL | b << 32;
  }

  public static long punpckhdq(long a, long b) {
    return a >>> 32 | b & 0xFFFF_FFFF_0000_0000L;
  }

  /** The lowest elements of {@code from} bits, widened to {@code to}. */
  public static long extend(long a, int from, int to, boolean signed) {
    long mask = -1L >>> 64 - to;
    long result = 0;
    for (int n = 0; n * to < 64; n++) {
      long element = a << 64 - from * (n + 1);
      long value = signed ? element >> 64 - from : element >>> 64 - from;
      result |= (value & mask) << n * to;
    }
    return result;
  }
}
