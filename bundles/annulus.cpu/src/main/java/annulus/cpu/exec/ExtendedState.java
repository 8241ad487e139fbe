package annulus.cpu.exec;

import static annulus.cpu.decode.Mnemonic.*;

import annulus.arch.CpuFeature;
import annulus.arch.Cr0;
import annulus.arch.Cr4;
import annulus.arch.Efer;
import annulus.arch.Vector;
import annulus.cpu.Addressing;
import annulus.cpu.Cpu;
import annulus.cpu.decode.Instruction;
import java.util.Arrays;

/**
 * MXCSR, FXSAVE and the XSAVE instructions (SDM 1 10.5, chapter 13; SDM 2D XRSTOR, XSAVEC). Every check comes before anything is
 * written; with {@code RFBM = XCR0 & EDX:EAX}.
 */
public final class ExtendedState implements Family {
  private static final long COMPACTED = Long.MIN_VALUE;
  private static final int LEGACY_SIZE = 512;
  private static final int AVX_SIZE = 256;

  /** An area in guest memory whose pages have been checked. */
  private record GuestBytes(Cpu cpu, long linear) implements XsaveArea.Bytes {
    @Override public long load(int offset, int size) {
      return cpu.memory.load(linear + offset, size);
    }

    @Override public void store(int offset, int size, long value) {
      cpu.memory.store(linear + offset, size, value);
    }
  }

  @Override public void define(Definitions d) {
    d.define(LDMXCSR, ExtendedState::ldmxcsr);
    d.define(STMXCSR, ExtendedState::stmxcsr);
    d.define(FXSAVE, ExtendedState::fxsave);
    d.define(FXRSTOR, ExtendedState::fxrstor);
    d.define(XSAVE, (c, i) -> xsave(c, i, false));
    d.define(XSAVEOPT, (c, i) -> xsave(c, i, true));
    d.define(XSAVEC, ExtendedState::xsavec);
    d.define(XRSTOR, ExtendedState::xrstor);
    d.define(XGETBV, (c, i) -> xgetbv(c));
  }

  private static void ldmxcsr(Cpu c, Instruction i) {
    SimdState.requireSse(c);
    SimdState.loadMxcsr(c, c.memory.load32(Addressing.linear(c, i, 4, false)));
  }

  private static void stmxcsr(Cpu c, Instruction i) {
    SimdState.requireSse(c);
    c.memory.store32(Addressing.linear(c, i, 4, true), c.mxcsr);
  }

  /** XCR0, or with ECX = 1 its components in use (SDM 2D XGETBV, SDM 1 13.2). */
  private static void xgetbv(Cpu c) {
    if ((c.paging.cr4 & Cr4.OSXSAVE) == 0) {
      throw c.ud();
    }
    int register = (int) c.gpr[Cpu.RCX];
    if (register != 0 && (register != 1 || !c.has(CpuFeature.XGETBV1))) {
      throw c.gp();
    }
    long value = register == 0 ? c.xcr0 : c.xcr0 & XsaveArea.inUse(c);
    c.gpr[Cpu.RAX] = value & 0xFFFF_FFFFL;
    c.gpr[Cpu.RDX] = value >>> 32;
  }

  private static int registers(Cpu c) {
    return c.codeBits == 64 ? 16 : 8;
  }

  /** Address of an area all of whose bytes can be accessed: at most two pages. */
  private static GuestBytes area(Cpu c, Instruction i, int size, int alignment, boolean write) {
    long linear = Addressing.linear(c, i, size, write);
    if ((linear & alignment - 1) != 0) {
      throw c.gp();
    }
    if (write) {
      c.memory.checkWrite(linear, 1);
      c.memory.checkWrite(linear + size - 1, 1);
    } else {
      c.memory.checkRead(linear, 1);
      c.memory.checkRead(linear + size - 1, 1);
    }
    return new GuestBytes(c, linear);
  }

  // ---- FXSAVE ---------------------------------------------------------------------------------------------------------------

  private static void requireFxsr(Cpu c) {
    if ((c.paging.cr0 & (Cr0.EM | Cr0.TS)) != 0) {
      throw c.fault((c.paging.cr0 & Cr0.EM) != 0 ? Vector.UD : Vector.NM);
    }
  }

  /** EFER.FFXSR: the XMM registers are left out at privilege 0 in 64-bit mode (APM 2 11.4.3). */
  private static boolean fast(Cpu c) {
    return (c.paging.efer & Efer.FFXSR) != 0 && c.cpl == 0 && c.codeBits == 64;
  }

  private static void fxsave(Cpu c, Instruction i) {
    requireFxsr(c);
    GuestBytes b = area(c, i, LEGACY_SIZE, 16, true);
    XsaveArea.saveX87(c, b, i.wide);
    XsaveArea.storeMxcsr(c, b);
    if (!fast(c)) {
      XsaveArea.storeXmm(c, b, registers(c));
    }
  }

  private static void fxrstor(Cpu c, Instruction i) {
    requireFxsr(c);
    GuestBytes b = area(c, i, LEGACY_SIZE, 16, false);
    SimdState.loadMxcsr(c, (int) b.load(XsaveArea.MXCSR, 4));
    XsaveArea.loadX87(c, b, i.wide, !XsaveArea.skipsPointers(c, (int) b.load(2, 2)));
    if (!fast(c)) {
      XsaveArea.loadXmm(c, b, registers(c));
    }
  }

  // ---- XSAVE ----------------------------------------------------------------------------------------------------------------

