package annulus.cpu.exec;

import annulus.arch.Seg;
import annulus.cpu.Addressing;
import annulus.cpu.Cpu;
import annulus.cpu.Operands;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;

/** IN OUT INS OUTS, SDM 2A-2B and SDM 1 chapter 18. */
public final class PortIo implements Family {
  @Override public void define(Definitions d) {
    d.define(Mnemonic.IN, PortIo::in);
    d.define(Mnemonic.OUT, PortIo::out);
    d.define(Mnemonic.INS, PortIo::ins);
    d.define(Mnemonic.OUTS, PortIo::outs);
  }

  private static void in(Cpu c, Instruction i) {
    int port = port(c, i, 1);
    int size = i.size0;
    IoPermission.check(c, port, size);
    Operands.writeRegister(c, Cpu.RAX, size, c.context.bus().readPort(port, size));
  }

  private static void out(Cpu c, Instruction i) {
    int port = port(c, i, 0);
    int size = i.size1;
    IoPermission.check(c, port, size);
    c.context.bus().writePort(port, size, (int) Operands.zeroExtend(c.gpr[Cpu.RAX], size));
  }

  private static int port(Cpu c, Instruction i, int n) {
    return Operands.kind(i, n) == Instruction.IMMEDIATE ? (int) i.immediate & 0xFF : (int) c.gpr[Cpu.RDX] & 0xFFFF;
  }

  /**
   * The permission comes first, whatever the count. The destination is checked before the port is read: a read cannot be taken
   * back.
   */
  private static void ins(Cpu c, Instruction i) {
    int port = (int) c.gpr[Cpu.RDX] & 0xFFFF;
    int size = i.operandSize;
    IoPermission.check(c, port, size);
    Repetition r = new Repetition(c, i);
    while (r.next()) {
      long linear = Addressing.linear(c, Seg.ES, Repetition.destination(c, i), size, true);
      c.memory.checkWrite(linear, size);
      c.memory.store(linear, size, c.context.bus().readPort(port, size));
      Repetition.moveDestination(c, i, Repetition.step(c, size));
      r.done(1);
    }
    r.end();
  }

  private static void outs(Cpu c, Instruction i) {
    int port = (int) c.gpr[Cpu.RDX] & 0xFFFF;
    int size = i.operandSize;
    IoPermission.check(c, port, size);
    Repetition r = new Repetition(c, i);
    while (r.next()) {
      long value = c.memory.load(Addressing.linear(c, i.segment, Repetition.source(c, i), size, false), size);
      c.context.bus().writePort(port, size, (int) value);
      Repetition.moveSource(c, i, Repetition.step(c, size));
      r.done(1);
    }
    r.end();
  }
}
