package annulus.cpu.block;

import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;
import java.util.EnumSet;
import java.util.Set;

/** Which instructions end a block, and after which the engine must look at the processor's state before it goes on. */
public final class BlockEnds {
  /** Near branches: they change nothing but the instruction pointer and the stack. */
  private static final Set<Mnemonic> BRANCHES = EnumSet.of(Mnemonic.JCC, Mnemonic.JMP, Mnemonic.CALL, Mnemonic.RET, Mnemonic.LOOP,
      Mnemonic.LOOPE, Mnemonic.LOOPNE, Mnemonic.JCXZ);

  /** Mode, privilege, address space, segments, system flags, interrupts or time may be another after them. */
  private static final Set<Mnemonic> STOPS = EnumSet.of(
      Mnemonic.BOUND, Mnemonic.CALLF, Mnemonic.CLAC, Mnemonic.CLGI, Mnemonic.CLI, Mnemonic.CLTS, Mnemonic.HLT, Mnemonic.IN,
      Mnemonic.INS, Mnemonic.INT, Mnemonic.INT1, Mnemonic.INT3, Mnemonic.INTO, Mnemonic.INVALID, Mnemonic.INVD, Mnemonic.INVEPT,
      Mnemonic.INVLPG, Mnemonic.INVLPGA, Mnemonic.INVPCID, Mnemonic.INVVPID, Mnemonic.IRET, Mnemonic.JMPF, Mnemonic.LDS,
      Mnemonic.LES, Mnemonic.LFS, Mnemonic.LGDT, Mnemonic.LGS, Mnemonic.LIDT, Mnemonic.LLDT, Mnemonic.LMSW, Mnemonic.LSS,
      Mnemonic.LTR, Mnemonic.MWAIT, Mnemonic.OUT, Mnemonic.OUTS, Mnemonic.PAUSE, Mnemonic.POPF, Mnemonic.RDMSR, Mnemonic.RETF,
      Mnemonic.RSM, Mnemonic.SKINIT, Mnemonic.STAC, Mnemonic.STGI, Mnemonic.STI, Mnemonic.SWAPGS, Mnemonic.SYSCALL,
      Mnemonic.SYSENTER, Mnemonic.SYSEXIT, Mnemonic.SYSRET, Mnemonic.TOO_LONG, Mnemonic.UD0, Mnemonic.UD1, Mnemonic.UD2,
      Mnemonic.VMCALL, Mnemonic.VMCLEAR, Mnemonic.VMFUNC, Mnemonic.VMLAUNCH, Mnemonic.VMLOAD, Mnemonic.VMMCALL,
      Mnemonic.VMPTRLD, Mnemonic.VMPTRST, Mnemonic.VMREAD, Mnemonic.VMRESUME, Mnemonic.VMRUN, Mnemonic.VMSAVE, Mnemonic.VMWRITE,
      Mnemonic.VMXOFF, Mnemonic.VMXON, Mnemonic.WBINVD, Mnemonic.WBNOINVD, Mnemonic.WRFSBASE, Mnemonic.WRGSBASE, Mnemonic.WRMSR,
      Mnemonic.WRPKRU, Mnemonic.XRSTOR, Mnemonic.XSETBV);

  /** Of those, the ones that regions may end with: frequent on the way into and out of a kernel. */
  private static final Set<Mnemonic> REGION_ENDS = EnumSet.of(Mnemonic.CLAC, Mnemonic.CLI, Mnemonic.IRET, Mnemonic.POPF, Mnemonic.STAC,
      Mnemonic.STI, Mnemonic.SWAPGS, Mnemonic.SYSCALL, Mnemonic.SYSRET);

  /** Of those again, the ones behind which a region goes on by itself: it reads anew what they change. */
  private static final Set<Mnemonic> PASSED = EnumSet.of(Mnemonic.CLAC, Mnemonic.CLI, Mnemonic.STAC, Mnemonic.STI, Mnemonic.SWAPGS);

  /** Those whose repetition is {@link #passed}: they touch nothing but their registers, status flags and memory. */
  private static final Set<Mnemonic> STRINGS = EnumSet.of(Mnemonic.CMPS, Mnemonic.LODS, Mnemonic.MOVS, Mnemonic.SCAS, Mnemonic.STOS);

  private BlockEnds() {}

  public static boolean branches(Instruction i) {
    return BRANCHES.contains(i.mnemonic);
  }

  public static boolean stops(Instruction i) {
    // MOV and POP of segment, MOV of control and debug registers; a repeated instruction may have stopped half-way.
    return i.kind0 == Instruction.SEGMENT || special(i.kind0) || special(i.kind1) || i.repeat != 0 || STOPS.contains(i.mnemonic);
  }

  private static boolean special(int kind) {
    return kind == Instruction.CONTROL || kind == Instruction.DEBUG;
  }

  /** Offset of a relative near branch's target from the branch's end, or {@link Block#NOWHERE}. */
  public static int displacement(Instruction i) {
    // A branch of another operand size cuts its target off.
    boolean whole = i.operandSize * 8 == i.codeBits;
    return i.kind0 == Instruction.RELATIVE && whole ? (int) i.immediate : Block.NOWHERE;
  }

  /** Whether {@code i}, after which the engine must look at the processor's state, may be the last instruction of a region's block. */
  public static boolean endsRegion(Instruction i) {
    return i.repeat == 0 ? REGION_ENDS.contains(i.mnemonic) : STRINGS.contains(i.mnemonic);
  }

  /**
   * Whether a region may go on behind {@code i}, one of {@link #endsRegion}, without a look of the engine's until it is left: TLB
   * contexts, bases of segments and the events that matter are read again. Behind STI only with the next instruction, which its shadow
   * is for, and where no event is pending; behind a repetition only where it is complete.
   */
  public static boolean passed(Instruction i) {
    return i.repeat == 0 ? PASSED.contains(i.mnemonic) : STRINGS.contains(i.mnemonic);
  }
}
