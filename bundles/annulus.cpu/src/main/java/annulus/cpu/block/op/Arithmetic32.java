package annulus.cpu.block.op;

import annulus.cpu.Cpu;
import annulus.cpu.decode.Instruction;
import annulus.cpu.exec.Alu;

/** Integer arithmetic on 32-bit operands. In names R is a register, I an immediate, M memory; the first is the destination. */
final class Arithmetic32 {
  private Arithmetic32() {}

  static final class AddRR extends RegisterOp {
    AddRR(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = Alu.add(c, r[d], r[s], 4) & LOW32;
    }
  }

  static final class AddRI extends RegisterConstantOp {
    AddRI(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = Alu.add(c, r[d], immediate, 4) & LOW32;
    }
  }

  static final class SubRR extends RegisterOp {
    SubRR(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = Alu.sub(c, r[d], r[s], 4) & LOW32;
    }
  }

  static final class SubRI extends RegisterConstantOp {
    SubRI(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = Alu.sub(c, r[d], immediate, 4) & LOW32;
    }
  }

  static final class AndRR extends RegisterOp {
    AndRR(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = Alu.and(c, r[d], r[s], 4) & LOW32;
    }
  }

  static final class AndRI extends RegisterConstantOp {
    AndRI(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = Alu.and(c, r[d], immediate, 4) & LOW32;
    }
  }

  static final class OrRR extends RegisterOp {
    OrRR(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = Alu.or(c, r[d], r[s], 4) & LOW32;
    }
  }

  static final class OrRI extends RegisterConstantOp {
    OrRI(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = Alu.or(c, r[d], immediate, 4) & LOW32;
    }
  }

  static final class XorRR extends RegisterOp {
    XorRR(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = Alu.xor(c, r[d], r[s], 4) & LOW32;
    }
  }

  static final class XorRI extends RegisterConstantOp {
    XorRI(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = Alu.xor(c, r[d], immediate, 4) & LOW32;
    }
  }

  static final class AdcRR extends RegisterOp {
    AdcRR(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = Alu.adc(c, r[d], r[s], 4) & LOW32;
    }
  }

  static final class AdcRI extends RegisterConstantOp {
    AdcRI(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = Alu.adc(c, r[d], immediate, 4) & LOW32;
    }
  }

  static final class SbbRR extends RegisterOp {
    SbbRR(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = Alu.sbb(c, r[d], r[s], 4) & LOW32;
    }
  }

  static final class SbbRI extends RegisterConstantOp {
    SbbRI(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = Alu.sbb(c, r[d], immediate, 4) & LOW32;
    }
  }

  static final class CmpRR extends RegisterOp {
    CmpRR(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      Alu.cmp(c, r[d], r[s], 4);
    }
  }

  static final class CmpRI extends RegisterConstantOp {
    CmpRI(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      Alu.cmp(c, r[d], immediate, 4);
    }
  }

  static final class TestRR extends RegisterOp {
    TestRR(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      Alu.test(c, r[d], r[s], 4);
    }
  }

  static final class TestRI extends RegisterConstantOp {
    TestRI(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      Alu.test(c, r[d], immediate, 4);
    }
  }

  static final class Inc extends RegisterOp {
    Inc(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = Alu.inc(c, r[d], 4) & LOW32;
    }
  }

  static final class Dec extends RegisterOp {
    Dec(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = Alu.dec(c, r[d], 4) & LOW32;
    }
  }

  static final class Neg extends RegisterOp {
    Neg(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = Alu.neg(c, r[d], 4) & LOW32;
    }
  }

  static final class Not extends RegisterOp {
    Not(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = ~r[d] & LOW32;
    }
  }

  static final class ShlI extends RegisterConstantOp {
    ShlI(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = Alu.shl(c, r[d], (int) immediate, 4) & LOW32;
    }
  }

  /** By CL. */
  static final class ShlC extends RegisterOp {
    ShlC(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = Alu.shl(c, r[d], (int) r[Cpu.RCX], 4) & LOW32;
    }
  }

  static final class ShrI extends RegisterConstantOp {
    ShrI(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = Alu.shr(c, r[d], (int) immediate, 4) & LOW32;
    }
  }

  static final class ShrC extends RegisterOp {
    ShrC(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = Alu.shr(c, r[d], (int) r[Cpu.RCX], 4) & LOW32;
    }
  }

  static final class SarI extends RegisterConstantOp {
    SarI(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = Alu.sar(c, r[d], (int) immediate, 4) & LOW32;
    }
  }

  static final class SarC extends RegisterOp {
    SarC(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = Alu.sar(c, r[d], (int) r[Cpu.RCX], 4) & LOW32;
    }
  }

  static final class RolI extends RegisterConstantOp {
    RolI(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = Alu.rol(c, r[d], (int) immediate, 4) & LOW32;
    }
  }

  static final class RolC extends RegisterOp {
    RolC(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = Alu.rol(c, r[d], (int) r[Cpu.RCX], 4) & LOW32;
    }
  }

  static final class RorI extends RegisterConstantOp {
    RorI(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = Alu.ror(c, r[d], (int) immediate, 4) & LOW32;
    }
  }

  static final class RorC extends RegisterOp {
    RorC(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = Alu.ror(c, r[d], (int) r[Cpu.RCX], 4) & LOW32;
    }
  }

  static final class ImulRR extends RegisterOp {
    ImulRR(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = Alu.imul(c, r[d], r[s], 4) & LOW32;
    }
  }

