package annulus.cpu.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import annulus.arch.Rflags;
import annulus.cpu.Cpu;
import annulus.cpu.Flags;
import annulus.cpu.Operands;
import annulus.cpu.testing.TestCpu;
import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Values and flags against arithmetic on unbounded integers and against definitions by single steps. */
class AluTest {
  private static final int[] SIZES = {1, 2, 4, 8};
  private static final int ROUNDS = 20_000;
  private final Random random = new Random(1);
  private final Cpu c = TestCpu.longMode(0).cpu;

  private interface Operation {
    long apply(Cpu c, long a, long b, int size);
  }

  private interface Exact {
    BigInteger apply(BigInteger a, BigInteger b, BigInteger carry);
  }

  @Test void sumsAndTheirFlagsFollowFromExactArithmetic() {
    check(Alu::add, (a, b, carry) -> a.add(b));
    check(Alu::adc, (a, b, carry) -> a.add(b).add(carry));
  }

  @Test void differencesAndTheirFlagsFollowFromExactArithmetic() {
    check(Alu::sub, (a, b, carry) -> a.subtract(b));
    check(Alu::sbb, (a, b, carry) -> a.subtract(b).subtract(carry));
  }

  private void check(Operation operation, Exact exact) {
    for (int n = 0; n < ROUNDS; n++) {
      int size = SIZES[n & 3];
      int bits = 8 * size;
      long a = value();
      long b = value();
      int before = random.nextInt() & Rflags.STATUS;
      Flags.setStatus(c, before);
      long result = operation.apply(c, a, b, size);

      BigInteger carry = BigInteger.valueOf(before & 1);
      BigInteger unsigned = exact.apply(unsigned(a, bits), unsigned(b, bits), carry);
      BigInteger signed = exact.apply(signed(a, size), signed(b, size), carry);
      BigInteger nibble = exact.apply(unsigned(a, 4), unsigned(b, 4), carry);
      long low = Operands.signExtend(unsigned.longValue(), size);
      int flags = (outside(unsigned, BigInteger.ZERO, bits) ? Rflags.CF : 0) | (outside(nibble, BigInteger.ZERO, 4) ? Rflags.AF : 0)
          | (outside(signed, BigInteger.ONE.shiftLeft(bits - 1).negate(), bits) ? Rflags.OF : 0) | resultFlags(low);
      assertEquals(low, Operands.signExtend(result, size));
      assertEquals(flags, Flags.status(c), () -> "%x, %x, size %d".formatted(a, b, size));
    }
  }

  private static boolean outside(BigInteger value, BigInteger first, int bits) {
    return value.compareTo(first) < 0 || value.compareTo(first.add(BigInteger.ONE.shiftLeft(bits))) >= 0;
  }

  private static int resultFlags(long signExtended) {
    return (signExtended == 0 ? Rflags.ZF : 0) | (signExtended < 0 ? Rflags.SF : 0)
        | ((Long.bitCount(signExtended & 0xFF) & 1) == 0 ? Rflags.PF : 0);
  }

  @Test void incrementAndDecrementAreAdditionAndSubtractionOfOneThatKeepTheCarry() {
    for (int n = 0; n < ROUNDS; n++) {
      int size = SIZES[n & 3];
      long a = value();
      int before = random.nextInt() & Rflags.STATUS;
      Flags.setStatus(c, before);
      long up = Alu.inc(c, a, size);
      int upFlags = Flags.status(c);
      assertEquals(Alu.add(c, a, 1, size), up);
      assertEquals(Flags.status(c) & ~Rflags.CF | before & Rflags.CF, upFlags);
      Flags.setStatus(c, before);
      long down = Alu.dec(c, a, size);
      int downFlags = Flags.status(c);
      assertEquals(Alu.sub(c, a, 1, size), down);
      assertEquals(Flags.status(c) & ~Rflags.CF | before & Rflags.CF, downFlags);
    }
  }

  @Test void shiftsAreRepeatedShiftsByOne() {
    repeated(Alu::shl);
    repeated(Alu::shr);
    repeated(Alu::sar);
  }

  @Test void rotationsAreRepeatedRotationsByOne() {
    repeated(Alu::rol);
    repeated(Alu::ror);
    repeated(Alu::rcl);
    repeated(Alu::rcr);
  }

  private interface Shift {
    long apply(Cpu c, long a, int count, int size);
  }

