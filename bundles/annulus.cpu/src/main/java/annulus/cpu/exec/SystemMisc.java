package annulus.cpu.exec;

import annulus.arch.Cr4;
import annulus.arch.CpuFeature;
import annulus.arch.Rflags;
import annulus.arch.Seg;
import annulus.arch.VcpuState;
import annulus.cpu.Addressing;
import annulus.cpu.Cpu;
import annulus.cpu.Operands;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;

/** Other system instructions: HLT, MONITOR, MWAIT, TLB and cache invalidation, STAC, CLAC, protection-key rights. */
public final class SystemMisc implements Family {
  private static final int MAX_PCID = 0xFFF;
  /** More PAUSE instructions in a row than any engine waits for before it yields. */
  private static final int MANY_PAUSES = 1 << 20;

  @Override public void define(Definitions definitions) {
    definitions.define(Mnemonic.HLT, (c, i) -> {
      c.requireRing0();
      c.activity = VcpuState.Activity.HALTED;
      c.endBlock = true;
    });
    definitions.define(Mnemonic.MONITOR, SystemMisc::monitor);
    definitions.define(Mnemonic.MWAIT, SystemMisc::monitorWait);
    definitions.define(Mnemonic.INVLPG, SystemMisc::invalidatePage);
    definitions.define(Mnemonic.INVPCID, SystemMisc::invalidatePcid);
    // Guest memory is coherent: there is no cache to write back or lose.
    definitions.define(Mnemonic.INVD, (c, i) -> c.requireRing0());
    definitions.define(Mnemonic.WBINVD, (c, i) -> c.requireRing0());
    definitions.define(Mnemonic.WBNOINVD, (c, i) -> c.requireRing0());
    definitions.define(Mnemonic.STAC, (c, i) -> setAlignmentCheck(c, Rflags.AC));
    definitions.define(Mnemonic.CLAC, (c, i) -> setAlignmentCheck(c, 0));
    definitions.define(Mnemonic.RDPKRU, (c, i) -> {
      requireProtectionKeys(c);
      c.gpr[Cpu.RAX] = c.paging.pkru & 0xFFFF_FFFFL;
      c.gpr[Cpu.RDX] = 0;
    });
    definitions.define(Mnemonic.WRPKRU, (c, i) -> {
      requireProtectionKeys(c);
      if ((int) c.gpr[Cpu.RDX] != 0) {
        throw c.gp();
      }
      int value = (int) c.gpr[Cpu.RAX];
      // Linux writes the same value at each exec, and mostly the same at each switch.
      if (value != c.paging.pkru) {
        c.paging.pkru = value;
        c.memory.contextsChanged();
        c.endBlock = true;
      }
    });
  }

  /** MONITOR: checks its address; what it would arm, {@link #monitorWait} does not use. */
  private static void monitor(Cpu c, Instruction i) {
    requireMonitor(c);
    if ((int) c.gpr[Cpu.RCX] != 0) {
      throw c.gp();
    }
    long mask = i.addressSize == 8 ? -1L : i.addressSize == 4 ? 0xFFFF_FFFFL : 0xFFFF;
    c.memory.load8(Addressing.linear(c, i.segment, c.gpr[Cpu.RAX] & mask, 1, false));
  }

  /** MWAIT may return at any time (SDM 2B MWAIT): it gives way to other processors and goes on. */
  private static void monitorWait(Cpu c, Instruction i) {
    requireMonitor(c);
    if ((c.gpr[Cpu.RCX] & 0xFFFF_FFFEL) != 0) {
      throw c.gp();
    }
    c.pauses |= MANY_PAUSES;
    c.endBlock = true;
  }

  /** MONITOR and MWAIT do not exist above privilege 0. */
  private static void requireMonitor(Cpu c) {
    if (c.cpl != 0) {
      throw c.ud();
    }
  }

  private static void invalidatePage(Cpu c, Instruction i) {
    c.requireRing0();
    long offset = Addressing.offset(c, i);
    long linear;
    if (c.codeBits == 64) {
      linear = i.segment >= Seg.FS ? c.seg[i.segment].base + offset : offset;
      if (!c.canonical(linear)) {
        // Not an error: nothing is cached there (SDM 2A INVLPG).
        return;
      }
    } else {
      linear = c.seg[i.segment].base + offset & 0xFFFF_FFFFL;
    }
    c.context.translation().invalidatePage(c.paging, linear, c.memory.tlb);
    c.endBlock = true;
  }

  private static void invalidatePcid(Cpu c, Instruction i) {
    c.requireRing0();
    long type = Operands.read(c, i, 0);
    long at = Addressing.linear(c, i, 16, false);
    long pcid = c.memory.load64(at);
    long linear = c.memory.load64(at + 8);
    boolean usesPcid = type <= 1;
    if (Long.compareUnsigned(type, 3) > 0 || usesPcid && (pcid & ~(long) MAX_PCID) != 0
        || usesPcid && (c.paging.cr4 & Cr4.PCIDE) == 0 && pcid != 0 || type == 0 && !c.canonical(linear)) {
      throw c.gp();
    }
    c.context.translation().invalidatePcid(c.paging, (int) type, (int) pcid & MAX_PCID, linear, c.memory.tlb);
    c.endBlock = true;
  }

  private static void setAlignmentCheck(Cpu c, int value) {
    if (c.cpl != 0) {
      throw c.ud();
    }
    if ((c.systemFlags & Rflags.AC) != value) {
      c.systemFlags ^= Rflags.AC;
      c.paging.alignmentCheck = value != 0;
      c.memory.contextsChanged();
    }
  }

  private static void requireProtectionKeys(Cpu c) {
    if (!c.has(CpuFeature.PKU) || (c.paging.cr4 & Cr4.PKE) == 0) {
      throw c.ud();
    }
    if ((int) c.gpr[Cpu.RCX] != 0) {
      throw c.gp();
    }
  }
}
