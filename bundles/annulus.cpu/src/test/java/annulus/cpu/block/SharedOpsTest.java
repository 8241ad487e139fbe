package annulus.cpu.block;

import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import annulus.arch.CpuFeature;
import annulus.cpu.block.op.Op;
import annulus.cpu.decode.Decoder;
import annulus.cpu.decode.Instruction;
import annulus.cpu.exec.InstructionSet;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which instructions share an operation. */
class SharedOpsTest {
  private final SharedOps shared = new SharedOps();
  private final Decoder decoder = new Decoder(EnumSet.allOf(CpuFeature.class), Set.of(), InstructionSet.standard());

  private @Nullable Op op(String hex, int codeBits, int next) {
    byte[] code = HexFormat.of().parseHex(hex.replace(" ", ""));
    // What follows an instruction is no part of it
    byte[] bytes = new byte[15];
    Arrays.fill(bytes, (byte) next);
    System.arraycopy(code, 0, bytes, 0, code.length);
    Instruction i = Objects.requireNonNull(decoder.decode(bytes, 0, bytes.length, codeBits));
    return shared.op(i, bytes, next, BlockEnds.branches(i));
  }

  private void areShared(String hex) {
    assertSame(present(op(hex, 64, 20)), op(hex, 64, 70), hex);
  }

  @Test void whatIsEncodedTheSameSharesOneWhereverItStands() {
    areShared("4889D8"); // mov rax,rbx
    areShared("55"); // push rbp
    areShared("488B4310"); // mov rax,[rbx+16]
    areShared("488B842400010000"); // mov rax,[rsp+256]: 8 bytes
  }

  @Test void whatIsRelativeToTheInstructionPointerDoesNot() {
    String load = "488B0510000000"; // mov rax,[rip+16]
    assertNotSame(present(op(load, 64, 20)), op(load, 64, 70));
  }

  @Test void aBranchDoesNot() {
    String jump = "EB10"; // jmp +16
    assertNotSame(present(op(jump, 64, 20)), op(jump, 64, 70));
  }

  @Test void theSameBytesInOtherCodeAreAnotherInstruction() {
    Op wide = present(op("55", 64, 1)); // push rbp
    Op narrow = present(op("55", 32, 1)); // push ebp
    assertNotSame(wide.getClass(), narrow.getClass());
  }

  @Test void otherOperandsAreAnotherInstruction() {
    assertNotSame(present(op("488B4310", 64, 4)), op("488B4318", 64, 4));
    assertNotSame(present(op("4889D8", 64, 3)), op("89D8", 64, 3));
  }

  private static Op present(@Nullable Op op) {
    return Objects.requireNonNull(op);
  }
}
