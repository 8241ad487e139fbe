package annulus.engine.translator;

import static annulus.engine.translator.Frame.*;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;

/** Writes what tests the status flags: branches on a condition, and words that tell whether one holds. */
final class ConditionWriter {
  // Conditions without the lowest bit, which turns them (SDM 2D B.1.4.7)
  private static final int OVERFLOW = 0;
  private static final int BELOW = 1;
  private static final int ZERO = 2;
  private static final int BELOW_OR_EQUAL = 3;
  private static final int SIGN = 4;
  private static final int PARITY = 5;
  private static final int LESS = 6;
  private static final int LESS_OR_EQUAL = 7;

  private final Frame f;
  private final CodeBuilder b;
  private final FlagWriter flags;

  ConditionWriter(Frame f, FlagWriter flags) {
    this.f = f;
    b = f.b;
    this.flags = flags;
  }

  /** Branches to {@code to} when condition {@code code} holds. */
  void branch(int code, Label to) {
    boolean when = (code & 1) == 0;
    if (!direct(code >>> 1, when, to)) {
      fromWords(code >>> 1, when, to);
    }
  }

  /**
   * Pushes a long that is negative where condition {@code code} holds, and else not, without a branch: what a program chooses values by
   * rather than goes by is seldom to be foretold.
   *
   * @return false, and nothing is pushed, where there is none
   */
  boolean word(int code) {
    if (f.calls || code >>> 1 == PARITY) {
      return false;
    }
    int condition = code >>> 1;
    if (condition == ZERO) {
      zero((code & 1) == 0);
      return true;
    }
    switch (flags.form()) {
      case FlagForm.SUB -> difference(condition);
      case FlagForm.LOGIC -> logic(condition);
      default -> words(condition);
    }
    if ((code & 1) != 0) {
      f.constant(-1L);
      b.lxor();
    }
    return true;
  }

  private void difference(int condition) {
    boolean unsigned = condition == BELOW || condition == BELOW_OR_EQUAL;
    if (!unsigned && condition < LESS || flags.size() == 8) {
      words(condition);
      return;
    }
    for (int local : new int[] {FLAG_A, FLAG_B}) {
      if (unsigned) {
        b.lload(local);
      } else {
        signedInt(local);
        b.i2l();
      }
    }
    b.lsub();
    if (condition == BELOW_OR_EQUAL || condition == LESS_OR_EQUAL) {
      f.constant(1L);
      b.lsub();
    }
  }

  private void logic(int condition) {
    switch (condition) {
      case OVERFLOW, BELOW -> f.constant(0L);
      case BELOW_OR_EQUAL -> zero(true);
      case LESS -> b.lload(RESULT);
      case LESS_OR_EQUAL -> {
        zero(true);
        b.lload(RESULT).lor();
      }
      default -> words(condition);
    }
  }

  private void words(int condition) {
    if (condition == SIGN && flags.form() != FlagForm.WORDS) {
      b.lload(RESULT);
      return;
    }
    flags.carries();
    b.lstore(T4);
    switch (condition) {
      case BELOW_OR_EQUAL, LESS_OR_EQUAL -> {
        zero(true);
        fromCarries(withoutEqual(condition));
        b.lor();
      }
      default -> fromCarries(condition);
    }
  }

  /** Pushes a long that is negative where {@code condition} holds, by the carries in T4 and the result. */
  private void fromCarries(int condition) {
    switch (condition) {
      case OVERFLOW -> overflow();
      case BELOW -> b.lload(T4);
      case SIGN -> signFlag();
      default -> {
        signFlag();
        overflow();
        b.lxor();
      }
    }
  }

  private static int withoutEqual(int condition) {
    return condition == BELOW_OR_EQUAL ? BELOW : LESS;
  }

  /** Pushes a long that is negative where the result is zero, or where it is not. */
  private void zero(boolean when) {
    flags.fetch();
    b.lload(RESULT);
    if (flags.form() != FlagForm.WORDS && flags.size() < 8) {
      f.constant(MemoryWriter.mask(flags.size()));
      b.land();
      if (when) {
        f.constant(1L);
        b.lsub();
      } else {
        b.lneg();
      }
    } else if (when) {
      f.constant(1L);
      b.lsub().lload(RESULT);
      f.constant(-1L);
      b.lxor().land();
    } else {
      b.lload(RESULT).lneg().lor();
    }
  }

