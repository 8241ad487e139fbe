package annulus.cpu.realmode;

import annulus.arch.Seg;
import annulus.arch.VcpuState;
import annulus.cpu.Cpu;
import annulus.cpu.Flags;
import annulus.cpu.GuestFault;
import annulus.cpu.exec.Interrupts;
import annulus.cpu.testing.TestCpu;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Runs one captured test after the other on a processor in real mode and tells what came out differently. */
final class RealModeMachine {
  /** Flags that software of those days could see; bits 15-12, 5, 3 and 1 are fixed there. */
  private static final int FLAGS = 0x0FD5;
  private static final int[] GENERAL = {Cpu.RAX, Cpu.RBX, Cpu.RCX, Cpu.RDX};
  private static final int[] SEGMENTS = {Seg.CS, Seg.SS, Seg.DS, Seg.ES};
  private static final int[] POINTERS = {Cpu.RSP, Cpu.RBP, Cpu.RSI, Cpu.RDI};

  private final TestCpu machine = TestCpu.real();
  private final Cpu cpu = machine.cpu;
  /** The exception the last test raised, or -1. */
  int exception;

  /** @param addressMask address lines the captured processor had */
  RealModeMachine(long addressMask) {
    machine.translation.addressMask = addressMask;
  }

  void run(CapturedVector v) {
    load(v);
    exception = -1;
    try {
      machine.step();
    } catch (GuestFault e) {
      exception = e.vector;
      Interrupts.deliver(cpu, e.vector, e.errorCode, Interrupts.EXCEPTION);
    }
  }

  private void load(CapturedVector v) {
    v.memoryBefore().forEach((address, value) -> machine.poke(address, value));
    int[] r = v.before();
    for (int n = 0; n < 4; n++) {
      cpu.gpr[GENERAL[n]] = r[n];
      cpu.seg[SEGMENTS[n]].setReal(r[CapturedVector.CS + n]);
      cpu.gpr[POINTERS[n]] = r[CapturedVector.SP + n];
    }
    cpu.rip = r[CapturedVector.IP];
    cpu.activity = VcpuState.Activity.ACTIVE;
    Flags.setRflags(cpu, r[CapturedVector.FLAGS] & FLAGS);
    cpu.modeChanged();
  }

  /**
   * What differs from the captured state.
   *
   * @param ip the instruction pointer expected
   * @param definedFlags flags to compare, in the register and where they were pushed
   */
  List<String> differences(CapturedVector v, int ip, int definedFlags) {
    List<String> differences = new ArrayList<>();
    int[] expected = v.after();
    for (int n = 0; n < 4; n++) {
      compare(differences, CapturedVector.REGISTERS[n], expected[n], cpu.gpr[GENERAL[n]]);
      compare(differences, CapturedVector.REGISTERS[CapturedVector.CS + n], expected[CapturedVector.CS + n], cpu.seg[SEGMENTS[n]].selector);
      compare(differences, CapturedVector.REGISTERS[CapturedVector.SP + n], expected[CapturedVector.SP + n], cpu.gpr[POINTERS[n]]);
    }
    compare(differences, "ip", ip & 0xFFFF, cpu.rip);
    int flags = definedFlags & FLAGS;
    compare(differences, "flags", expected[CapturedVector.FLAGS] & flags, Flags.rflags(cpu) & flags);
    int pushedFlags = pushesFlags(v) ? top(v) : -2;
    for (Map.Entry<Integer, Integer> cell : v.memoryAfter().entrySet()) {
      int address = cell.getKey();
      int mask = address == pushedFlags ? flags & 0xFF : address == pushedFlags + 1 ? flags >>> 8 : 0xFF;
      compare(differences, "[%x]".formatted(address), cell.getValue() & mask, machine.peek(address, 1) & mask);
    }
    return differences;
  }

  /** Whether the first word pushed was the flags: by PUSHF, INT3, INT, INTO or an exception. */
  private boolean pushesFlags(CapturedVector v) {
    return exception >= 0 || v.opcode() == 0x9C || v.opcode() >= 0xCC && v.opcode() <= 0xCE;
  }

  /** Address of the first word pushed. */
  private int top(CapturedVector v) {
    int linear = (v.before()[CapturedVector.SS] << 4) + (v.before()[CapturedVector.SP] - 2 & 0xFFFF);
    return linear & (int) machine.translation.addressMask;
  }

  private static void compare(List<String> differences, String what, long expected, long actual) {
    if (expected != actual) {
      differences.add("%s %x, not %x".formatted(what, actual, expected));
    }
  }

  /** Clears what a test used. */
  void clear(CapturedVector v) {
    Set<Integer> used = new HashSet<>(v.memoryBefore().keySet());
    used.addAll(v.memoryAfter().keySet());
    used.forEach(address -> machine.poke(address, 0));
    machine.bus.log.clear();
  }
}
