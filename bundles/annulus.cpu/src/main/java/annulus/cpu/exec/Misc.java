package annulus.cpu.exec;

import annulus.arch.Cr4;
import annulus.arch.Rflags;
import annulus.arch.Seg;
import annulus.arch.Vector;
import annulus.cpu.Addressing;
import annulus.cpu.Cpu;
import annulus.cpu.Flags;
import annulus.cpu.Operands;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;
import annulus.vendor.CpuidContext;
import annulus.vendor.CpuidResult;
import java.lang.invoke.VarHandle;

/**
 * What any program may ask the processor for, SDM 2A-2C: NOP and hints, PAUSE, CPUID, the time-stamp counter, random numbers, cache
 * lines and fences, BOUND, the bases of FS and GS.
 */
public final class Misc implements Family {
  /** Size of a cache line in bytes. */
  private static final int LINE = 64;

  @Override public void define(Definitions d) {
    Semantics nothing = (c, i) -> {};
    for (Mnemonic m : new Mnemonic[] {Mnemonic.NOP, Mnemonic.ENDBR32, Mnemonic.ENDBR64, Mnemonic.PREFETCH, Mnemonic.PREFETCHW,
        Mnemonic.PREFETCHNTA, Mnemonic.PREFETCHT0, Mnemonic.PREFETCHT1, Mnemonic.PREFETCHT2}) {
      d.define(m, nothing);
    }
    d.define(Mnemonic.PAUSE, (c, i) -> c.pauses++);
    d.define(Mnemonic.CPUID, Misc::cpuid);
    d.define(Mnemonic.RDTSC, Misc::rdtsc);
    d.define(Mnemonic.RDTSCP, Misc::rdtscp);
    d.define(Mnemonic.RDPID, (c, i) -> Operands.write(c, i, 0, c.tscAux));
    d.define(Mnemonic.RDPMC, Misc::rdpmc);
    d.define(Mnemonic.RDRAND, Misc::random);
    d.define(Mnemonic.RDSEED, Misc::random);
    d.define(Mnemonic.BOUND, Misc::bound);
    d.define(Mnemonic.CLFLUSH, Misc::cacheLine);
    d.define(Mnemonic.CLFLUSHOPT, Misc::cacheLine);
    d.define(Mnemonic.CLWB, Misc::cacheLine);
    d.define(Mnemonic.CLZERO, Misc::clearLine);
    d.define(Mnemonic.LFENCE, (c, i) -> VarHandle.loadLoadFence());
    d.define(Mnemonic.SFENCE, (c, i) -> VarHandle.storeStoreFence());
    d.define(Mnemonic.MFENCE, (c, i) -> VarHandle.fullFence());
    d.define(Mnemonic.RDFSBASE, (c, i) -> readBase(c, i, Seg.FS));
    d.define(Mnemonic.RDGSBASE, (c, i) -> readBase(c, i, Seg.GS));
    d.define(Mnemonic.WRFSBASE, (c, i) -> writeBase(c, i, Seg.FS));
    d.define(Mnemonic.WRGSBASE, (c, i) -> writeBase(c, i, Seg.GS));
  }

  private static void cpuid(Cpu c, Instruction i) {
    CpuidContext context = new CpuidContext(c.context.index(), c.context.processors(), c.paging.cr4, c.xcr0,
        c.context.bus().apicEnabled());
    CpuidResult result = c.context.model().cpuid((int) c.gpr[Cpu.RAX], (int) c.gpr[Cpu.RCX], context);
    Operands.writeRegister(c, Cpu.RAX, 4, result.eax());
    Operands.writeRegister(c, Cpu.RBX, 4, result.ebx());
    Operands.writeRegister(c, Cpu.RCX, 4, result.ecx());
    Operands.writeRegister(c, Cpu.RDX, 4, result.edx());
  }

  private static void rdtsc(Cpu c, Instruction i) {
    if ((c.paging.cr4 & Cr4.TSD) != 0 && c.cpl != 0) {
      throw c.gp();
    }
    long tsc = c.tsc();
    Operands.writeRegister(c, Cpu.RAX, 4, tsc);
    Operands.writeRegister(c, Cpu.RDX, 4, tsc >>> 32);
  }

  private static void rdtscp(Cpu c, Instruction i) {
    rdtsc(c, i);
    Operands.writeRegister(c, Cpu.RCX, 4, c.tscAux);
  }

  /** No model has performance counters: every counter number is invalid, and without CR4.PCE the instruction is ring 0's. */
  private static void rdpmc(Cpu c, Instruction i) {
    throw c.gp();
  }

  /** CF says that the value is valid, which it always is; the other flags are clear. */
  private static void random(Cpu c, Instruction i) {
    Operands.write(c, i, 0, c.context.random());
    Flags.setStatus(c, Rflags.CF);
  }

  private static void bound(Cpu c, Instruction i) {
    int size = i.size0;
    long index = Operands.signExtend(Operands.read(c, i, 0), size);
    long linear = Addressing.linear(c, i, 2 * size, false);
    long lower = Operands.signExtend(c.memory.load(linear, size), size);
    long upper = Operands.signExtend(c.memory.load(linear + size, size), size);
    if (index < lower || index > upper) {
      throw c.fault(Vector.BR);
    }
  }

  /** Memory is coherent; what remains is that the line must be readable. */
  private static void cacheLine(Cpu c, Instruction i) {
    c.memory.checkRead(Addressing.linear(c, i, 1, false), 1);
  }

  /** Clears the 64 bytes around the address in rAX, APM 3 CLZERO. */
  private static void clearLine(Cpu c, Instruction i) {
    long offset = Operands.zeroExtend(c.gpr[Cpu.RAX], i.addressSize) & -LINE;
    long linear = Addressing.linear(c, i.segment, offset, LINE, true) & -LINE;
    c.memory.checkWrite(linear, LINE);
    for (int at = 0; at < LINE; at += 8) {
      c.memory.store64(linear + at, 0);
    }
  }

  private static void requireFsGsBase(Cpu c) {
    if (c.codeBits != 64 || (c.paging.cr4 & Cr4.FSGSBASE) == 0) {
      throw c.ud();
    }
  }

  private static void readBase(Cpu c, Instruction i, int s) {
    requireFsGsBase(c);
    Operands.write(c, i, 0, c.seg[s].base);
  }

  private static void writeBase(Cpu c, Instruction i, int s) {
    requireFsGsBase(c);
    long base = Operands.read(c, i, 0);
    if (!c.canonical(base)) {
      throw c.gp();
    }
    c.seg[s].base = base;
  }
}
