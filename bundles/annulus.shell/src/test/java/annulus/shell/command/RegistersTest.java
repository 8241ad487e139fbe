package annulus.shell.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.arch.SegmentState;
import annulus.arch.VcpuState;
import annulus.machine.MachineException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RegistersTest {
  private static String line(VcpuState state, String start) {
    return new Registers(state).lines("m processor 0").stream().filter(l -> l.startsWith(start)).findFirst().orElse("");
  }

  @Test void titleTellsModeRingAndActivity() {
    assertEquals("m processor 0: 64-bit mode, ring 0, active", new Registers(States.kernel()).lines("m processor 0").getFirst());
    assertEquals("m processor 0: real mode, ring 0, active", new Registers(States.real()).lines("m processor 0").getFirst());
    assertEquals("m processor 0: protected mode, ring 3, active", new Registers(States.user32()).lines("m processor 0").getFirst());
  }

  @Test void codeWidthIsTheCodeSegments() {
    assertEquals(List.of(64, 16, 32), Stream.of(States.kernel(), States.real(), States.user32())
        .map(s -> new Registers(s).codeBits()).toList());
  }

  @Test void flagsAndControlBitsHaveTheirNames() {
    assertEquals("RFLAGS 0000000000000246  PF ZF IF IOPL=0", line(States.kernel(), "RFLAGS"));
    assertEquals("RFLAGS 0000000000003202  IF IOPL=3", line(States.user32(), "RFLAGS"));
    assertEquals("CR0    0000000080050033  PE MP ET NE WP AM PG", line(States.kernel(), "CR0"));
    assertEquals("CR4    0000000000770ef0  PSE PAE MCE PGE OSFXSR OSXMMEXCPT UMIP FSGSBASE PCIDE", line(States.kernel(), "CR4"));
    assertEquals("EFER   0000000000000d01  SCE LME LMA NXE", line(States.kernel(), "EFER"));
    assertEquals("A bit40", new BitNames("3:A").names(8 | 1L << 40));
  }

  @Test void registersStandInEncodingOrder() {
    assertEquals("RBX 3333333333333333  RSP 4444444444444444  RBP 5555555555555555", line(States.kernel(), "RBX"));
    assertEquals("R15 ffffffffffffffff", line(States.kernel(), "R15"));
  }

  @Test void segmentsShowTheirHiddenParts() {
    assertEquals("CS    0010  0000000000000000  ffffffff  code64 rx accessed, DPL 0, 4K", line(States.kernel(), "CS"));
    assertEquals("TR    0040  fffffe0000003000  00004087  TSS busy, DPL 0", line(States.kernel(), "TR"));
    assertEquals("CS    f000  00000000000f0000  0000ffff  data16 rw accessed, DPL 0", line(States.real(), "CS"));
    assertEquals("LDT, DPL 0, not present", SegmentType.text(new SegmentState(8, 0, 0xFF, 2)));
    assertEquals("data32 r expand-down, DPL 3", SegmentType.text(new SegmentState(8, 0, 0xFF, 0x40F4)));
    assertEquals("code16 x conforming, DPL 1", SegmentType.text(new SegmentState(8, 0, 0xFF, 0xBC)));
  }

  @Test void noLineIsWiderThanATerminal() {
    Stream.of(States.kernel(), States.real(), States.user32()).flatMap(s -> new Registers(s).lines("m processor 0").stream())
        .forEach(l -> assertTrue(l.length() <= 80, l));
  }

  @Test void addressesAreNumbersRegistersAndSegments() throws MachineException {
    Registers kernel = new Registers(States.kernel());
    assertEquals(0x7C00, Addresses.parse("0x7c00", kernel, false));
    assertEquals(0xFFFF_FFFF_8100_0000L, Addresses.parse("ffffffff81000000", kernel, false));
    assertEquals(0x4444_4444_4444_4464L, Addresses.parse("RSP+20", kernel, false));
    assertEquals(0x4444_4444_4444_4434L, Addresses.parse("rsp-0x10", kernel, false));
    assertEquals(0xFFFF_8880_0F80_0028L, Addresses.parse("gs:28", kernel, false));
    assertEquals(0x618_6006, Addresses.parse("cr3", kernel, true));
    assertEquals(0xABC, Addresses.parse("abc", kernel, false));
  }

  @Test void registersOutside64BitModeAreRelativeToTheirSegment() throws MachineException {
    Registers real = new Registers(States.real());
    assertEquals(0xFE05B, Addresses.parse("rip", real, false));
    assertEquals(0x90000 + 0x4444_4444L, Addresses.parse("esp", real, false));
    assertEquals(0xF0100, Addresses.parse("cs:100", real, false));
    assertEquals(0xE05B, Addresses.parse("rip", real, true));
  }

  @Test void whatIsNoAddressSaysWhatWouldBe() {
    for (String wrong : List.of("xyz", "", "rsp+", "11112222333344445", "es:", "-1")) {
      MachineException e = assertThrows(MachineException.class, () -> Addresses.parse(wrong, new Registers(States.kernel()), false));
      assertTrue(String.valueOf(e.getMessage()).startsWith("\"" + wrong + "\" is no address: "), e.getMessage());
    }
  }
}
