package annulus.cpu.exec;

import annulus.arch.Cr0;
import annulus.arch.Cr4;
import annulus.arch.CpuFeature;
import annulus.arch.Efer;
import annulus.arch.Seg;
import annulus.cpu.Cpu;
import annulus.cpu.Operands;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;

/** Control registers: MOV CRn, LMSW, SMSW, CLTS, XSETBV, with the mode switches they make (SDM 3A 2.5, 4.1.2, 9.8.5). */
public final class ControlRegisters implements Family {
  private static final long CR0_VALID =
      Cr0.PE | Cr0.MP | Cr0.EM | Cr0.TS | Cr0.ET | Cr0.NE | Cr0.WP | Cr0.AM | Cr0.NW | Cr0.CD | Cr0.PG;
  private static final long NO_FLUSH = 1L << 63;
  private static final long X87 = 1;
  private static final long SSE = 2;
  private static final long AVX = 4;

  @Override public void define(Definitions definitions) {
    definitions.define(Mnemonic.LMSW, ControlRegisters::loadMachineStatus);
    definitions.define(Mnemonic.SMSW, (c, i) -> {
      SystemTables.requireNoUserModePrevention(c);
      Operands.write(c, i, 0, c.paging.cr0);
    });
    definitions.define(Mnemonic.CLTS, (c, i) -> {
      c.requireRing0();
      c.paging.cr0 &= ~Cr0.TS;
      c.endBlock = true;
    });
    definitions.define(Mnemonic.XSETBV, (c, i) -> setExtendedControl(c));
  }

  /** MOV with a control register on either side. */
  public static void move(Cpu c, Instruction i) {
    boolean write = i.kind0 == Instruction.CONTROL;
    int number = write ? i.reg0 : i.reg1;
    if (number == 1 || number > 4 && number != 8) {
      throw c.ud();
    }
    c.requireRing0();
    if (!write) {
      Operands.writeRegister(c, i.reg0, c.codeBits == 64 ? 8 : 4, read(c, number));
      return;
    }
    long value = c.codeBits == 64 ? c.gpr[i.reg1] : c.gpr[i.reg1] & 0xFFFF_FFFFL;
    switch (number) {
      case 0 -> writeCr0(c, value);
      case 2 -> c.cr2 = value;
      case 3 -> writeCr3(c, value);
      case 4 -> writeCr4(c, value);
      default -> writeCr8(c, value);
    }
  }

  private static long read(Cpu c, int number) {
    return switch (number) {
      case 0 -> c.paging.cr0;
      case 2 -> c.cr2;
      case 3 -> c.paging.cr3;
      case 4 -> c.paging.cr4;
      default -> c.context.bus().taskPriority();
    };
  }

  private static void loadMachineStatus(Cpu c, Instruction i) {
    c.requireRing0();
    // PE can be set but not cleared this way.
    long low = Operands.read(c, i, 0) & (Cr0.PE | Cr0.MP | Cr0.EM | Cr0.TS);
    long kept = c.paging.cr0 & ~(Cr0.MP | Cr0.EM | Cr0.TS);
    writeCr0(c, kept | low);
  }

  static void writeCr0(Cpu c, long written) {
    if (written >>> 32 != 0) {
      throw c.gp();
    }
    long value = written & CR0_VALID | Cr0.ET;
    long old = c.paging.cr0;
    boolean paging = (value & Cr0.PG) != 0;
    if (paging && (value & Cr0.PE) == 0 || (value & Cr0.NW) != 0 && (value & Cr0.CD) == 0) {
      throw c.gp();
    }
    boolean starts = paging && (old & Cr0.PG) == 0;
    boolean ends = !paging && (old & Cr0.PG) != 0;
    boolean longModeEnabled = (c.paging.efer & Efer.LME) != 0;
    if (starts && longModeEnabled
        && ((c.paging.cr4 & Cr4.PAE) == 0 || c.seg[Seg.CS].isLong() || !TaskState.is32(c.seg[Seg.TR]))) {
      throw c.gp();
    }
    if (ends && (c.codeBits == 64 || (c.paging.cr4 & Cr4.PCIDE) != 0)) {
      throw c.gp();
    }
    boolean pae = paging && (c.paging.cr4 & Cr4.PAE) != 0 && !longModeEnabled;
    if (pae && ((value ^ old) & (Cr0.PG | Cr0.CD | Cr0.NW)) != 0) {
      loadPdptes(c, c.paging.cr3);
    }
    c.paging.cr0 = value;
    if (starts && longModeEnabled) {
      c.paging.efer |= Efer.LMA;
    } else if (ends) {
      c.paging.efer &= ~Efer.LMA;
    }
    if (((value ^ old) & (Cr0.PG | Cr0.WP | Cr0.PE)) != 0) {
      c.context.translation().modeChanged(c.paging, c.memory.tlb);
    }
    c.modeChanged();
  }