  private static void requireXsave(Cpu c) {
    if ((c.paging.cr4 & Cr4.OSXSAVE) == 0) {
      throw c.ud();
    }
    if ((c.paging.cr0 & Cr0.TS) != 0) {
      throw c.fault(Vector.NM);
    }
  }

  private static int requested(Cpu c) {
    return (int) (c.xcr0 & c.gpr[Cpu.RAX] & 0xFFFF_FFFFL);
  }

  private static int size(int components) {
    return XsaveArea.EXTENDED + ((components & XsaveArea.AVX) != 0 ? AVX_SIZE : 0);
  }

  /** Stores {@code components}; the offset of the AVX part is the same in both formats while nothing lies below it. */
  private static void store(Cpu c, Instruction i, GuestBytes b, int components) {
    if ((components & XsaveArea.X87) != 0) {
      XsaveArea.saveX87(c, b, i.wide);
    }
    if ((components & XsaveArea.SSE) != 0) {
      XsaveArea.storeXmm(c, b, registers(c));
    }
    if ((components & XsaveArea.AVX) != 0) {
      XsaveArea.storeYmmHigh(c, b, XsaveArea.EXTENDED, registers(c));
    }
  }

  /** XSAVE, and XSAVEOPT, which leaves out initial components. MXCSR goes with SSE and AVX both (SDM 1 13.7). */
  private static void xsave(Cpu c, Instruction i, boolean optimised) {
    requireXsave(c);
    int wanted = requested(c);
    GuestBytes b = area(c, i, size(wanted), 64, true);
    int inUse = XsaveArea.inUse(c);
    long before = b.load(XsaveArea.XSTATE_BV, 8);
    store(c, i, b, optimised ? wanted & inUse : wanted);
    if ((wanted & (XsaveArea.SSE | XsaveArea.AVX)) != 0) {
      XsaveArea.storeMxcsr(c, b);
    }
    b.store(XsaveArea.XSTATE_BV, 8, before & ~(long) wanted | wanted & inUse);
  }

  /** The compacted format; here an MXCSR other than its initial value makes SSE state be in use (SDM 1 13.10). */
  private static void xsavec(Cpu c, Instruction i) {
    requireXsave(c);
    int wanted = requested(c);
    GuestBytes b = area(c, i, size(wanted), 64, true);
    int inUse = XsaveArea.inUse(c) | (c.mxcsr != SimdState.MXCSR_RESET ? XsaveArea.SSE : 0);
    int present = wanted & inUse;
    store(c, i, b, present);
    if ((present & XsaveArea.SSE) != 0) {
      XsaveArea.storeMxcsr(c, b);
    }
    b.store(XsaveArea.XSTATE_BV, 8, present);
    b.store(XsaveArea.XCOMP_BV, 8, wanted | COMPACTED);
  }

  private static void xrstor(Cpu c, Instruction i) {
    requireXsave(c);
    int wanted = requested(c);
    GuestBytes b = area(c, i, size(wanted), 64, false);
    long present = b.load(XsaveArea.XSTATE_BV, 8);
    boolean compacted = checkHeader(c, b, present);
    boolean mxcsr = compacted
        ? (wanted & present & XsaveArea.SSE) != 0 : (wanted & (XsaveArea.SSE | XsaveArea.AVX)) != 0;
    if (mxcsr) {
      SimdState.loadMxcsr(c, (int) b.load(XsaveArea.MXCSR, 4));
    } else if (compacted && (wanted & XsaveArea.SSE) != 0) {
      c.mxcsr = SimdState.MXCSR_RESET;
    }
    restore(c, i, b, wanted, (int) present);
  }

  /** Raises #GP(0) for a header that names what is not enabled (SDM 1 13.8). @return whether the format is the compacted one */
  private static boolean checkHeader(Cpu c, GuestBytes b, long present) {
    long format = b.load(XsaveArea.XCOMP_BV, 8);
    boolean compacted = format < 0 && c.has(CpuFeature.XSAVEC);
    long reserved = 0;
    // The standard format has zeros in header bytes 23-8, the compacted one in bytes 63-16.
    for (int offset = compacted ? 16 : 8; offset < (compacted ? 64 : 24); offset += 8) {
      reserved |= b.load(XsaveArea.XSTATE_BV + offset, 8);
    }
    boolean valid = compacted
        ? (format & ~COMPACTED & ~c.xcr0) == 0 && (present & ~format | present & COMPACTED) == 0
        : (present & ~c.xcr0) == 0;
    if (reserved != 0 || !valid) {
      throw c.gp();
    }
    return compacted;
  }

  private static void restore(Cpu c, Instruction i, GuestBytes b, int wanted, int present) {
    if ((wanted & XsaveArea.X87) != 0) {
      if ((present & XsaveArea.X87) != 0) {
        XsaveArea.loadX87(c, b, i.wide, !XsaveArea.skipsPointers(c, (int) b.load(2, 2)));
      } else {
        XsaveArea.initialiseX87(c);
      }
    }
    if ((wanted & XsaveArea.SSE) != 0) {
      if ((present & XsaveArea.SSE) != 0) {
        XsaveArea.loadXmm(c, b, registers(c));
      } else {
        Arrays.fill(c.xmm, 0, 2 * registers(c), 0);
      }
    }
    if ((wanted & XsaveArea.AVX) != 0) {
      if ((present & XsaveArea.AVX) != 0) {
        XsaveArea.loadYmmHigh(c, b, XsaveArea.EXTENDED, registers(c));
      } else {
        Arrays.fill(c.ymmHigh, 0, 2 * registers(c), 0);
      }
    }
  }
}
