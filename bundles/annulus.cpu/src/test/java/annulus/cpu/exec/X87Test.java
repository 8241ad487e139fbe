package annulus.cpu.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.arch.CpuFeature;
import annulus.arch.Cr0;
import annulus.arch.Vector;
import annulus.cpu.Cpu;
import annulus.cpu.Fpu;
import annulus.cpu.GuestFault;
import annulus.cpu.decode.Decoder;
import annulus.cpu.decode.Instruction;
import annulus.cpu.testing.TestCpu;
import annulus.vendor.VendorTrait;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The x87 unit as programs see it. Instructions are given as bytes; memory operands lie at [RDX], RDX = 0x3000. */
class X87Test {
  private static final int DATA = 0x3000;
  private static final int IE = 1;
  private static final int ZE = 4;
  private static final int OE = 8;
  private static final int UE = 0x10;
  private static final int PE = 0x20;
  private static final int SF = 0x40;
  private static final int ES_B = 0x8080;
  private static final int C0 = 0x100;
  private static final int C1 = 0x200;
  private static final int C2 = 0x400;
  private static final int C3 = 0x4000;
  private static final long ONE = Long.MIN_VALUE;

  private static final String FLD1 = "D9E8";
  private static final String FLDZ = "D9EE";
  private static final String FLDPI = "D9EB";
  private static final String FADDP = "DEC1";
  private static final String FDIVP = "DEF9";
  private static final String FMUL_ST1 = "D8C9";
  private static final String FXAM = "D9E5";
  private static final String FPREM = "D9F8";
  private static final String FPREM1 = "D9F5";
  private static final String FCHS = "D9E0";
  private static final String FLD_DOUBLE = "DD02";
  private static final String FLD_EXTENDED = "DB2A";
  private static final String FSTP_SINGLE = "D91A";
  private static final String FSTP_DOUBLE = "DD1A";
  private static final String FBLD = "DF22";
  private static final String FBSTP = "DF32";
  private static final String FNSTENV = "D932";
  private static final String FLDENV = "D922";
  private static final String FNSAVE = "DD32";
  private static final String FRSTOR = "DD22";
  private static final String WAIT = "9B";

  private final TestCpu machine = TestCpu.longMode(0);
  private final Cpu cpu = machine.cpu;
  private final Fpu fpu = cpu.fpu;
  private final Decoder decoder =
      new Decoder(EnumSet.allOf(CpuFeature.class), EnumSet.noneOf(VendorTrait.class), InstructionSet.standard());

  X87Test() {
    fpu.initialise();
    cpu.gpr[Cpu.RDX] = DATA;
  }

  // ---- the stack ---------------------------------------------------------------------------------------------------------------

  @Test void ninthPushOverflowsTheStackAndLoadsTheIndefinite() {
    for (int n = 0; n < 8; n++) {
      run(FLD1);
    }
    assertEquals(0, fpu.status);
    run(FLDZ);
    assertEquals(IE | SF | C1, fpu.status);
    assertTop(0xFFFF, 0xC000_0000_0000_0000L);
    assertEquals(7, fpu.top);
  }

  @Test void operandThatIsEmptyUnderflowsTheStackWithC1Clear() {
    run(FLD1, FMUL_ST1);
    assertEquals(IE | SF, fpu.status);
    assertTop(0xFFFF, 0xC000_0000_0000_0000L);
  }

  @Test void unmaskedStackOverflowLeavesTheStackAlone() {
    fpu.control = 0x37E;
    for (int n = 0; n < 9; n++) {
      run(FLD1);
    }
    assertEquals(IE | SF | C1 | ES_B, fpu.status);
    assertEquals(0, fpu.top);
    assertTop(0x3FFF, ONE);
  }

  // ---- arithmetic --------------------------------------------------------------------------------------------------------------

  @Test void precisionControlRoundsQuotientsTo24Or53Or64Bits() {
    assertEquals(0xAAAA_AB00_0000_0000L, third(0x07F));
    assertEquals(0xAAAA_AAAA_AAAA_A800L, third(0x27F));
    assertEquals(0xAAAA_AAAA_AAAA_AAABL, third(0x37F));
    assertEquals(0xAAAA_AAAA_AAAA_AAAAL, third(0xF7F));
  }

  private long third(int control) {
    fpu.initialise();
    fpu.control = control;
    run(FLD1);
    load(3.0);
    run(FDIVP);
    assertEquals(PE, fpu.status & PE);
    return fpu.significand[fpu.top];
  }

  @Test void zeroDivideSetsZeAndGivesInfinity() {
    run(FLD1, FLDZ, FDIVP);
    assertEquals(ZE, fpu.status);
    assertTop(0x7FFF, ONE);
  }

  @Test void constantsFollowTheRoundingMode() {
    for (int rounding = 0; rounding < 4; rounding++) {
      fpu.initialise();
      fpu.control = 0x37F | rounding << 10;
      run(FLDPI);
      boolean up = rounding == 0 || rounding == 2;
      assertTop(0x4000, 0xC90F_DAA2_2168_C234L + (up ? 1 : 0));
    }
  }

