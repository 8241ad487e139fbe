package annulus.shell.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.shell.command.View.Piece;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MemoryViewTest {
  private final Session session = new Session();

  @BeforeEach void machine() throws InterruptedException {
    session.run("define", "m");
    session.machines.state = States.kernel();
    byte[] page = new byte[0x1000];
    System.arraycopy("Hello, world.\nABC".getBytes(StandardCharsets.US_ASCII), 0, page, 0, 17);
    session.machines.pages.put(1L, page);
    session.machines.mappings.put(0xFFFF_FFFF_8100_0000L >> 12, 1L);
  }

  private static Piece whole(byte[] bytes) {
    BitSet present = new BitSet();
    present.set(0, bytes.length);
    return new Piece(bytes, present);
  }

  @Test void dumpLooksLikeHexdumps() throws InterruptedException {
    assertEquals(List.of(
        "00001000  48 65 6c 6c 6f 2c 20 77  6f 72 6c 64 2e 0a 41 42  |Hello, world..AB|",
        "00001010  43 00 00 00                                       |C...|",
        "00001014"), session.run("mem", "m", "1000", "20", "-p"));
  }

  @Test void virtualAddressesGoThroughTheProcessor() throws InterruptedException {
    assertEquals(List.of(
        "ffffffff________:",
        "81000000  48 65 6c 6c 6f 2c 20 77  6f 72 6c 64 2e 0a 41 42  |Hello, world..AB|",
        "81000010"), session.run("mem", "m", "rip", "16"));
  }

  @Test void unmappedMemorySaysSo() throws InterruptedException {
    assertEquals(List.of("00000000  not mapped", "*", "00000080"), session.run("mem", "m", "0"));
    assertEquals(List.of("00005000  no memory", "00005010"), session.run("mem", "m", "5000", "16", "--physical"));
  }

  @Test void rowAcrossTheEndOfMappedMemoryShowsWhatIsThere() throws InterruptedException {
    assertEquals(List.of("ffffffff________:", "81000ff8  00 00 00 00 00 00 00 00  -- -- -- -- -- -- -- --  |........        |",
        "81001008"), session.run("mem", "m", "ffffffff81000ff8", "16"));
  }

  @Test void repeatedRowsAreOneStar() {
    assertEquals(List.of("00000000  " + "00 00 00 00 00 00 00 00  ".repeat(2) + "|................|", "*", "00000040"),
        HexDump.lines(0, whole(new byte[64]), "-"));
  }

  @Test void dumpAcrossFourGigabytesNamesBothHalves() {
    List<String> lines = HexDump.lines(0xFFFF_FFF0L, whole(new byte[32]), "-");
    assertTrue(lines.get(0).startsWith("fffffff0  00"));
    assertEquals("00000001________:", lines.get(1));
    assertTrue(lines.get(2).startsWith("00000000  00"));
  }

  @Test void noDumpIsWiderThanATerminal() {
    byte[] bytes = new byte[256];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) i;
    }
    HexDump.lines(-256, whole(bytes), "-").forEach(l -> assertTrue(l.length() <= 80, l));
  }

  @Test void codeIsListedFromRipOn() throws InterruptedException {
    byte[] code = {(byte) 0x90, (byte) 0xEB, 0x02, 0x48, (byte) 0x89, (byte) 0xE5, (byte) 0xC3};
    byte[] page = new byte[0x1000];
    System.arraycopy(code, 0, page, 0, code.length);
    session.machines.pages.put(1L, page);
    assertEquals(List.of(
        ">ffffffff81000000 90                    nop",
        " ffffffff81000001 eb 02                 jmp 0FFFFFFFF81000005h",
        " ffffffff81000003 48 89 e5              mov rbp, rsp",
        " ffffffff81000006 c3                    ret"), session.run("disasm", "m", "rip", "4"));
    assertEquals(List.of(" 0000000000001006 c3                    ret"), session.run("disasm", "m", "1006", "1", "-p"));
    assertEquals(" 0000000000001000 90                    nop", session.run("disasm", "m", "-p").getFirst());
  }

  @Test void instructionThatRunsIntoNothingEndsTheList() throws InterruptedException {
    byte[] page = new byte[0x1000];
    Arrays.fill(page, 0xFFD, 0x1000, (byte) 0xE8);
    session.machines.pages.put(1L, page);
    assertEquals(List.of(" ffffffff81000ffd the instruction goes on where nothing is: not mapped"),
        session.run("disasm", "m", "ffffffff81000ffd"));
    assertEquals(List.of(" 0000000000000000 not mapped"), session.run("disasm", "m", "0"));
  }

  @Test void realModeTargetsAreOffsets() throws InterruptedException {
    session.machines.state = States.real();
    byte[] page = new byte[0x1000];
    page[0x5B] = (byte) 0xEB;
    session.machines.pages.put(0xFEL, page);
    session.machines.mappings.put(0xFEL, 0xFEL);
    assertEquals(List.of("(code segment at f0000: branch targets are offsets in it)",
        ">00000000000fe05b eb 00                 jmp 0E05Dh"), session.run("disasm", "m", "rip", "1"));
  }

  @Test void longInstructionsWrap() throws InterruptedException {
    byte[] code = {0x64, 0x48, (byte) 0xC7, (byte) 0x84, (byte) 0xC8, 0x78, 0x56, 0x34, 0x12, 0x44, 0x33, 0x22, 0x11};
    byte[] page = new byte[0x1000];
    System.arraycopy(code, 0, page, 0, code.length);
    session.machines.pages.put(1L, page);
    List<String> lines = session.run("disasm", "m", "rip", "1");
    assertEquals(2, lines.size());
    assertEquals(">ffffffff81000000 64 48 c7 84 c8 78 56  mov qword ptr fs:[rax+rcx*8+12345678h],", lines.get(0));
    assertEquals(" ".repeat(18) + "34 12 44 33 22 11     11223344h", lines.get(1));
  }
}