  static final class ImulRRI extends RegisterConstantOp {
    ImulRRI(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = Alu.imul(c, r[s], immediate, 4) & LOW32;
    }
  }

  static final class AddRM extends MemoryOp {
    AddRM(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      g[r] = Alu.add(c, g[r], c.memory.load32(indexed(g)), 4) & LOW32;
    }
  }

  static final class SubRM extends MemoryOp {
    SubRM(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      g[r] = Alu.sub(c, g[r], c.memory.load32(indexed(g)), 4) & LOW32;
    }
  }

  static final class AndRM extends MemoryOp {
    AndRM(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      g[r] = Alu.and(c, g[r], c.memory.load32(indexed(g)), 4) & LOW32;
    }
  }

  static final class OrRM extends MemoryOp {
    OrRM(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      g[r] = Alu.or(c, g[r], c.memory.load32(indexed(g)), 4) & LOW32;
    }
  }

  static final class XorRM extends MemoryOp {
    XorRM(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      g[r] = Alu.xor(c, g[r], c.memory.load32(indexed(g)), 4) & LOW32;
    }
  }

  static final class AdcRM extends MemoryOp {
    AdcRM(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      long b = c.memory.load32(indexed(g));
      g[r] = Alu.adc(c, g[r], b, 4) & LOW32;
    }
  }

  static final class SbbRM extends MemoryOp {
    SbbRM(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      long b = c.memory.load32(indexed(g));
      g[r] = Alu.sbb(c, g[r], b, 4) & LOW32;
    }
  }

  static final class CmpRM extends MemoryOp {
    CmpRM(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      Alu.cmp(c, g[r], c.memory.load32(indexed(g)), 4);
    }
  }

  static final class ImulRM extends MemoryOp {
    ImulRM(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      g[r] = Alu.imul(c, g[r], c.memory.load32(indexed(g)), 4) & LOW32;
    }
  }

  static final class CmpMR extends MemoryOp {
    CmpMR(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      Alu.cmp(c, c.memory.load32(indexed(g)), g[r], 4);
    }
  }

  static final class CmpMI extends MemoryConstantOp {
    CmpMI(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      Alu.cmp(c, c.memory.load32(indexed(g)), immediate, 4);
    }
  }

  static final class TestMR extends MemoryOp {
    TestMR(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      Alu.test(c, c.memory.load32(indexed(g)), g[r], 4);
    }
  }

  static final class TestMI extends MemoryConstantOp {
    TestMI(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      Alu.test(c, c.memory.load32(indexed(g)), immediate, 4);
    }
  }

  static final class AddMR extends MemoryOp {
    AddMR(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      long at = indexed(g);
      c.memory.checkWrite(at, 4);
      c.memory.store32(at, (int) Alu.add(c, c.memory.load32(at), g[r], 4));
    }
  }

  static final class AddMI extends MemoryConstantOp {
    AddMI(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      long at = indexed(g);
      c.memory.checkWrite(at, 4);
      c.memory.store32(at, (int) Alu.add(c, c.memory.load32(at), immediate, 4));
    }
  }

  static final class SubMR extends MemoryOp {
    SubMR(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      long at = indexed(g);
      c.memory.checkWrite(at, 4);
      c.memory.store32(at, (int) Alu.sub(c, c.memory.load32(at), g[r], 4));
    }
  }

  static final class SubMI extends MemoryConstantOp {
    SubMI(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      long at = indexed(g);
      c.memory.checkWrite(at, 4);
      c.memory.store32(at, (int) Alu.sub(c, c.memory.load32(at), immediate, 4));
    }
  }

  static final class AndMR extends MemoryOp {
    AndMR(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      long at = indexed(g);
      c.memory.checkWrite(at, 4);
      c.memory.store32(at, (int) Alu.and(c, c.memory.load32(at), g[r], 4));
    }
  }

  static final class AndMI extends MemoryConstantOp {
    AndMI(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      long at = indexed(g);
      c.memory.checkWrite(at, 4);
      c.memory.store32(at, (int) Alu.and(c, c.memory.load32(at), immediate, 4));
    }
  }

  static final class OrMR extends MemoryOp {
    OrMR(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      long at = indexed(g);
      c.memory.checkWrite(at, 4);
      c.memory.store32(at, (int) Alu.or(c, c.memory.load32(at), g[r], 4));
    }
  }

  static final class OrMI extends MemoryConstantOp {
    OrMI(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      long at = indexed(g);
      c.memory.checkWrite(at, 4);
      c.memory.store32(at, (int) Alu.or(c, c.memory.load32(at), immediate, 4));
    }
  }

  static final class XorMR extends MemoryOp {
    XorMR(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      long at = indexed(g);
      c.memory.checkWrite(at, 4);
      c.memory.store32(at, (int) Alu.xor(c, c.memory.load32(at), g[r], 4));
    }
  }

  static final class XorMI extends MemoryConstantOp {
    XorMI(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      long at = indexed(g);
      c.memory.checkWrite(at, 4);
      c.memory.store32(at, (int) Alu.xor(c, c.memory.load32(at), immediate, 4));
    }
  }

  static final class IncM extends MemoryOp {
    IncM(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      long at = indexed(g);
      c.memory.checkWrite(at, 4);
      c.memory.store32(at, (int) Alu.inc(c, c.memory.load32(at), 4));
    }
  }

  static final class DecM extends MemoryOp {
    DecM(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      long at = indexed(g);
      c.memory.checkWrite(at, 4);
      c.memory.store32(at, (int) Alu.dec(c, c.memory.load32(at), 4));
    }
  }
}