  @Test void unmaskedOverflowOfARegisterWrapsTheExponent() {
    fpu.control = 0x377;
    extended(0x7FFE, ONE);
    run("DCC8");
    assertEquals(OE | ES_B, fpu.status);
    assertTop(0x7FFE + 0x7FFE - 0x3FFF - 24576, ONE);
  }

  @Test void unmaskedOverflowOfAStoreLeavesMemoryAndStack() {
    fpu.control = 0x377;
    extended(0x7FFE, ONE);
    machine.poke(DATA, 0x5A, 0x5A, 0x5A, 0x5A);
    run(FSTP_SINGLE);
    assertEquals(0x5A5A5A5AL, machine.peek(DATA, 4));
    assertEquals(OE | ES_B, fpu.status);
    assertTop(0x7FFE, ONE);
  }

  @Test void maskedUnderflowOfAStoreIsADenormal() {
    extended(0x3FFF - 1074, ONE | 1);
    run(FSTP_DOUBLE);
    assertEquals(1, machine.peek(DATA, 8));
    assertEquals(UE | PE, fpu.status);
  }

  @Test void faultingStoreChangesNothing() {
    run(FLD1);
    machine.deny(DATA, annulus.memory.translation.Access.WRITE);
    assertEquals(Vector.PF, fault(FSTP_DOUBLE));
    assertEquals(7, fpu.top);
    assertEquals(0x80, fpu.valid);
  }

  // ---- classes, remainders, decimal ----------------------------------------------------------------------------------------------

  @Test void fxamTellsTheEightClasses() {
    assertEquals(C3 | C0, examine());
    extended(0, 0);
    assertEquals(C3, examine());
    extended(0x8000, 0);
    assertEquals(C3 | C1, examine());
    extended(0x3FFF, ONE);
    assertEquals(C2, examine());
    extended(0x7FFF, ONE);
    assertEquals(C2 | C0, examine());
    extended(0xFFFF, ONE | 1);
    assertEquals(C0 | C1, examine());
    extended(0, 1);
    assertEquals(C3 | C2, examine());
    extended(0x3FFF, 1);
    assertEquals(0, examine());
  }

  private int examine() {
    run(FXAM);
    return fpu.status & (C0 | C1 | C2 | C3);
  }

  @Test void fpremGivesTheLowBitsOfTheTruncatedQuotient() {
    for (int dividend = 0; dividend < 40; dividend++) {
      fpu.initialise();
      load(3.0);
      load(dividend);
      run(FPREM);
      int q = dividend / 3;
      assertEquals(((q & 4) != 0 ? C0 : 0) | ((q & 2) != 0 ? C3 : 0) | ((q & 1) != 0 ? C1 : 0), fpu.status, "quotient " + q);
      assertEquals(dividend % 3, top());
    }
  }

  @Test void fprem1RoundsTheQuotientToNearest() {
    load(3.0);
    load(5.0);
    run(FPREM1);
    assertEquals(-1.0, top());
    assertEquals(C3, fpu.status);
  }

  @Test void fpremOfDistantExponentsIsIncompleteUntilRepeated() {
    load(3.0);
    load(0x1p200);
    run(FPREM);
    assertEquals(C2, fpu.status & C2);
    int reduced = 0x3FFF + 200 - fpu.signExponent[fpu.top];
    assertTrue(reduced >= 32, () -> "reduced by " + reduced + " orders");
    do {
      run(FPREM);
    } while ((fpu.status & C2) != 0);
    assertEquals(1.0, top());
  }

  @Test void packedDecimalsComeBack() {
    for (long v = 1; v < 1_000_000_000_000_000_000L; v = v * 7 + 3) {
      machine.memory.write(DATA, 8, v);
      run("DF2A", FCHS, FBSTP, FBLD, "DF3A");
      assertEquals(-v, machine.peek(DATA, 8));
      assertEquals(0, fpu.status);
    }
  }

  @Test void decimalThatHasNoEighteenDigitsIsIndefinite() {
    load(1e18);
    run(FBSTP);
    assertEquals(IE, fpu.status);
    assertEquals(0xC000_0000_0000_0000L, machine.peek(DATA, 8));
    assertEquals(0xFFFF, machine.peek(DATA + 8, 2));
  }

  @Test void sineOfTooLargeAnAngleSetsC2AndLeavesIt() {
    extended(0x403E, ONE);
    run("D9FE");
    assertEquals(C2, fpu.status);
    assertTop(0x403E, ONE);
  }

  // ---- exceptions --------------------------------------------------------------------------------------------------------------

  @Test void unmaskedExceptionIsReportedByTheNextWaitingInstruction() {
    fpu.control = 0x37B;
    run(FLD1, FLDZ, FDIVP);
    assertEquals(ZE | ES_B, fpu.status);
    run("DFE0");
    assertEquals(Vector.MF, fault(WAIT));
    assertEquals(Vector.MF, fault(FLD1));
    run("DBE2");
    assertEquals(0, fpu.status);
    run(WAIT);
  }

