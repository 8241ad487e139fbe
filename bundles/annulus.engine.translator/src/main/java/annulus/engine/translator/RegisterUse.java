package annulus.engine.translator;

import annulus.cpu.Cpu;
import annulus.cpu.decode.Instruction;

/** Which registers a region names: those live in locals, the others stay where they are. */
final class RegisterUse {
  private int read;
  private int written;
  /** Halves of XMM registers, two bits a register: named, written, and best held as doubles. */
  private int halves;
  private int writtenHalves;
  private int doubles;
  /** Of whole registers: those whose halves integer instructions compute with. */
  private int integers;
  /** Whether there are instructions of the XMM unit, even if none names a register of it. */
  boolean sse;
  boolean fs;
  boolean gs;

  static RegisterUse of(RegionPlan plan) {
    RegisterUse use = new RegisterUse();
    for (RegionPlan.Node n : plan.nodes) {
      for (Instruction i : n.instructions) {
        use.add(i);
      }
    }
    return use;
  }

  private void add(Instruction i) {
    operand(i.kind0, i.reg0);
    operand(i.kind1, i.reg1);
    operand(i.kind2, i.reg2);
    operand(i.kind3, i.reg3);
    sse |= SimdWriter.knows(i) || FloatWriter.knows(i);
    boolean computes = SimdWriter.computes(i);
    vector(i.kind0, i.reg0, true, computes, FloatWriter.doubles(i, 0));
    vector(i.kind1, i.reg1, false, computes, FloatWriter.doubles(i, 1));
    if (i.hasMemory()) {
      read |= 1 << i.base & 0xFFFF | 1 << i.index & 0xFFFF;
      fs |= i.segment == annulus.arch.Seg.FS;
      gs |= i.segment == annulus.arch.Seg.GS;
    }
    switch (i.mnemonic) {
      case PUSH, POP, CALL, RET -> write(Cpu.RSP);
      case LEAVE -> {
        write(Cpu.RSP);
        write(Cpu.RBP);
      }
      case MUL, IMUL, DIV, IDIV, CWD -> {
        write(Cpu.RAX);
        write(Cpu.RDX);
      }
      case CBW -> write(Cpu.RAX);
      case LOOP, LOOPE, LOOPNE, JCXZ -> write(Cpu.RCX);
      default -> { }
    }
  }

  private void operand(int kind, int reg) {
    if (kind == Instruction.GPR || kind == Instruction.HIGH_BYTE) {
      write(reg);
    }
  }

  /** {@code asDoubles}: a bit for each half. */
  private void vector(int kind, int reg, boolean write, boolean asLongs, int asDoubles) {
    if (kind == Instruction.XMM) {
      sse = true;
      integers |= asLongs ? 1 << reg : 0;
      halves |= 3 << 2 * reg;
      writtenHalves |= write ? 3 << 2 * reg : 0;
      doubles |= asDoubles << 2 * reg;
    }
  }

  int halves() {
    return halves;
  }

  int writtenHalves() {
    return writtenHalves;
  }

  /** Where there are any, also what nobody computes with as longs: it is moved to and from them. */
  int doubles() {
    int all = doubles;
    for (int n = 0; n < 16; n++) {
      if (doubles != 0 && (integers >>> n & 1) == 0) {
        all |= 3 << 2 * n;
      }
    }
    return all;
  }

  private void write(int n) {
    read |= 1 << n;
    written |= 1 << n;
  }

  boolean reads(int n) {
    return (read >>> n & 1) != 0;
  }

  boolean writes(int n) {
    return (written >>> n & 1) != 0;
  }
}