  /** Conditions that follow from operands or result. @return false when the words are needed */
  private boolean direct(int condition, boolean when, Label to) {
    switch (condition) {
      case ZERO -> {
        if (flags.form() == FlagForm.SUB && flags.keepsOperands()) {
          b.lload(FLAG_A).lload(FLAG_B).lcmp();
          jump(Jump.EQ, when, to);
        } else {
          result(Jump.EQ, when, to);
        }
        return true;
      }
      case SIGN -> {
        if (flags.form() == FlagForm.WORDS) {
          return false;
        }
        result(Jump.LT, when, to);
        return true;
      }
      default -> { }
    }
    return switch (flags.form()) {
      case FlagForm.SUB -> compared(condition, when, to);
      case FlagForm.LOGIC -> afterLogic(condition, when, to);
      case FlagForm.ADD -> condition == BELOW && afterAddition(when, to);
      default -> false;
    };
  }

  private void result(Jump j, boolean when, Label to) {
    flags.fetch();
    b.lload(RESULT);
    f.constant(0L);
    b.lcmp();
    jump(j, when, to);
  }

  private boolean compared(int condition, boolean when, Label to) {
    Jump j = switch (condition) {
      case BELOW, LESS -> Jump.LT;
      case BELOW_OR_EQUAL, LESS_OR_EQUAL -> Jump.LE;
      default -> null;
    };
    if (j == null) {
      return false;
    }
    boolean signed = condition >= LESS;
    if (flags.size() == 8) {
      b.lload(FLAG_A).lload(FLAG_B);
      if (signed) {
        b.lcmp();
      } else {
        f.call(type(Long.class), "compareUnsigned", I, J, J);
      }
      jump(j, when, to);
    } else if (signed) {
      signedInt(FLAG_A);
      signedInt(FLAG_B);
      switch (j == Jump.LT ? when ? 0 : 1 : when ? 2 : 3) {
        case 0 -> b.if_icmplt(to);
        case 1 -> b.if_icmpge(to);
        case 2 -> b.if_icmple(to);
        default -> b.if_icmpgt(to);
      }
    } else {
      b.lload(FLAG_A).lload(FLAG_B).lcmp();
      jump(j, when, to);
    }
    return true;
  }

  private void signedInt(int local) {
    b.lload(local).l2i();
    if (flags.size() == 2) {
      b.i2s();
    } else if (flags.size() == 1) {
      b.i2b();
    }
  }

  private boolean afterLogic(int condition, boolean when, Label to) {
    switch (condition) {
      case OVERFLOW, BELOW -> {
        if (!when) {
          b.goto_(to);
        }
      }
      case BELOW_OR_EQUAL -> result(Jump.EQ, when, to);
      case LESS -> result(Jump.LT, when, to);
      case LESS_OR_EQUAL -> result(Jump.LE, when, to);
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean afterAddition(boolean when, Label to) {
    if (flags.size() == 8) {
      b.lload(RESULT).lload(FLAG_A);
      f.call(type(Long.class), "compareUnsigned", I, J, J);
      jump(Jump.LT, when, to);
    } else {
      b.lload(FLAG_A).lload(FLAG_B).ladd();
      f.constant(8 * flags.size());
      b.lushr();
      f.constant(0L);
      b.lcmp();
      jump(Jump.EQ, !when, to);
    }
    return true;
  }

  /** Any condition but that of a result of zero, by the definition of the two words in {@link annulus.cpu.Flags}. */
  private void fromWords(int condition, boolean when, Label to) {
    flags.carries();
    b.lstore(T4);
    switch (condition) {
      case BELOW_OR_EQUAL, LESS_OR_EQUAL -> {
        Label over = b.newLabel();
        result(Jump.EQ, true, when ? to : over);
        fromCarries(withoutEqual(condition));
        sign(when, to);
        b.labelBinding(over);
      }
      case PARITY -> {
        b.lload(RESULT).lload(T4);
        f.call(FORM_TYPE, "parity", Z, J, J);
        if (when) {
          b.ifne(to);
        } else {
          b.ifeq(to);
        }
      }
      default -> {
        fromCarries(condition);
        sign(when, to);
      }
    }
  }

  private void overflow() {
    b.lload(T4).lload(T4);
    f.constant(1);
    b.lshl().lxor();
  }

  private void signFlag() {
    b.lload(RESULT).lload(T4);
    f.constant(63);
    b.lshl().lxor();
  }

  private void sign(boolean when, Label to) {
    f.constant(0L);
    b.lcmp();
    jump(Jump.LT, when, to);
  }

  private enum Jump { EQ, LT, LE }

  /** Branches on the comparison with zero of the int on the stack. */
  private void jump(Jump j, boolean when, Label to) {
    switch (j) {
      case EQ -> {
        if (when) {
          b.ifeq(to);
        } else {
          b.ifne(to);
        }
      }
      case LT -> {
        if (when) {
          b.iflt(to);
        } else {
          b.ifge(to);
        }
      }
      default -> {
        if (when) {
          b.ifle(to);
        } else {
          b.ifgt(to);
        }
      }
    }
  }
}