  /** OF aside, which is defined for a count of one only. */
  private void repeated(Shift shift) {
    for (int n = 0; n < ROUNDS; n++) {
      int size = SIZES[n & 3];
      long a = value();
      int count = random.nextInt() & 0xFF;
      int before = random.nextInt() & Rflags.STATUS;
      Flags.setStatus(c, before);
      long expected = a;
      for (int k = count & (size == 8 ? 63 : 31); k > 0; k--) {
        expected = shift.apply(c, expected, 1, size);
      }
      int flags = Flags.status(c) & ~Rflags.OF;
      Flags.setStatus(c, before);
      long result = shift.apply(c, a, count, size);
      assertEquals(Operands.zeroExtend(expected, size), Operands.zeroExtend(result, size), () -> "%x by %d, size %d".formatted(a, count, size));
      assertEquals(flags, Flags.status(c) & ~Rflags.OF, () -> "%x by %d, size %d".formatted(a, count, size));
    }
  }

  @Test void overflowOfASingleShiftTellsThatTheSignChanged() {
    for (int n = 0; n < ROUNDS; n++) {
      int size = SIZES[n & 3];
      long a = value();
      for (Shift shift : new Shift[] {Alu::shl, Alu::shr, Alu::sar, Alu::rol, Alu::ror, Alu::rcl, Alu::rcr}) {
        long result = shift.apply(c, a, 1, size);
        boolean changed = Operands.signExtend(a, size) < 0 != Operands.signExtend(result, size) < 0;
        assertEquals(changed, Flags.of(c));
      }
    }
  }

  @Test void doubleShiftsMoveBitsFromTheSource() {
    for (int n = 0; n < ROUNDS; n++) {
      int size = SIZES[1 + n % 3];
      int bits = 8 * size;
      long a = value();
      long b = value();
      int count = 1 + random.nextInt(Math.min(bits, size == 8 ? 63 : 31) - 1);
      BigInteger left = unsigned(a, bits).shiftLeft(bits).or(unsigned(b, bits)).shiftLeft(count).shiftRight(bits);
      assertEquals(Operands.zeroExtend(left.longValue(), size), Operands.zeroExtend(Alu.shld(c, a, b, count, size), size));
      assertEquals(unsigned(a, bits).testBit(bits - count), Flags.cf(c));
      BigInteger right = unsigned(b, bits).shiftLeft(bits).or(unsigned(a, bits)).shiftRight(count);
      assertEquals(Operands.zeroExtend(right.longValue(), size), Operands.zeroExtend(Alu.shrd(c, a, b, count, size), size));
      assertEquals(unsigned(a, bits).testBit(count - 1), Flags.cf(c));
    }
  }

  @Test void aCountOfZeroChangesNoFlag() {
    for (int flags = 0; flags < 1 << 12; flags++) {
      Flags.setStatus(c, flags & Rflags.STATUS);
      Alu.shl(c, 5, 32, 4);
      Alu.rcr(c, 5, 64, 8);
      Alu.shld(c, 5, 7, 0, 2);
      assertEquals(flags & Rflags.STATUS, Flags.status(c));
    }
  }

  @Test void carryAndOverflowCanBeSetAlone() {
    for (int flags = 0; flags < 1 << 12; flags++) {
      int status = flags & Rflags.STATUS;
      for (int value = 0; value < 2; value++) {
        Flags.setStatus(c, status);
        Alu.setCarry(c, value);
        assertEquals(status & ~Rflags.CF | value, Flags.status(c));
        Flags.setStatus(c, status);
        Alu.setOverflow(c, value);
        assertEquals(status & ~Rflags.OF | value << 11, Flags.status(c));
      }
    }
  }

  @Test void wideDivisionIsExact() {
    for (int n = 0; n < ROUNDS; n++) {
      long divisor = value();
      long high = value();
      long low = value();
      if (Long.compareUnsigned(high, divisor) < 0) {
        BigInteger dividend = unsigned(high, 64).shiftLeft(64).or(unsigned(low, 64));
        assertEquals(dividend.divide(unsigned(divisor, 64)).longValue(), Multiplication.divideWide(high, low, divisor));
      }
    }
  }

  /** Random widths and corner values. */
  private long value() {
    return switch (random.nextInt(4)) {
      case 0 -> 1L << random.nextInt(64);
      case 1 -> -1L >>> random.nextInt(64);
      case 2 -> random.nextLong() >> random.nextInt(64);
      default -> random.nextLong();
    };
  }

  private static BigInteger unsigned(long value, int bits) {
    return new BigInteger(Long.toUnsignedString(value)).mod(BigInteger.ONE.shiftLeft(bits));
  }

  private static BigInteger signed(long value, int size) {
    return BigInteger.valueOf(Operands.signExtend(value, size));
  }
}
