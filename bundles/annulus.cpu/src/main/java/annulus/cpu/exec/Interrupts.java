package annulus.cpu.exec;

import annulus.arch.Cr4;
import annulus.arch.Rflags;
import annulus.arch.VcpuState;
import annulus.arch.Vector;
import annulus.cpu.Cpu;
import annulus.cpu.GuestFault;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;

/**
 * Delivery of interrupts and exceptions, and the instructions INT n, INT3, INTO, INT1 (SDM 3A chapter 6). A fault during delivery
 * is classified as table 6-5 says: handled instead of the first, a double fault, or shutdown.
 */
public final class Interrupts implements Family {
  /** Kinds of events, as a VMCS numbers them (SDM 3C 24.8.3). */
  public static final int EXTERNAL = 0;
  public static final int NMI = 2;
  /** A fault, or a trap of the processor's own: debug traps. */
  public static final int EXCEPTION = 3;
  /** INT n. */
  public static final int SOFTWARE = 4;
  /** INT1. */
  public static final int PRIVILEGED_SOFTWARE_EXCEPTION = 5;
  /** INT3, INTO. */
  public static final int SOFTWARE_EXCEPTION = 6;

  private static final int CONTRIBUTORY =
      1 << Vector.DE | 1 << Vector.TS | 1 << Vector.NP | 1 << Vector.SS | 1 << Vector.GP | 1 << 21;
  /**
   * Faults of benign class can follow one another without end (an unaligned ring-3 frame for #AC, say), where a real processor
   * loops in microcode for ever. This many make a shutdown here, so that the monitor stays in control.
   */
  private static final int LONGEST_CHAIN = 16;

  @Override public void define(Definitions definitions) {
    definitions.define(Mnemonic.INT, Interrupts::interrupt);
    definitions.define(Mnemonic.INT3, (c, i) -> InterruptGates.enter(c, Vector.BP, 0, SOFTWARE_EXCEPTION));
    definitions.define(Mnemonic.INTO, (c, i) -> {
      if (annulus.cpu.Flags.of(c)) {
        InterruptGates.enter(c, Vector.OF, 0, SOFTWARE_EXCEPTION);
      }
    });
    definitions.define(Mnemonic.INT1, (c, i) -> {
      c.dr[7] &= ~DebugTraps.GD;
      InterruptGates.enter(c, Vector.DB, 0, PRIVILEGED_SOFTWARE_EXCEPTION);
    });
  }

  /** INT n; in virtual-8086 mode by table 20-2 of SDM 3A 20.3. */
  private static void interrupt(Cpu c, Instruction i) {
    int vector = (int) i.immediate & 0xFF;
    if (c.virtual8086()) {
      if ((c.paging.cr4 & Cr4.VME) != 0 && !TaskState.redirectsToProtectedMode(c, vector)) {
        RealModeInterrupts.enterVirtual8086(c, vector);
        return;
      }
      if (c.iopl() < 3) {
        throw c.gp();
      }
    }
    InterruptGates.enter(c, vector, 0, SOFTWARE);
  }

  /**
   * Delivers an event at {@code cpu.rip}: for faults the instruction that faulted, else the next one. Faults on the way are
   * delivered in its place.
   *
   * @param errorCode for exceptions that have one
   * @param kind {@link #EXTERNAL} and so on
   * @return false for a triple fault: the processor is in shutdown
   */
  public static boolean deliver(Cpu c, int vector, int errorCode, int kind) {
    c.stiShadow = false;
    c.movSsShadow = false;
    c.activity = VcpuState.Activity.ACTIVE;
    if (kind == EXCEPTION) {
      // The instruction did not complete, or its traps are what is being delivered.
      c.pendingDebug = 0;
    } else if (kind == NMI) {
      c.nmiBlocked = true;
    }
    int v = vector;
    int code = errorCode;
    int k = kind;
    for (int n = 0; n < LONGEST_CHAIN; n++) {
      try {
        InterruptGates.enter(c, v, code, k);
        return true;
      } catch (GuestFault f) {
        if (k == EXCEPTION && v == Vector.DF && serious(f.vector)) {
          break;
        }
        boolean doubleFault = k == EXCEPTION && doubles(v, f.vector);
        v = doubleFault ? Vector.DF : f.vector;
        code = doubleFault ? 0 : f.errorCode;
        k = EXCEPTION;
      }
    }
    c.activity = VcpuState.Activity.SHUTDOWN;
    c.endBlock = true;
    return false;
  }

  private static boolean contributory(int vector) {
    return (CONTRIBUTORY >>> vector & 1) != 0;
  }

  private static boolean serious(int vector) {
    return contributory(vector) || vector == Vector.PF || vector == Vector.DF;
  }

  /** Table 6-5: whether {@code second}, while {@code first} was being delivered, is a double fault. */
  private static boolean doubles(int first, int second) {
    return contributory(first) ? contributory(second) : first == Vector.PF && (contributory(second) || second == Vector.PF);
  }

  /** EXT in the error code of a fault during delivery: the event came from outside the program (SDM 3A 6.13). */
  static int ext(int kind) {
    return kind == SOFTWARE || kind == SOFTWARE_EXCEPTION ? 0 : 1;
  }

  /**
   * RFLAGS as it is pushed: faults set RF, so that the instruction goes on past its breakpoint when the handler returns; debug
   * exceptions, traps and interrupts do not (SDM 3B 17.3.1.1).
   */
  static long pushedFlags(Cpu c, int vector, int kind) {
    long flags = annulus.cpu.Flags.rflags(c);
    return kind == EXCEPTION && vector != Vector.DB ? flags | Rflags.RF : flags;
  }

  /** Clears flags on entry to a handler. The step trap of the instruction that entered it goes with TF (SDM 3B 17.3.1.4). */
  static void clearFlags(Cpu c, int flags) {
    c.systemFlags &= ~flags;
    c.pendingDebug &= ~DebugTraps.BS;
    c.paging.alignmentCheck = (c.systemFlags & Rflags.AC) != 0;
  }

  /** The null selectors that virtual-8086 code leaves behind when a handler interrupts it. */
  static void nullDataSegments(Cpu c) {
    for (int s : SegmentLoads.DATA) {
      c.seg[s].set(0, 0, 0, annulus.arch.SegmentState.UNUSABLE);
    }
  }
}