  @Test void withoutNeTheErrorLineDecidesWhetherTheInstructionGoesOn() {
    cpu.paging.cr0 &= ~Cr0.NE;
    fpu.control = 0x37B;
    run(FLD1, FLDZ, FDIVP);
    boolean[] ignored = new boolean[1];
    int[] asserted = new int[1];
    fpu.errorLine = () -> {
      asserted[0]++;
      return ignored[0];
    };
    cpu.rip = 0x1000;
    Instruction i = decode(FCHS);
    cpu.rip += i.length;
    i.semantics.execute(cpu, i);
    assertEquals(0x1000, cpu.rip, "the instruction waits");
    assertEquals(1, asserted[0]);
    int se = fpu.signExponent[fpu.top];
    ignored[0] = true;
    run(FCHS);
    assertEquals(se ^ 0x8000, fpu.signExponent[fpu.top]);
  }

  @Test void emulationAndTaskSwitchRaiseNm() {
    cpu.paging.cr0 |= Cr0.TS;
    assertEquals(Vector.NM, fault(FLD1));
    assertEquals(Vector.NM, fault("DBE3"));
    run(WAIT);
    cpu.paging.cr0 |= Cr0.MP;
    assertEquals(Vector.NM, fault(WAIT));
    cpu.paging.cr0 = cpu.paging.cr0 & ~Cr0.TS | Cr0.EM;
    assertEquals(Vector.NM, fault(FLD1));
  }

  // ---- environment -------------------------------------------------------------------------------------------------------------

  @Test void environmentMasksExceptionsAndComesBack() {
    fpu.control = 0x372;
    load(2.0);
    run(FLDZ);
    cpu.rip = 0x1234;
    run(FNSTENV);
    assertEquals(0xFFFF_0372L, machine.peek(DATA, 4));
    assertEquals(0xFFFF_3000L, machine.peek(DATA + 4, 4));
    assertEquals(0xFFFF_1FFFL, machine.peek(DATA + 8, 4), "ST0 zero, ST1 valid");
    assertEquals(0x1EE, machine.peek(DATA + 18, 2), "opcode of FLDZ");
    assertEquals(0x37F, fpu.control);
    run("DBE3", FLDENV);
    assertEquals(0x372, fpu.control);
    assertEquals(6, fpu.top);
    assertEquals(0xC0, fpu.valid);
  }

  @Test void saveInitialisesAndRestoreBringsBackRegisters() {
    load(2.0);
    load(-3.5);
    run(FNSAVE);
    assertEquals(0x37F, fpu.control);
    assertEquals(0, fpu.valid);
    assertEquals(0xE000_0000_0000_0000L, machine.peek(DATA + 28, 8));
    assertEquals(0xC000, machine.peek(DATA + 36, 2));
    fpu.significand[6] = 0;
    run(FRSTOR);
    assertEquals(-3.5, top());
    run(FADDP);
    assertEquals(-1.5, top());
  }

  @Test void sixteenBitRealModeEnvironmentHoldsLinearAddresses() {
    TestCpu real = TestCpu.real();
    Fpu f = real.cpu.fpu;
    f.initialise();
    f.instructionPointer = 0x1234;
    f.instructionSelector = 0xF000;
    f.opcode = 0x1EE;
    f.dataPointer = 0x10;
    f.dataSelector = 0x2000;
    Instruction i = Objects.requireNonNull(decoder.decode(HexFormat.of().parseHex("D9360030"), 0, 4, 16));
    real.cpu.rip = 0x1004;
    i.semantics.execute(real.cpu, i);
    assertEquals(0x1234, real.peek(DATA + 6, 2));
    assertEquals(0xF1EE, real.peek(DATA + 8, 2));
    assertEquals(0x0010, real.peek(DATA + 10, 2));
    assertEquals(0x2000, real.peek(DATA + 12, 2));
  }

  // ---- running -----------------------------------------------------------------------------------------------------------------

  private void run(String... instructions) {
    for (String bytes : instructions) {
      Instruction i = decode(bytes);
      cpu.rip = 0x1000 + i.length;
      i.semantics.execute(cpu, i);
    }
  }

  private int fault(String bytes) {
    return assertThrows(GuestFault.class, () -> run(bytes)).vector;
  }

  private Instruction decode(String bytes) {
    byte[] code = HexFormat.of().parseHex(bytes);
    return Objects.requireNonNull(decoder.decode(code, 0, code.length, 64));
  }

  private void load(double v) {
    machine.memory.write(DATA, 8, Double.doubleToRawLongBits(v));
    run(FLD_DOUBLE);
  }

  private void extended(int se, long significand) {
    machine.memory.write(DATA, 8, significand);
    machine.memory.write(DATA + 8, 2, se);
    run(FLD_EXTENDED);
  }

  private double top() {
    run("DD12");
    return Double.longBitsToDouble(machine.peek(DATA, 8));
  }

  private void assertTop(int se, long significand) {
    assertEquals(Integer.toHexString(se), Integer.toHexString(fpu.signExponent[fpu.top]));
    assertEquals(Long.toHexString(significand), Long.toHexString(fpu.significand[fpu.top]));
  }
}
