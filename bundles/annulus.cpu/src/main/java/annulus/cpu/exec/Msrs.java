package annulus.cpu.exec;

import annulus.arch.Cr0;
import annulus.arch.CpuFeature;
import annulus.arch.Efer;
import annulus.arch.Msr;
import annulus.arch.Seg;
import annulus.cpu.Cpu;
import annulus.cpu.decode.Mnemonic;

/**
 * RDMSR and WRMSR, SDM 4 chapter 2. The architectural registers are here; the local APIC's are on the bus, all others are the
 * vendor's. A register that the model does not have raises #GP.
 */
public final class Msrs implements Family {
  private static final long SPEC_CTRL_VALID = 7;
  private static final long BHI_DIS_S = 1 << 10;
  private static final long IBPB = 1;

  @Override public void define(Definitions definitions) {
    definitions.define(Mnemonic.RDMSR, (c, i) -> {
      c.requireRing0();
      long value = read(c, (int) c.gpr[Cpu.RCX]);
      c.gpr[Cpu.RAX] = value & 0xFFFF_FFFFL;
      c.gpr[Cpu.RDX] = value >>> 32;
    });
    definitions.define(Mnemonic.WRMSR, (c, i) -> {
      c.requireRing0();
      write(c, (int) c.gpr[Cpu.RCX], c.gpr[Cpu.RDX] << 32 | c.gpr[Cpu.RAX] & 0xFFFF_FFFFL);
    });
  }

  /** The value of a register. Raises #GP where it does not exist. */
  public static long read(Cpu c, int msr) {
    if (exists(c, msr)) {
      return value(c, msr);
    }
    if (c.context.bus().apicMsrReadable(msr)) {
      long value = c.context.bus().readApicMsr(msr);
      return msr == Msr.TSC_DEADLINE && value != 0 ? value + c.tscOffset : value;
    }
    if (!architectural(msr) && c.vendorMsrs.readable(msr)) {
      return c.vendorMsrs.read(msr);
    }
    throw c.gp();
  }

  /** Writes a register. Raises #GP where it does not exist, is read-only or would get reserved bits. */
  public static void write(Cpu c, int msr, long value) {
    boolean done;
    if (exists(c, msr)) {
      done = set(c, msr, value);
    } else {
      long written = msr == Msr.TSC_DEADLINE ? machineDeadline(value, c.tscOffset) : value;
      done = !architectural(msr) && (c.context.bus().writeApicMsr(msr, written) || c.vendorMsrs.write(msr, value));
    }
    if (!done) {
      throw c.gp();
    }
    c.endBlock = true;
  }

  /** A deadline in the machine's time: 0, which is off, stays 0, and what lies before its start is long past. */
  private static long machineDeadline(long deadline, long offset) {
    return deadline == 0 ? 0 : Math.max(deadline - offset, 1);
  }

  /** Moves the processor's counter; a deadline that is set stays where the guest sees it. */
  private static void moveCounter(Cpu c, long change) {
    c.tscOffset += change;
    c.tscAdjust += change;
    if (c.context.bus().apicMsrReadable(Msr.TSC_DEADLINE)) {
      long deadline = c.context.bus().readApicMsr(Msr.TSC_DEADLINE);
      if (deadline != 0) {
        c.context.bus().writeApicMsr(Msr.TSC_DEADLINE, machineDeadline(deadline, change));
      }
    }
  }

  /** Whether the number is one of this file's, whatever the model has. */
  public static boolean architectural(int msr) {
    return switch (msr) {
      case Msr.TSC, Msr.TSC_ADJUST, Msr.SPEC_CTRL, Msr.PRED_CMD, Msr.MTRR_CAP, Msr.SYSENTER_CS, Msr.SYSENTER_ESP, Msr.SYSENTER_EIP,
          Msr.MCG_CAP, Msr.MCG_STATUS, Msr.PAT, Msr.MTRR_DEF_TYPE, Msr.XSS, Msr.EFER, Msr.STAR, Msr.LSTAR, Msr.CSTAR, Msr.FMASK,
          Msr.FS_BASE, Msr.GS_BASE, Msr.KERNEL_GS_BASE, Msr.TSC_AUX -> true;
      default -> MemoryTypeMsrs.fixed(msr) >= 0 || MemoryTypeMsrs.variable(msr) >= 0 || MachineCheckMsrs.isBank(msr);
    };
  }

