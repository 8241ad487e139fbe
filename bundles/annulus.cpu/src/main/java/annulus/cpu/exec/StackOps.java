package annulus.cpu.exec;

import annulus.arch.Seg;
import annulus.cpu.Addressing;
import annulus.cpu.Cpu;
import annulus.cpu.GuestFault;
import annulus.cpu.Operands;
import annulus.cpu.Stack;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;

/** PUSH POP PUSHA POPA ENTER LEAVE, SDM 2A-2B. PUSHF and POPF are with the flags: {@link FlagOps}. */
public final class StackOps implements Family {
  @Override public void define(Definitions d) {
    d.define(Mnemonic.PUSH, (c, i) -> Stack.push(c, i.operandSize, Operands.read(c, i, 0)));
    d.define(Mnemonic.POP, StackOps::pop);
    d.define(Mnemonic.PUSHA, StackOps::pushAll);
    d.define(Mnemonic.POPA, StackOps::popAll);
    d.define(Mnemonic.ENTER, StackOps::enter);
    d.define(Mnemonic.LEAVE, StackOps::leave);
  }

  private static void pop(Cpu c, Instruction i) {
    if (i.kind0 == Instruction.SEGMENT) {
      SegmentLoads.pop(c, i);
    } else if (i.kind0 == Instruction.MEMORY) {
      popMemory(c, i);
    } else {
      Operands.writeRegister(c, i.reg0, i.operandSize, Stack.pop(c, i.operandSize));
    }
  }

  /** A destination addressed by rSP uses rSP as it is after the pop; a fault of the write undoes the pop. */
  private static void popMemory(Cpu c, Instruction i) {
    long value = Stack.peek(c, 0, i.operandSize);
    long sp = c.gpr[Cpu.RSP];
    Stack.adjust(c, i.operandSize);
    try {
      Operands.write(c, i, 0, value);
    } catch (GuestFault e) {
      c.gpr[Cpu.RSP] = sp;
      throw e;
    }
  }

  /** Pushes rAX to rDI, rSP with its value before; all eight are checked first. */
  private static void pushAll(Cpu c, Instruction i) {
    int size = i.operandSize;
    long sp = c.gpr[Cpu.RSP];
    for (int r = 0; r < 8; r++) {
      c.memory.checkWrite(slot(c, sp, -(r + 1) * size, size, true), size);
    }
    for (int r = 0; r < 8; r++) {
      c.memory.store(slot(c, sp, -(r + 1) * size, size, true), size, c.gpr[r]);
    }
    Stack.adjust(c, -8L * size);
  }

  /** The image of rSP is skipped. */
  private static void popAll(Cpu c, Instruction i) {
    int size = i.operandSize;
    long sp = c.gpr[Cpu.RSP];
    for (int r = 0; r < 8; r++) {
      c.memory.checkRead(slot(c, sp, (7 - r) * size, size, false), size);
    }
    for (int r = 0; r < 8; r++) {
      if (r != Cpu.RSP) {
        Operands.writeRegister(c, r, size, c.memory.load(slot(c, sp, (7 - r) * size, size, false), size));
      }
    }
    Stack.adjust(c, 8L * size);
  }

  /** Linear address of the stack slot {@code distance} bytes from {@code pointer}. */
  private static long slot(Cpu c, long pointer, int distance, int size, boolean write) {
    return Addressing.linear(c, Seg.SS, pointer + distance & c.stackMask, size, write);
  }

  /**
   * Pushes rBP, copies the enclosing frames' pointers and the new one, and makes room. Everything is checked first, in the order
   * of the accesses, with the write at the final stack pointer last that a processor checks but does not do.
   */
  private static void enter(Cpu c, Instruction i) {
    int size = i.operandSize;
    int room = (int) i.immediate & 0xFFFF;
    int level = (int) i.immediate2 & 31;
    long sp = c.gpr[Cpu.RSP];
    long bp = c.gpr[Cpu.RBP];
    c.memory.checkWrite(slot(c, sp, -size, size, true), size);
    for (int n = 1; n < level; n++) {
      c.memory.checkRead(slot(c, bp, -n * size, size, false), size);
      c.memory.checkWrite(slot(c, sp, -(n + 1) * size, size, true), size);
    }
    int used = size * (level == 0 ? 1 : level + 1);
    if (level > 0) {
      c.memory.checkWrite(slot(c, sp, -used, size, true), size);
    }
    c.memory.checkWrite(slot(c, sp, -used - room, size, true), size);

    Stack.push(c, size, bp);
    long frame = c.gpr[Cpu.RSP];
    for (int n = 1; n < level; n++) {
      Stack.push(c, size, c.memory.load(slot(c, bp, -n * size, size, false), size));
    }
    if (level > 0) {
      Stack.push(c, size, frame);
    }
    Operands.writeRegister(c, Cpu.RBP, size, frame);
    Stack.adjust(c, -room);
  }

  private static void leave(Cpu c, Instruction i) {
    int size = i.operandSize;
    long bp = c.gpr[Cpu.RBP] & c.stackMask;
    long value = c.memory.load(Addressing.linear(c, Seg.SS, bp, size, false), size);
    Stack.setPointer(c, bp + size);
    Operands.writeRegister(c, Cpu.RBP, size, value);
  }
}