  private static void loadPdptes(Cpu c, long cr3) {
    if (!c.context.translation().loadPdptes(c.paging, cr3, c.paging.pdpte)) {
      throw c.gp();
    }
  }

  private static void writeCr3(Cpu c, long written) {
    boolean pcids = (c.paging.cr4 & Cr4.PCIDE) != 0;
    boolean keep = pcids && (written & NO_FLUSH) != 0;
    long value = keep ? written & ~NO_FLUSH : written;
    if (value >>> c.context.model().physicalBits() != 0 && c.longMode()) {
      throw c.gp();
    }
    boolean pae = (c.paging.cr0 & Cr0.PG) != 0 && (c.paging.cr4 & Cr4.PAE) != 0 && !c.longMode();
    if (pae) {
      loadPdptes(c, value);
    }
    c.paging.cr3 = value;
    c.context.translation().rootLoaded(c.paging, keep, c.memory.tlb);
    c.memory.contextsChanged();
    c.endBlock = true;
  }

  private static void writeCr4(Cpu c, long value) {
    long old = c.paging.cr4;
    long changed = value ^ old;
    if ((value & ~c.cr4Valid) != 0) {
      throw c.gp();
    }
    if (c.longMode() && ((value & Cr4.PAE) == 0 || (changed & Cr4.LA57) != 0)) {
      throw c.gp();
    }
    boolean pcidsStart = (changed & value & Cr4.PCIDE) != 0;
    if (pcidsStart && (!c.longMode() || (c.paging.cr3 & 0xFFF) != 0)) {
      throw c.gp();
    }
    boolean pae = (c.paging.cr0 & Cr0.PG) != 0 && (value & Cr4.PAE) != 0 && !c.longMode();
    if (pae && (changed & (Cr4.PAE | Cr4.PGE | Cr4.PSE | Cr4.SMEP)) != 0) {
      loadPdptes(c, c.paging.cr3);
    }
    c.paging.cr4 = value;
    if ((changed & (Cr4.PSE | Cr4.PAE | Cr4.PGE | Cr4.PCIDE | Cr4.SMEP | Cr4.SMAP | Cr4.PKE | Cr4.LA57)) != 0) {
      c.context.translation().modeChanged(c.paging, c.memory.tlb);
    }
    c.modeChanged();
  }

  private static void writeCr8(Cpu c, long value) {
    if ((value & ~0xFL) != 0) {
      throw c.gp();
    }
    c.context.bus().setTaskPriority((int) value);
    c.endBlock = true;
  }

  /** XCR0 bits of this model. */
  public static long extendedControlValid(Cpu c) {
    return X87 | SSE | (c.has(CpuFeature.AVX) ? AVX : 0);
  }

  /** Whether XCR0 may have this value (SDM 3A 2.6). */
  public static boolean extendedControlPossible(Cpu c, long value) {
    return (value & X87) != 0 && (value & ~extendedControlValid(c)) == 0 && ((value & AVX) == 0 || (value & SSE) != 0);
  }

  private static void setExtendedControl(Cpu c) {
    requireOsxsave(c);
    c.requireRing0();
    long value = c.gpr[Cpu.RDX] << 32 | c.gpr[Cpu.RAX] & 0xFFFF_FFFFL;
    if ((int) c.gpr[Cpu.RCX] != 0 || !extendedControlPossible(c, value)) {
      throw c.gp();
    }
    c.xcr0 = value;
    c.endBlock = true;
  }

  private static void requireOsxsave(Cpu c) {
    if ((c.paging.cr4 & Cr4.OSXSAVE) == 0) {
      throw c.ud();
    }
  }
}