  /** Whether the model has this architectural register. */
  public static boolean exists(Cpu c, int msr) {
    if (!architectural(msr)) {
      return false;
    }
    return switch (msr) {
      case Msr.TSC -> c.has(CpuFeature.TSC);
      case Msr.TSC_ADJUST -> c.has(CpuFeature.TSC_ADJUST);
      case Msr.SPEC_CTRL, Msr.PRED_CMD -> c.has(CpuFeature.SPEC_CTRL);
      case Msr.SYSENTER_CS, Msr.SYSENTER_ESP, Msr.SYSENTER_EIP -> c.has(CpuFeature.SEP);
      case Msr.PAT -> c.has(CpuFeature.PAT);
      // No supervisor state component is modelled: XSAVES does not exist, so IA32_XSS does not either.
      case Msr.XSS -> false;
      case Msr.EFER -> c.has(CpuFeature.LONG_MODE) || c.has(CpuFeature.NX) || c.has(CpuFeature.SYSCALL);
      case Msr.STAR -> c.has(CpuFeature.SYSCALL);
      case Msr.LSTAR, Msr.CSTAR, Msr.FMASK, Msr.FS_BASE, Msr.GS_BASE, Msr.KERNEL_GS_BASE -> c.has(CpuFeature.LONG_MODE);
      case Msr.TSC_AUX -> c.has(CpuFeature.RDTSCP) || c.has(CpuFeature.RDPID);
      case Msr.MCG_CAP, Msr.MCG_STATUS -> c.has(CpuFeature.MCA);
      default -> MachineCheckMsrs.isBank(msr) ? c.has(CpuFeature.MCA) : c.has(CpuFeature.MTRR);
    };
  }

  private static long value(Cpu c, int msr) {
    return switch (msr) {
      case Msr.TSC -> c.tsc();
      case Msr.TSC_ADJUST -> c.tscAdjust;
      case Msr.SPEC_CTRL -> c.coldMsrs.specCtrl;
      // Write-only: a command, not a state.
      case Msr.PRED_CMD -> throw c.gp();
      case Msr.MTRR_CAP -> MemoryTypeMsrs.CAPABILITY;
      case Msr.SYSENTER_CS -> c.sysenterCs;
      case Msr.SYSENTER_ESP -> c.sysenterEsp;
      case Msr.SYSENTER_EIP -> c.sysenterEip;
      case Msr.MCG_CAP -> MachineCheckMsrs.CAPABILITY;
      case Msr.MCG_STATUS -> c.coldMsrs.mcgStatus;
      case Msr.PAT -> c.pat;
      case Msr.MTRR_DEF_TYPE -> c.coldMsrs.mtrrDefault;
      case Msr.EFER -> c.paging.efer;
      case Msr.STAR -> c.star;
      case Msr.LSTAR -> c.lstar;
      case Msr.CSTAR -> c.cstar;
      case Msr.FMASK -> c.syscallMask;
      case Msr.FS_BASE -> c.seg[Seg.FS].base;
      case Msr.GS_BASE -> c.seg[Seg.GS].base;
      case Msr.KERNEL_GS_BASE -> c.kernelGsBase;
      case Msr.TSC_AUX -> c.tscAux;
      default -> {
        int n = MemoryTypeMsrs.fixed(msr);
        if (n >= 0) {
          yield c.coldMsrs.mtrrFixed[n];
        }
        n = MemoryTypeMsrs.variable(msr);
        yield n >= 0 ? c.coldMsrs.mtrrVariable[n] : MachineCheckMsrs.read(c.coldMsrs, msr);
      }
    };
  }

  /** Whether {@code value} may be written to an existing register: everything but EFER's rules about the current mode. */
  public static boolean valid(Cpu c, int msr, long value) {
    if (holdsAddress(msr)) {
      return c.canonical(value);
    }
    return switch (msr) {
      case Msr.SPEC_CTRL -> (value & ~(SPEC_CTRL_VALID | (c.has(CpuFeature.BHI_CTRL) ? BHI_DIS_S : 0))) == 0;
      case Msr.PRED_CMD -> (value & ~IBPB) == 0;
      case Msr.MTRR_CAP, Msr.MCG_CAP -> false;
      case Msr.MCG_STATUS -> (value & ~7L) == 0;
      case Msr.PAT -> MemoryTypeMsrs.patValid(value);
      case Msr.MTRR_DEF_TYPE -> MemoryTypeMsrs.defaultValid(value);
      case Msr.EFER -> (value & ~eferValid(c)) == 0;
      case Msr.FMASK, Msr.TSC_AUX -> value >>> 32 == 0;
      default -> {
        int n = MemoryTypeMsrs.fixed(msr);
        if (n >= 0) {
          yield MemoryTypeMsrs.fixedValid(value);
        }
        n = MemoryTypeMsrs.variable(msr);
        yield n < 0 || MemoryTypeMsrs.variableValid(c, n, value);
      }
    };
  }

