package annulus.cpu.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.arch.CpuFeature;
import annulus.arch.Seg;
import annulus.cpu.exec.InstructionSet;
import annulus.vendor.VendorTrait;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DecoderTest {
  private static final int STRINGS = 10_000_000;

  private static Decoder decoder(Set<CpuFeature> features, VendorTrait... traits) {
    return new Decoder(features, Set.of(traits), InstructionSet.standard());
  }

  private static Decoder without(CpuFeature... absent) {
    Set<CpuFeature> features = EnumSet.allOf(CpuFeature.class);
    Set.of(absent).forEach(features::remove);
    return decoder(features);
  }

  private static Instruction decode(Decoder decoder, int codeBits, String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
    Instruction i = decoder.decode(bytes, 0, bytes.length, codeBits);
    assertNotNull(i, hex);
    return i;
  }

  private static Instruction decode(int codeBits, String hex) {
    return decode(without(), codeBits, hex);
  }

  @Test
  void decoderNeverThrowsOnRandomBytes() {
    SplittableRandom random = new SplittableRandom(20);
    Decoder[] decoders = {without(), decoder(EnumSet.noneOf(CpuFeature.class)),
        decoder(EnumSet.allOf(CpuFeature.class), VendorTrait.values())};
    byte[] bytes = new byte[1 << 16];
    random.nextBytes(bytes);
    int[] modes = {16, 32, 64};
    long invalid = 0;
    for (int n = 0; n < STRINGS; n++) {
      int offset = n * 7 & 0xFFFF;
      if (offset == 0) {
        random.nextBytes(bytes);
      }
      int available = Math.min(n & 15, bytes.length - offset);
      Instruction i = decoders[n % 3].decode(bytes, offset, available, modes[n / 3 % 3]);
      if (i != null) {
        assertTrue(i.length <= 15 && i.length <= available && i.semantics != null, () -> i.mnemonic + " of length " + i.length);
        invalid += i.mnemonic == Mnemonic.INVALID ? 1 : 0;
      } else {
        assertTrue(available < 15, "15 bytes are always enough");
      }
    }
    assertTrue(invalid > STRINGS / 100 && invalid < STRINGS / 2, invalid + " of " + STRINGS + " were undefined");
  }

  @Test
  void decoderNeverThrowsOnPrefixSoup() {
    SplittableRandom random = new SplittableRandom(21);
    Decoder decoder = without();
    byte[] prefixes = HexFormat.of().parseHex("262E363E64656667F0F2F3404148494F0F0FC4C5");
    byte[] bytes = new byte[15];
    for (int n = 0; n < STRINGS / 10; n++) {
      random.nextBytes(bytes);
      int soup = random.nextInt(15);
      for (int k = 0; k < soup; k++) {
        bytes[k] = prefixes[random.nextInt(prefixes.length)];
      }
      Instruction i = decoder.decode(bytes, 0, 15, n % 3 == 0 ? 16 : n % 3 == 1 ? 32 : 64);
      assertTrue(i != null && i.length <= 15);
    }
  }

  @Test
  void sameBytesDecodeAlikeFromArrayAndMemory() {
    byte[] code = HexFormat.of().parseHex("6641813C8D78563412341200");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(64);
      MemorySegment.copy(code, 0, memory, ValueLayout.JAVA_BYTE, 20, code.length);
      Instruction i = without().decode(memory, 20, 44, 64);
      assertEquals(Mnemonic.CMP, i.mnemonic);
      assertEquals(11, i.length);
      assertEquals(11, without().decode(code, 0, code.length, 64).length);
    }
  }

  @Test
  void fewerBytesThanNeededAskForMore() {
    byte[] code = HexFormat.of().parseHex("48C7842478563412EFBEADDE");
    for (int n = 0; n < code.length; n++) {
      assertNull(without().decode(code, 0, n, 64), n + " bytes");
    }
    assertEquals(12, without().decode(code, 0, code.length, 64).length);
  }

  @Test
  void undefinedOpcodeNeedsNoFurtherBytes() {
    assertEquals(Mnemonic.INVALID, decode(64, "06").mnemonic);
    assertEquals(Mnemonic.INVALID, decode(64, "0F 04").mnemonic);
  }

  @Test
  void moreThanFifteenBytesIsTooLong() {
    assertEquals(Mnemonic.ADD, decode(32, "26".repeat(13) + "01CE").mnemonic);
    assertEquals(Mnemonic.TOO_LONG, decode(32, "26".repeat(14) + "01CE").mnemonic);
    assertEquals(Mnemonic.TOO_LONG, decode(64, "66".repeat(15)).mnemonic);
  }

  @ParameterizedTest(name = "without {0} {1} is {2}")
  @CsvSource({
      "BMI1, F3 0F BC C8, BSF", "LZCNT, F3 0F BD C8, BSR", "POPCNT, F3 0F B8 C8, INVALID", "MOVBE, 0F 38 F0 08, INVALID",
      "SSE4_2, F2 0F 38 F1 C8, INVALID", "WBNOINVD, F3 0F 09, WBINVD", "AVX, C5 F8 58 C1, INVALID", "AVX2, C5 FD FE C1, INVALID",
      "FMA, C4 E2 71 98 C2, INVALID", "RDPID, F3 0F C7 F8, INVALID", "CX16, 48 0F C7 08, INVALID", "VMX, 0F 01 C1, INVALID",
      "SVM, 0F 01 D8, INVALID", "SMAP, 0F 01 CA, INVALID", "ADX, 66 0F 38 F6 C1, INVALID", "PREFETCHW, 0F 0D 08, PREFETCHW"})
  void absentFeatureIsUndefinedOrOlderMeaning(CpuFeature absent, String hex, Mnemonic expected) {
    assertEquals(expected, decode(without(absent), 64, hex).mnemonic);
  }

  @ParameterizedTest(name = "{1} is {2}")
  @CsvSource({
      "64, F3 0F 1E FA, ENDBR64", "64, F3 0F 1E FB, ENDBR32", "64, F3 48 0F 1E C8, NOP", "64, 0F 1A C0, NOP", "64, 0F 1B 00, NOP",
      "64, 0F 18 20, NOP", "64, 66 90, NOP", "64, 41 90, XCHG", "64, F3 90, PAUSE", "64, F3 41 90, XCHG", "16, 0F B9 C0, UD1"})
  void hintsAreNops(int codeBits, String hex, Mnemonic expected) {
    assertEquals(expected, decode(codeBits, hex).mnemonic);
  }

  @ParameterizedTest(name = "LOCK {0} is {1}")
  @CsvSource({
      "F0 01 08, ADD", "F0 01 C8, INVALID", "F0 03 08, INVALID", "F0 39 08, INVALID", "F0 90, INVALID", "F0 0F C7 08, CMPXCHG8B",
      "F0 89 08, INVALID", "F0 87 08, XCHG", "F0 0F BA 28 01, BTS", "F0 0F BA 20 01, INVALID", "F0 C5 F8 58 C1, INVALID"})
  void lockIsForMemoryDestinationsOfFewInstructions(String hex, Mnemonic expected) {
    Instruction i = decode(64, hex);
    assertEquals(expected, i.mnemonic);
    assertEquals(expected != Mnemonic.INVALID, i.lock);
  }

  @Test
  void exchangeWithMemoryLocksWithoutThePrefix() {
    assertTrue(decode(64, "87 08").lock);
    assertEquals(false, decode(64, "87 C8").lock);
  }

  @Test
  void nearBranchObeysOperandSizePrefixOnlyByTrait() {
    Instruction intel = decode(64, "66 E9 10 00 00 00");
    assertEquals(8, intel.operandSize);
    assertEquals(6, intel.length);
    Decoder obeying = decoder(EnumSet.allOf(CpuFeature.class), VendorTrait.NEAR_BRANCH_OPERAND_SIZE);
    Instruction amd = decode(obeying, 64, "66 E9 10 00 00 00");
    assertEquals(2, amd.operandSize);
    assertEquals(4, amd.length);
  }

  @Test
  void lockMovCr0IsCr8OnlyByTrait() {
    assertEquals(Mnemonic.INVALID, decode(32, "F0 0F 20 C1").mnemonic);
    Decoder amd = decoder(EnumSet.allOf(CpuFeature.class), VendorTrait.LOCK_MOV_CR0_IS_CR8);
    assertEquals(8, decode(amd, 32, "F0 0F 20 C1").reg1);
    assertEquals(Mnemonic.INVALID, decode(amd, 32, "F0 0F 20 D9").mnemonic);
  }

  @Test
  void mandatoryPrefixIsNoOperandSize() {
    assertEquals(4, decode(64, "66 0F 38 F6 C1").operandSize);
    assertEquals(2, decode(64, "66 F3 0F B8 C1").operandSize);
  }

  @Test
  void stackInstructionsAre64BitByDefault() {
    assertEquals(8, decode(64, "50").operandSize);
    assertEquals(2, decode(64, "66 50").operandSize);
    assertEquals(4, decode(64, "CF").operandSize);
    assertEquals(8, decode(64, "48 CF").operandSize);
  }

  @Test
  void segmentOverridesThat64BitModeIgnoresDoNotUndoFs() {
    assertEquals(Seg.FS, decode(64, "64 2E 8B 00").segment);
    assertEquals(Seg.CS, decode(32, "64 2E 8B 00").segment);
    assertEquals(Seg.SS, decode(32, "8B 45 00").segment);
    assertEquals(Seg.DS, decode(64, "3E 8B 00").segment);
  }

  @Test
  void byteRegistersDependOnRexPresence() {
    assertEquals(Instruction.HIGH_BYTE, decode(64, "88 E0").kind1);
    assertEquals(Instruction.GPR, decode(64, "40 88 E0").kind1);
    assertEquals(Instruction.HIGH_BYTE, decode(64, "40 66 88 E0").kind1);
  }

  @Test
  void stringInstructionsNameTheirElementsAndRepetition() {
    Instruction i = decode(64, "F3 48 A5");
    assertEquals(Mnemonic.MOVS, i.mnemonic);
    assertEquals(Instruction.STRING_DESTINATION, i.kind0);
    assertEquals(Instruction.STRING_SOURCE, i.kind1);
    assertEquals(8, i.operandSize);
    assertEquals(Instruction.REP, i.repeat);
    assertEquals(Instruction.REPNE, decode(64, "F2 AE").repeat);
    assertEquals(0, decode(64, "F3 01 C8").repeat);
    assertEquals(1, decode(64, "6E").operandSize);
    assertEquals(4, decode(64, "48 6D").operandSize);
  }

  @Test
  void gatherRegistersMustDiffer() {
    assertEquals(Mnemonic.VPGATHERDD, decode(64, "C4 E2 49 90 14 05 00 00 00 00").mnemonic);
    assertEquals(Mnemonic.INVALID, decode(64, "C4 E2 69 90 14 05 00 00 00 00").mnemonic);
  }
}
