package annulus.cpu.exec;

import annulus.arch.Rflags;
import annulus.cpu.Addressing;
import annulus.cpu.Cpu;
import annulus.cpu.Flags;
import annulus.cpu.Operands;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;

/** Data movement, SDM 2A-2B: MOV MOVZX MOVSX MOVSXD MOVBE MOVNTI XCHG CMOVcc SETcc LEA XLAT BSWAP LAHF SAHF CBW CWD. */
public final class Moves implements Family {
  @Override public void define(Definitions d) {
    d.define(Mnemonic.MOV, Moves::mov);
    d.define(Mnemonic.MOVNTI, Moves::move);
    d.define(Mnemonic.MOVZX, Moves::move);
    d.define(Mnemonic.MOVSX, Moves::movsx);
    d.define(Mnemonic.MOVSXD, Moves::movsx);
    d.define(Mnemonic.MOVBE, Moves::movbe);
    d.define(Mnemonic.XCHG, Moves::xchg);
    d.define(Mnemonic.CMOVCC, Moves::cmov);
    d.define(Mnemonic.SETCC, (c, i) -> Operands.write(c, i, 0, Flags.condition(c, i.condition) ? 1 : 0));
    d.define(Mnemonic.LEA, (c, i) -> Operands.write(c, i, 0, Addressing.offset(c, i)));
    d.define(Mnemonic.XLATB, Moves::xlat);
    d.define(Mnemonic.BSWAP, Moves::bswap);
    d.define(Mnemonic.LAHF, Moves::lahf);
    d.define(Mnemonic.SAHF, Moves::sahf);
    d.define(Mnemonic.CBW, Moves::cbw);
    d.define(Mnemonic.CWD, Moves::cwd);
  }

  /** One mnemonic for four instructions: moves of segment, control and debug registers have their own families. */
  private static void mov(Cpu c, Instruction i) {
    int special = Math.max(i.kind0, i.kind1);
    switch (special) {
      case Instruction.SEGMENT -> SegmentLoads.move(c, i);
      case Instruction.CONTROL -> ControlRegisters.move(c, i);
      case Instruction.DEBUG -> DebugRegisters.move(c, i);
      default -> move(c, i);
    }
  }

  private static void move(Cpu c, Instruction i) {
    Operands.write(c, i, 0, Operands.read(c, i, 1));
  }

  private static void movsx(Cpu c, Instruction i) {
    Operands.write(c, i, 0, Operands.signExtend(Operands.read(c, i, 1), i.size1));
  }

  private static void movbe(Cpu c, Instruction i) {
    Operands.write(c, i, 0, Long.reverseBytes(Operands.read(c, i, 1)) >>> 64 - 8 * i.size0);
  }

  /** With memory always locked (SDM 2B XCHG). */
  private static void xchg(Cpu c, Instruction i) {
    int memory = i.kind1 == Instruction.MEMORY ? 1 : 0;
    int other = 1 - memory;
    long b = Operands.read(c, i, other);
    long a;
    do {
      a = Operands.readForWrite(c, i, memory);
    } while (!Operands.commit(c, i, memory, a, b));
    Operands.write(c, i, other, a);
  }

  /** Reads its source, and zero-extends a 32-bit destination, whether the condition holds or not. */
  private static void cmov(Cpu c, Instruction i) {
    long source = Operands.read(c, i, 1);
    Operands.write(c, i, 0, Flags.condition(c, i.condition) ? source : c.gpr[i.reg0]);
  }

  private static void xlat(Cpu c, Instruction i) {
    long offset = Operands.zeroExtend(c.gpr[Cpu.RBX] + (c.gpr[Cpu.RAX] & 0xFF), i.addressSize);
    int value = c.memory.load8(Addressing.linear(c, i.segment, offset, 1, false));
    Operands.writeRegister(c, Cpu.RAX, 1, value);
  }

  /** The undefined 16-bit form clears the word, as processors do. */
  private static void bswap(Cpu c, Instruction i) {
    long value = Operands.read(c, i, 0);
    Operands.write(c, i, 0, i.size0 == 2 ? 0 : Long.reverseBytes(value) >>> 64 - 8 * i.size0);
  }

  private static void lahf(Cpu c, Instruction i) {
    int ah = (Flags.status(c) | Rflags.FIXED) & 0xFF;
    c.gpr[Cpu.RAX] = c.gpr[Cpu.RAX] & ~0xFF00L | ah << 8;
  }

  private static void sahf(Cpu c, Instruction i) {
    Flags.change(c, Rflags.STATUS & ~Rflags.OF, (int) c.gpr[Cpu.RAX] >>> 8);
  }

  /** CBW, CWDE, CDQE: the lower half of the accumulator, sign-extended. */
  private static void cbw(Cpu c, Instruction i) {
    Operands.writeRegister(c, Cpu.RAX, i.operandSize, Operands.signExtend(c.gpr[Cpu.RAX], i.operandSize / 2));
  }

  /** CWD, CDQ, CQO: the accumulator's sign in all bits of rDX. */
  private static void cwd(Cpu c, Instruction i) {
    Operands.writeRegister(c, Cpu.RDX, i.operandSize, Operands.signExtend(c.gpr[Cpu.RAX], i.operandSize) >> 63);
  }
}
