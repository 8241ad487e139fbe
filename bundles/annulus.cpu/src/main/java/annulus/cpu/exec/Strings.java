package annulus.cpu.exec;

import annulus.arch.Seg;
import annulus.cpu.Addressing;
import annulus.cpu.Cpu;
import annulus.cpu.Operands;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;

/**
 * MOVS CMPS STOS LODS SCAS, SDM 2A-2B, element by element; forward runs of MOVS and STOS inside plain RAM go through
 * {@link StringRuns}. The flags of a comparison are set when the instruction leaves: after a fault they are what they were before
 * it, as SDM 2B REP asks.
 */
public final class Strings implements Family {
  @Override public void define(Definitions d) {
    d.define(Mnemonic.MOVS, Strings::movs);
    d.define(Mnemonic.STOS, Strings::stos);
    d.define(Mnemonic.LODS, Strings::lods);
    d.define(Mnemonic.CMPS, Strings::cmps);
    d.define(Mnemonic.SCAS, Strings::scas);
  }

  private static void movs(Cpu c, Instruction i) {
    int size = i.operandSize;
    int step = Repetition.step(c, size);
    Repetition r = new Repetition(c, i);
    while (r.next()) {
      int n = step > 0 && i.repeat != 0 ? StringRuns.move(c, i, r.chunk()) : 0;
      if (n == 0) {
        long source = Addressing.linear(c, i.segment, Repetition.source(c, i), size, false);
        long value = c.memory.load(source, size);
        c.memory.store(Addressing.linear(c, Seg.ES, Repetition.destination(c, i), size, true), size, value);
        n = 1;
      }
      Repetition.moveSource(c, i, (long) n * step);
      Repetition.moveDestination(c, i, (long) n * step);
      r.done(n);
    }
    r.end();
  }

  private static void stos(Cpu c, Instruction i) {
    int size = i.operandSize;
    int step = Repetition.step(c, size);
    Repetition r = new Repetition(c, i);
    while (r.next()) {
      int n = step > 0 && i.repeat != 0 ? StringRuns.fill(c, i, r.chunk()) : 0;
      if (n == 0) {
        c.memory.store(Addressing.linear(c, Seg.ES, Repetition.destination(c, i), size, true), size, c.gpr[Cpu.RAX]);
        n = 1;
      }
      Repetition.moveDestination(c, i, (long) n * step);
      r.done(n);
    }
    r.end();
  }

  private static void lods(Cpu c, Instruction i) {
    int size = i.operandSize;
    int step = Repetition.step(c, size);
    Repetition r = new Repetition(c, i);
    while (r.next()) {
      long source = Addressing.linear(c, i.segment, Repetition.source(c, i), size, false);
      Operands.writeRegister(c, Cpu.RAX, size, c.memory.load(source, size));
      Repetition.moveSource(c, i, step);
      r.done(1);
    }
    r.end();
  }

  private static void cmps(Cpu c, Instruction i) {
    int size = i.operandSize;
    int step = Repetition.step(c, size);
    long a = 0;
    long b = 0;
    boolean compared = false;
    Repetition r = new Repetition(c, i);
    while (r.next()) {
      a = c.memory.load(Addressing.linear(c, i.segment, Repetition.source(c, i), size, false), size);
      b = c.memory.load(Addressing.linear(c, Seg.ES, Repetition.destination(c, i), size, false), size);
      compared = true;
      Repetition.moveSource(c, i, step);
      Repetition.moveDestination(c, i, step);
      r.done(1);
      finishUnless(r, i, a == b);
    }
    if (compared) {
      Alu.cmp(c, a, b, size);
    }
    r.end();
  }

  private static void scas(Cpu c, Instruction i) {
    int size = i.operandSize;
    int step = Repetition.step(c, size);
    long a = Operands.zeroExtend(c.gpr[Cpu.RAX], size);
    long b = 0;
    boolean compared = false;
    Repetition r = new Repetition(c, i);
    while (r.next()) {
      b = c.memory.load(Addressing.linear(c, Seg.ES, Repetition.destination(c, i), size, false), size);
      compared = true;
      Repetition.moveDestination(c, i, step);
      r.done(1);
      finishUnless(r, i, a == b);
    }
    if (compared) {
      Alu.cmp(c, a, b, size);
    }
    r.end();
  }

  /** REPE goes on while elements are equal, REPNE while they differ. */
  private static void finishUnless(Repetition r, Instruction i, boolean equal) {
    if (equal != (i.repeat == Instruction.REP)) {
      r.finish();
    }
  }
}