  /** Whether the register takes canonical addresses only. */
  public static boolean holdsAddress(int msr) {
    return switch (msr) {
      case Msr.LSTAR, Msr.CSTAR, Msr.FS_BASE, Msr.GS_BASE, Msr.KERNEL_GS_BASE, Msr.SYSENTER_ESP, Msr.SYSENTER_EIP -> true;
      default -> false;
    };
  }

  private static boolean set(Cpu c, int msr, long value) {
    if (!valid(c, msr, value)) {
      return false;
    }
    switch (msr) {
      // Either moves the other by the same amount (SDM 3B 17.17.3).
      case Msr.TSC -> moveCounter(c, value - c.tsc());
      case Msr.TSC_ADJUST -> moveCounter(c, value - c.tscAdjust);
      case Msr.SPEC_CTRL -> c.coldMsrs.specCtrl = value;
      case Msr.PRED_CMD -> { }
      case Msr.SYSENTER_CS -> c.sysenterCs = value & 0xFFFF_FFFFL;
      case Msr.SYSENTER_ESP -> c.sysenterEsp = value;
      case Msr.SYSENTER_EIP -> c.sysenterEip = value;
      case Msr.MCG_STATUS -> c.coldMsrs.mcgStatus = value;
      case Msr.PAT -> c.pat = value;
      case Msr.MTRR_DEF_TYPE -> c.coldMsrs.mtrrDefault = value;
      case Msr.EFER -> {
        return setEfer(c, value);
      }
      case Msr.STAR -> c.star = value;
      case Msr.LSTAR -> c.lstar = value;
      case Msr.CSTAR -> c.cstar = value;
      case Msr.FMASK -> c.syscallMask = value;
      case Msr.FS_BASE -> c.seg[Seg.FS].base = value;
      case Msr.GS_BASE -> c.seg[Seg.GS].base = value;
      case Msr.KERNEL_GS_BASE -> c.kernelGsBase = value;
      case Msr.TSC_AUX -> c.tscAux = value;
      default -> {
        int n = MemoryTypeMsrs.fixed(msr);
        if (n >= 0) {
          c.coldMsrs.mtrrFixed[n] = value;
        } else if ((n = MemoryTypeMsrs.variable(msr)) >= 0) {
          c.coldMsrs.mtrrVariable[n] = value;
        } else {
          return MachineCheckMsrs.write(c.coldMsrs, msr, value);
        }
      }
    }
    return true;
  }

  /** Bits of IA32_EFER that this model has. */
  public static long eferValid(Cpu c) {
    return (c.has(CpuFeature.SYSCALL) ? Efer.SCE : 0) | (c.has(CpuFeature.LONG_MODE) ? Efer.LME | Efer.LMA : 0)
        | (c.has(CpuFeature.NX) ? Efer.NXE : 0) | (c.has(CpuFeature.SVM) ? Efer.SVME : 0)
        | (c.has(CpuFeature.FFXSR) ? Efer.FFXSR : 0) | (c.has(CpuFeature.AUTOMATIC_IBRS) ? Efer.AIBRSE : 0);
  }

  /** LME cannot change while paging is on; LMA is the processor's own (SDM 3A 2.2.1). */
  private static boolean setEfer(Cpu c, long written) {
    long old = c.paging.efer;
    if ((c.paging.cr0 & Cr0.PG) != 0 && ((written ^ old) & Efer.LME) != 0) {
      return false;
    }
    c.paging.efer = written & ~Efer.LMA | old & Efer.LMA;
    if (((written ^ old) & Efer.NXE) != 0) {
      c.context.translation().modeChanged(c.paging, c.memory.tlb);
    }
    c.modeChanged();
    return true;
  }
}
