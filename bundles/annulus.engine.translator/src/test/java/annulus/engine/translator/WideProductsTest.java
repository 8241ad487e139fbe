package annulus.engine.translator;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.arch.CpuFeature;
import annulus.cpu.Cpu;
import annulus.cpu.decode.Decoder;
import annulus.cpu.decode.Instruction;
import annulus.cpu.exec.InstructionSet;
import annulus.engine.Exit;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Low and high words of products that are put together. */
class WideProductsTest {
  private static final int ROUNDS = 40;
  private static final int SEEDS = 20;

  /** How PUNPCKLWD and PUNPCKHWD put words together, each in its last instructions, and what they do so by. */
  private enum Code {
    /** movzx ecx,[rdx]; movdqa xmm1,[rax]; movd xmm0,ecx; spread to all words; pmullw xmm1,xmm0; pmulhw xmm0,[rax]; movdqa xmm7,xmm1. */
    BY_A_WORD("0FB70A 660F6F08 660F6EC1 660F61C0 660F70C000 660FD5C8 660FE500 660F6FF9 660F69C8 660F61F8", 2, true),
    /** The same of one register by another: movdqa xmm2,xmm1; pmullw xmm1,xmm0; pmulhw xmm2,xmm0; movdqa xmm3,xmm1. */
    OF_REGISTERS("660F6FD1 660FD5C8 660FE5D0 660F6FD9 660F61CA 660F69DA", 2, false),
    /** movdqa xmm1,[rax]; pmullw xmm1,xmm0; pmulhw xmm0,[rax+16]: which may hold the same and does not. */
    OF_OTHER_MEMORY("660F6F08 660FD5C8 660FE54010 660F61C8", 1, false),
    /** pmulhw xmm2,xmm0; pmullw xmm0,xmm1: of other registers. */
    OF_OTHER_REGISTERS("660FE5D0 660FD5C1 660F69C2", 1, false),
    /** movdqa xmm2,xmm1; pmullw xmm2,xmm0; pmulhw xmm1,xmm0; movd xmm0,ecx: the register is another value's when they are put together. */
    OF_WHAT_IS_GONE("660F6FD1 660FD5D0 660FE5C8 660F6EC1 660F61D1", 1, false),
    /** pmullw xmm1,xmm0; pmulhw xmm1,xmm0: which are no two results. */
    OF_ONE_RESULT("660FD5C8 660FE5C8 660F61C8", 0, false);

    private final byte[] bytes;
    private final int pairs;
    private final boolean byWord;

    Code(String code, int pairs, boolean byWord) {
      bytes = HexFormat.of().parseHex(code.replace(" ", ""));
      this.pairs = pairs;
      this.byWord = byWord;
    }
  }

  @ParameterizedTest
  @EnumSource(Code.class)
  void areFoundInABlock(Code code) {
    Decoder decoder = new Decoder(EnumSet.allOf(CpuFeature.class), Set.of(), InstructionSet.standard());
    List<Instruction> block = new ArrayList<>();
    for (int at = 0; at < code.bytes.length; at += block.getLast().length) {
      block.add(Objects.requireNonNull(decoder.decode(code.bytes, at, code.bytes.length - at, 64)));
    }
    WideProducts products = Objects.requireNonNull(WideProducts.of(block));
    int found = 0;
    for (int n = block.size() - Math.max(1, code.pairs); n < block.size(); n++) {
      WideProducts.Role role = products.role(n);
      found += role == null ? 0 : 1;
      assertEquals(code.byWord, role != null && role.byWord());
    }
    assertEquals(code.pairs, found);
  }

  @Test void areWhatTheInstructionsSay() {
    for (Code code : Code.values()) {
      for (int seed = 0; seed < SEEDS; seed++) {
        try (TestMachine translated = machine(true, code, seed); TestMachine general = machine(false, code, seed)) {
          for (TestMachine m : new TestMachine[] {translated, general}) {
            assertEquals(Exit.HALT, m.engine().run(100 * ROUNDS));
          }
          assertArrayEquals(general.cpu().xmm, translated.cpu().xmm, code + " " + seed);
          assertTrue(translated.engine().counters().get("region-instructions") > ROUNDS);
        }
      }
    }
  }

  private static TestMachine machine(boolean translate, Code code, int seed) {
    TestMachine m = new TestMachine(1, translate, Form.LOCALS, 16 << 20);
    // add rdx,2; dec rbx; jnz back; hlt
    m.code(TestMachine.CODE, HexFormat.of().formatHex(code.bytes) + "4883C202 48FFCB 75"
        + HexFormat.of().toHexDigits((byte) (-code.bytes.length - 9)) + "F4");
    Cpu c = m.at(TestMachine.CODE);
    c.gpr[Cpu.RAX] = TestMachine.DATA;
    c.gpr[Cpu.RBX] = ROUNDS;
    c.gpr[Cpu.RCX] = 0x1234;
    c.gpr[Cpu.RDX] = TestMachine.DATA;
    Random random = new Random(seed);
    for (int n = 0; n < 2 * ROUNDS + 8; n += 2) {
      // Among them the words whose products are the greatest
      m.memory.write(TestMachine.DATA + n, 2, random.nextInt(4) == 0 ? 0x8000 : random.nextInt(0x1_0000));
    }
    for (int n = 0; n < c.xmm.length; n++) {
      c.xmm[n] = random.nextLong();
    }
    return m;
  }
}
