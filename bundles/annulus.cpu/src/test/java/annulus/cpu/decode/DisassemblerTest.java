package annulus.cpu.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;

import annulus.arch.CpuFeature;
import annulus.cpu.exec.InstructionSet;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DisassemblerTest {
  private static final long ADDRESS = 0x1000;
  private final Decoder decoder = new Decoder(EnumSet.allOf(CpuFeature.class), Set.of(), InstructionSet.standard());

  @ParameterizedTest(name = "{0}: {1} is {2}")
  @CsvSource(delimiter = '|', value = {
      "64 | 01 D8 | add eax, ebx",
      "64 | 48 03 4C 8B F0 | add rcx, qword ptr [rbx+rcx*4-10h]",
      "64 | F0 81 05 10 00 00 00 78 56 34 12 | lock add dword ptr [101Bh], 12345678h",
      "64 | 83 C0 FF | add eax, 0FFFFFFFFh",
      "64 | 48 83 EC 28 | sub rsp, 28h",
      "64 | 55 | push rbp",
      "64 | 41 57 | push r15",
      "64 | 6A FF | push 0FFFFFFFFFFFFFFFFh",
      "64 | E8 FB FF FF FF | call 1000h",
      "64 | 74 10 | je 1012h",
      "64 | 0F 8F 00 01 00 00 | jg 1106h",
      "64 | C3 | ret",
      "64 | C2 08 00 | ret 8",
      "64 | 48 98 | cdqe",
      "64 | 66 99 | cwd",
      "64 | F3 48 A5 | rep movsq",
      "64 | F2 AE | repne scasb",
      "64 | 64 A4 | movsb fs:",
      "64 | 65 48 8B 04 25 28 00 00 00 | mov rax, qword ptr gs:[28h]",
      "64 | 48 B8 88 77 66 55 44 33 22 11 | mov rax, 1122334455667788h",
      "64 | 88 E0 | mov al, ah",
      "64 | 40 88 E0 | mov al, spl",
      "64 | 0F 22 D8 | mov cr3, rax",
      "64 | 0F 23 F8 | mov dr7, rax",
      "64 | 8E D8 | mov ds, ax",
      "64 | 48 8D 04 09 | lea rax, [rcx+rcx*1]",
      "64 | 0F 94 C1 | sete cl",
      "64 | 48 0F 4C C2 | cmovl rax, rdx",
      "64 | D9 C1 | fld st(1)",
      "64 | DB 2C 24 | fld tbyte ptr [rsp]",
      "64 | DC C1 | fadd st(1), st(0)",
      "64 | DA C1 | fcmovb st(0), st(1)",
      "64 | 0F 6F C1 | movq mm0, mm1",
      "64 | 66 0F 6F 45 00 | movdqa xmm0, xmmword ptr [rbp]",
      "64 | C5 FD FE C1 | vpaddd ymm0, ymm0, ymm1",
      "64 | 48 0F AE 00 | fxsave64 [rax]",
      "64 | 48 0F 07 | sysretq",
      "64 | 0F 05 | syscall",
      "64 | 48 CF | iretq",
      "64 | FF 25 00 00 00 00 | jmp qword ptr [1006h]",
      "64 | 06 | (bad)",
      "64 | C4 E2 49 90 14 05 00 00 00 00 | vpgatherdd xmm2, dword ptr [vmm0*1], xmm6",
      "32 | EA 78 56 34 12 08 00 | jmp far 8:12345678h",
      "32 | E3 FE | jecxz 1000h",
      "32 | 8B 45 08 | mov eax, dword ptr [ebp+8]",
      "16 | 26 8B 07 | mov ax, word ptr es:[bx]",
      "16 | 8B 42 F0 | mov ax, word ptr [bp+si-10h]",
      "16 | EB FE | jmp 1000h",
      "16 | CD 10 | int 10h",
      "16 | E4 60 | in al, 60h",
      "16 | EE | out dx, al"})
  void writesIntelSyntax(int codeBits, String hex, String text) {
    byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
    assertEquals(text, Disassembler.text(decoder.decode(bytes, 0, bytes.length, codeBits), ADDRESS));
  }
}
