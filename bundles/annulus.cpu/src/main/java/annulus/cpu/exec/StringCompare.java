package annulus.cpu.exec;

import static annulus.cpu.decode.Mnemonic.*;

import annulus.arch.Rflags;
import annulus.cpu.Cpu;
import annulus.cpu.Flags;
import annulus.cpu.Operands;
import annulus.cpu.decode.Instruction;

/**
 * PCMPESTRI, PCMPESTRM, PCMPISTRI, PCMPISTRM (SDM 1 10.5.3, SDM 2B 4.1). The memory operand need not be aligned.
 *
 * <pre>
 * immediate   6 most significant index, or mask of whole elements   5 only valid elements   4 negate
 *             3-2 0 equal any, 1 ranges, 2 equal each, 3 equal ordered   1 signed   0 words
 * </pre>
 */
public final class StringCompare implements Family {
  private static final int EQUAL_ANY = 0;
  private static final int RANGES = 1;
  private static final int EQUAL_EACH = 2;

  @Override public void define(Definitions d) {
    d.define(PCMPESTRI, (c, i) -> compare(c, i, true, true));
    d.define(PCMPESTRM, (c, i) -> compare(c, i, true, false));
    d.define(PCMPISTRI, (c, i) -> compare(c, i, false, true));
    d.define(PCMPISTRM, (c, i) -> compare(c, i, false, false));
  }

  private static void compare(Cpu c, Instruction i, boolean explicit, boolean index) {
    SimdState.requireSse(c);
    long at = SimdOperands.unalignedSource(c, i);
    long bl = SimdOperands.half(c, i, at, 0);
    long bh = SimdOperands.half(c, i, at, 1);
    long al = c.xmm[2 * i.reg0];
    long ah = c.xmm[2 * i.reg0 + 1];
    int control = SimdOperands.immediate(i);
    int elements = (control & 1) == 0 ? 16 : 8;
    int aLength = explicit ? length(c.gpr[Cpu.RAX], i.wide, elements) : length(al, ah, control);
    int bLength = explicit ? length(c.gpr[Cpu.RDX], i.wide, elements) : length(bl, bh, control);
    int result = compare(al, ah, aLength, bl, bh, bLength, control);
    if (index) {
      int position = result == 0 ? elements
          : (control & 0x40) == 0 ? Integer.numberOfTrailingZeros(result) : 31 - Integer.numberOfLeadingZeros(result);
      Operands.writeRegister(c, Cpu.RCX, 4, position);
    } else if ((control & 0x40) == 0) {
      c.xmm[0] = result;
      c.xmm[1] = 0;
    } else {
      int bits = 128 / elements;
      c.xmm[0] = PackedShuffle.blend(0, -1, result, bits);
      c.xmm[1] = PackedShuffle.blend(0, -1, result >>> elements / 2, bits);
    }
    Flags.setStatus(c, (result != 0 ? Rflags.CF : 0) | (bLength < elements ? Rflags.ZF : 0)
        | (aLength < elements ? Rflags.SF : 0) | ((result & 1) != 0 ? Rflags.OF : 0));
  }

  /** An explicit length: the absolute value of EAX, EDX or with REX.W all of RAX, RDX, at most the number of elements. */
  private static int length(long register, boolean wide, int elements) {
    long magnitude = Math.abs(wide ? register : (int) register);
    return magnitude < 0 || magnitude > elements ? elements : (int) magnitude;
  }

  /** The number of elements before the first that is zero. */
  public static int length(long low, long high, int control) {
    int elements = (control & 1) == 0 ? 16 : 8;
    int n = 0;
    while (n < elements && element(low, high, n, control) != 0) {
      n++;
    }
    return n;
  }

  private static int element(long low, long high, int n, int control) {
    return switch (control & 3) {
      case 0 -> (int) ((n < 8 ? low : high) >>> 8 * (n & 7)) & 0xFF;
      case 1 -> (int) ((n < 4 ? low : high) >>> 16 * (n & 3)) & 0xFFFF;
      case 2 -> (byte) ((n < 8 ? low : high) >>> 8 * (n & 7));
      default -> (short) ((n < 4 ? low : high) >>> 16 * (n & 3));
    };
  }

  /** IntRes2: one bit for every element of {@code b}. */
  public static int compare(long al, long ah, int aLength, long bl, long bh, int bLength, int control) {
    int elements = (control & 1) == 0 ? 16 : 8;
    int result = 0;
    for (int n = 0; n < elements; n++) {
      boolean hit = switch (control >>> 2 & 3) {
        case EQUAL_ANY -> n < bLength && any(al, ah, aLength, element(bl, bh, n, control), control);
        case RANGES -> n < bLength && inRange(al, ah, aLength, element(bl, bh, n, control), control);
        case EQUAL_EACH -> n < aLength && n < bLength ? element(al, ah, n, control) == element(bl, bh, n, control)
            : n >= aLength && n >= bLength;
        default -> startsAt(al, ah, aLength, bl, bh, bLength, n, control);
      };
      if (hit) {
        result |= 1 << n;
      }
    }
    int all = (1 << elements) - 1;
    return switch (control >>> 4 & 3) {
      case 1 -> result ^ all;
      case 3 -> result ^ (1 << bLength) - 1;
      default -> result;
    };
  }

  private static boolean any(long al, long ah, int aLength, int value, int control) {
    for (int n = 0; n < aLength; n++) {
      if (element(al, ah, n, control) == value) {
        return true;
      }
    }
    return false;
  }

  /** Elements of {@code a} are pairs of bounds; a pair of which one is invalid does not count. */
  private static boolean inRange(long al, long ah, int aLength, int value, int control) {
    for (int n = 0; n + 1 < aLength; n += 2) {
      if (element(al, ah, n, control) <= value && value <= element(al, ah, n + 1, control)) {
        return true;
      }
    }
    return false;
  }

  /** Whether {@code a} occurs in {@code b} at {@code start}, as far as {@code b}'s register reaches. */
  private static boolean startsAt(long al, long ah, int aLength, long bl, long bh, int bLength, int start, int control) {
    int elements = (control & 1) == 0 ? 16 : 8;
    for (int n = 0; n < aLength && start + n < elements; n++) {
      if (start + n >= bLength || element(al, ah, n, control) != element(bl, bh, start + n, control)) {
        return false;
      }
    }
    return true;
  }
}
