package annulus.cpu.exec;

import annulus.arch.Seg;
import annulus.cpu.Cpu;
import annulus.cpu.Flags;
import annulus.cpu.Operands;
import annulus.cpu.Stack;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;

/** Near transfers of control, SDM 2A-2B: JMP CALL RET Jcc LOOP LOOPE LOOPNE JCXZ. */
public final class Branches implements Family {
  @Override public void define(Definitions d) {
    d.define(Mnemonic.JMP, (c, i) -> jump(c, i, target(c, i)));
    d.define(Mnemonic.CALL, Branches::call);
    d.define(Mnemonic.RET, Branches::ret);
    d.define(Mnemonic.JCC, Branches::jcc);
    d.define(Mnemonic.LOOP, (c, i) -> loop(c, i, true));
    d.define(Mnemonic.LOOPE, (c, i) -> loop(c, i, Flags.zf(c)));
    d.define(Mnemonic.LOOPNE, (c, i) -> loop(c, i, !Flags.zf(c)));
    d.define(Mnemonic.JCXZ, Branches::jcxz);
  }

  /** Goes to {@code target}, truncated to the operand size. Raises #GP(0) outside the code segment or on a non-canonical address. */
  public static void jump(Cpu c, Instruction i, long target) {
    c.rip = checked(c, i, target);
  }

  private static long checked(Cpu c, Instruction i, long target) {
    long truncated = Operands.zeroExtend(target, i.operandSize);
    if (!valid(c, truncated)) {
      throw c.gp();
    }
    return truncated;
  }

  private static boolean valid(Cpu c, long target) {
    return c.codeBits == 64 ? c.canonical(target) : target <= c.seg[Seg.CS].limit;
  }

  /** Relative to the next instruction, or absolute in a register or memory. */
  private static long target(Cpu c, Instruction i) {
    return i.kind0 == Instruction.RELATIVE ? c.rip + i.immediate : Operands.read(c, i, 0);
  }

  private static void call(Cpu c, Instruction i) {
    long target = Operands.zeroExtend(target(c, i), i.operandSize);
    if (!valid(c, target)) {
      // The stack's faults come before the target's (SDM 2A CALL).
      Stack.checkPush(c, i.operandSize);
      throw c.gp();
    }
    Stack.push(c, i.operandSize, c.rip);
    c.rip = target;
  }

  private static void ret(Cpu c, Instruction i) {
    long target = checked(c, i, Stack.peek(c, 0, i.operandSize));
    Stack.adjust(c, i.operandSize + (i.immediate & 0xFFFF));
    c.rip = target;
  }

  private static void jcc(Cpu c, Instruction i) {
    if (Flags.condition(c, i.condition)) {
      jump(c, i, c.rip + i.immediate);
    }
  }

  /** Counts down CX, ECX or RCX by the address size; the flags stay. */
  private static void loop(Cpu c, Instruction i, boolean condition) {
    long count = Operands.zeroExtend(c.gpr[Cpu.RCX] - 1, i.addressSize);
    if (count != 0 && condition) {
      jump(c, i, c.rip + i.immediate);
    }
    Operands.writeRegister(c, Cpu.RCX, i.addressSize, count);
  }

  private static void jcxz(Cpu c, Instruction i) {
    if (Operands.zeroExtend(c.gpr[Cpu.RCX], i.addressSize) == 0) {
      jump(c, i, c.rip + i.immediate);
    }
  }
}
