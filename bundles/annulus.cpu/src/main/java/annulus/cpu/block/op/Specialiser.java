package annulus.cpu.block.op;

import annulus.arch.Seg;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the specialised operation for an instruction of 64-bit code, or of 32-bit code whose segments are flat. What has none
 * is {@link Generic}; a test holds each of the others against it.
 */
public final class Specialiser {
  private static final int GPR = Instruction.GPR;
  private static final int MEMORY = Instruction.MEMORY;
  private static final int IMMEDIATE = Instruction.IMMEDIATE;
  /** No instruction ends further from its block's start. */
  private static final int FURTHEST = 4096;

  private Specialiser() {}

  /**
   * The operation for {@code i}, or null where there is none.
   *
   * @param next offset of the next instruction from the block's start
   */
  public static @Nullable Op specialise(Instruction i, int next) {
    if (i.lock || !addressable(i)) {
      return null;
    }
    if (i.kind0 == Instruction.XMM || i.kind1 == Instruction.XMM) {
      return SimdSpecialiser.specialise(i, next);
    }
    if (i.mnemonic == Mnemonic.MOV) {
      return mov(i, next);
    }
    if (!immediateFits(i)) {
      return null;
    }
    return switch (i.mnemonic) {
      case MOVZX, MOVSX, MOVSXD -> extend(i, next);
      case LEA -> lea(i, next);
      case XCHG -> i.kind0 == GPR && i.kind1 == GPR && i.size0 >= 4 ? new Moves.Exchange(i) : null;
      case CMOVCC -> cmov(i, next);
      case SETCC -> set(i, next);
      case CBW -> i.operandSize >= 4 ? new Moves.WidenAccumulator(i) : null;
      case CWD -> i.operandSize >= 4 ? new Moves.SpreadSign(i) : null;
      case NOP, ENDBR32, ENDBR64, PREFETCHNTA, PREFETCHT0, PREFETCHT1, PREFETCHT2, PREFETCHW, PREFETCH -> new Moves.Nothing();
      case PUSH, POP, LEAVE -> stack(i);
      case JMP, JCC, CALL, RET -> branch(i, next);
      default -> arithmetic(i, next);
    };
  }

  /** Operations hold 32 bits of an immediate and sign-extend them; all but MOV of 64 bits have no more. */
  private static boolean immediateFits(Instruction i) {
    return i.size0 < 8 || i.immediate == (int) i.immediate;
  }

  /** Whether {@link MemoryOp} can form the address. */
  private static boolean addressable(Instruction i) {
    if (!i.hasMemory()) {
      return true;
    }
    if (i.addressSize == 2 || i.addressSize == 8 && !displacementFits(i)) {
      return false;
    }
    if (i.segment < Seg.FS || i.mnemonic == Mnemonic.LEA) {
      return i.segment != Seg.CS || i.codeBits == 64;
    }
    // FS and GS take the place of one of two registers.
    return i.codeBits == 64 && i.addressSize == 8 && i.base != Instruction.RIP
        && (i.base == Instruction.NO_REGISTER || i.index == Instruction.NO_REGISTER);
  }

  /** With room for the distance from the start of the block. */
  private static boolean displacementFits(Instruction i) {
    long d = i.displacement;
    return d == (int) d && (i.base != Instruction.RIP || d + FURTHEST == (int) (d + FURTHEST));
  }

  private static @Nullable Op mov(Instruction i, int next) {
    if (i.kind0 == GPR && i.kind1 == GPR) {
      return switch (i.size0) {
        case 8 -> new Moves.Copy64(i);
        case 4 -> new Moves.Copy32(i);
        case 2 -> new Moves.Copy16(i);
        default -> new Moves.Copy8(i);
      };
    }
    if (i.kind0 == GPR && i.kind1 == IMMEDIATE) {
      return i.size0 >= 4 ? new Moves.Constant(i) : i.size0 == 1 ? new Moves.Constant8(i) : null;
    }
    boolean simple = MemoryOp.isSimple(i);
    if (i.kind0 == GPR && i.kind1 == MEMORY) {
      return switch (i.size0) {
        case 8 -> simple ? new Loads.Load64Simple(i, next) : new Loads.Load64Indexed(i, next);
        case 4 -> simple ? new Loads.Load32Simple(i, next) : new Loads.Load32Indexed(i, next);
        case 2 -> new Loads.Load16(i, next);
        default -> new Loads.Load8(i, next);
      };
    }
    if (i.kind0 == MEMORY && i.kind1 == GPR) {
      return switch (i.size0) {
        case 8 -> simple ? new Stores.Store64Simple(i, next) : new Stores.Store64Indexed(i, next);
        case 4 -> simple ? new Stores.Store32Simple(i, next) : new Stores.Store32Indexed(i, next);
        case 2 -> new Stores.Store16(i, next);
        default -> new Stores.Store8(i, next);
      };
    }
    if (i.kind0 == MEMORY && i.kind1 == IMMEDIATE) {
      return switch (i.size0) {
        case 8 -> new Stores.StoreConstant64(i, next);
        case 4 -> new Stores.StoreConstant32(i, next);
        case 2 -> new Stores.StoreConstant16(i, next);
        default -> new Stores.StoreConstant8(i, next);
      };
    }
    return null;
  }

  private static @Nullable Op extend(Instruction i, int next) {
    if (i.size0 < 4) {
      return null;
    }
    boolean signed = i.mnemonic != Mnemonic.MOVZX;
    if (i.kind1 == GPR) {
      return signed ? new Moves.SignExtend(i) : i.size1 == 1 ? new Moves.ZeroExtend8(i) : new Moves.ZeroExtend16(i);
    }
    if (i.kind1 != MEMORY) {
      return null;
    }
    if (!signed) {
      if (i.size1 == 2) {
        return new Loads.LoadZero16(i, next);
      }
      return MemoryOp.isSimple(i) ? new Loads.LoadZero8Simple(i, next) : new Loads.LoadZero8Indexed(i, next);
    }
    return switch (i.size1) {
      case 1 -> new Loads.LoadSign8(i, next);
      case 2 -> new Loads.LoadSign16(i, next);
      default -> i.size0 == 8 ? new Loads.LoadSign32(i, next) : null;
    };
  }

  private static @Nullable Op lea(Instruction i, int next) {
    if (i.size0 < 4 || i.segment >= Seg.FS) {
      return null;
    }
    return MemoryOp.isSimple(i) ? new Moves.LeaSimple(i, next) : new Moves.LeaIndexed(i, next);
  }

  private static @Nullable Op cmov(Instruction i, int next) {
    if (i.size0 < 4 || !Conditions.tabled(i.condition)) {
      return null;
    }
    return i.kind1 == GPR ? new Moves.MoveIf(i) : new Loads.LoadIf(i, next);
  }

  private static @Nullable Op set(Instruction i, int next) {
    if (!Conditions.tabled(i.condition)) {
      return null;
    }
    return switch (i.kind0) {
      case GPR -> new Moves.SetIf(i);
      case MEMORY -> new Stores.StoreIf(i, next);
      default -> null;
    };
  }

  private static @Nullable Op stack(Instruction i) {
    boolean wide = i.codeBits == 64;
    if (i.operandSize != (wide ? 8 : 4)) {
      return null;
    }
    return switch (i.mnemonic) {
      case LEAVE -> wide ? new StackOps.Leave64(i) : new StackOps.Leave32(i);
      case POP -> i.kind0 != GPR ? null : wide ? new StackOps.Pop64(i) : new StackOps.Pop32(i);
      default -> switch (i.kind0) {
        case GPR -> wide ? new StackOps.Push64(i) : new StackOps.Push32(i);
        case IMMEDIATE -> wide ? new StackOps.PushConstant64(i) : new StackOps.PushConstant32(i);
        default -> null;
      };
    };
  }

  /** Whether the distance to a branch's target, seen from the start of the block, has 32 bits. */
  private static boolean reachable(Instruction i) {
    return i.kind0 != Instruction.RELATIVE || i.immediate + FURTHEST == (int) (i.immediate + FURTHEST);
  }

  private static @Nullable Op branch(Instruction i, int next) {
    boolean wide = i.codeBits == 64;
    if (i.operandSize != (wide ? 8 : 4) || wide && !reachable(i)) {
      return null;
    }
    return switch (i.mnemonic) {
      case JCC -> Conditions.tabled(i.condition) ? new Branches.JumpIf(i, next) : null;
      case RET -> wide ? new Branches.Return64(i) : new Branches.Return32(i);
      case JMP -> switch (i.kind0) {
        case Instruction.RELATIVE -> new Branches.Jump(i, next);
        case GPR -> wide ? new Branches.JumpTo64(i) : null;
        case MEMORY -> wide ? new Branches.JumpThrough64(i, next) : null;
        default -> null;
      };
      default -> switch (i.kind0) {
        case Instruction.RELATIVE -> wide ? new Branches.Call64(i, next) : new Branches.Call32(i, next);
        case GPR -> wide ? new Branches.CallTo64(i, next) : null;
        default -> null;
      };
    };
  }

  private static @Nullable Op arithmetic(Instruction i, int next) {
    return switch (i.size0) {
      case 8 -> arithmetic64(i, next);
      case 4 -> arithmetic32(i, next);
      default -> narrow(i, next);
    };
  }

  private static @Nullable Op arithmetic64(Instruction i, int next) {
    if (i.kind0 == GPR) {
      return switch (i.kind1) {
        case GPR -> registers64(i);
        case IMMEDIATE -> constant64(i);
        case MEMORY -> fromMemory64(i, next);
        case Instruction.NONE -> unary64(i);
        default -> null;
      };
    }
    return i.kind0 == MEMORY ? inMemory64(i, next) : null;
  }

  private static @Nullable Op unary64(Instruction i) {
    return switch (i.mnemonic) {
      case INC -> new Arithmetic64.Inc(i);
      case DEC -> new Arithmetic64.Dec(i);
      case NEG -> new Arithmetic64.Neg(i);
      case NOT -> new Arithmetic64.Not(i);
      default -> null;
    };
  }

  private static @Nullable Op registers64(Instruction i) {
    return switch (i.mnemonic) {
      case ADD -> new Arithmetic64.AddRR(i);
      case SUB -> new Arithmetic64.SubRR(i);
      case AND -> new Arithmetic64.AndRR(i);
      case OR -> new Arithmetic64.OrRR(i);
      case XOR -> new Arithmetic64.XorRR(i);
      case ADC -> new Arithmetic64.AdcRR(i);
      case SBB -> new Arithmetic64.SbbRR(i);
      case CMP -> new Arithmetic64.CmpRR(i);
      case TEST -> new Arithmetic64.TestRR(i);
      case IMUL -> i.kind2 == Instruction.NONE ? new Arithmetic64.ImulRR(i) : new Arithmetic64.ImulRRI(i);
      case SHL -> new Arithmetic64.ShlC(i);
      case SHR -> new Arithmetic64.ShrC(i);
      case SAR -> new Arithmetic64.SarC(i);
      case ROL -> new Arithmetic64.RolC(i);
      case ROR -> new Arithmetic64.RorC(i);
      default -> null;
    };
  }

  private static @Nullable Op constant64(Instruction i) {
    return switch (i.mnemonic) {
      case ADD -> new Arithmetic64.AddRI(i);
      case SUB -> new Arithmetic64.SubRI(i);
      case AND -> new Arithmetic64.AndRI(i);
      case OR -> new Arithmetic64.OrRI(i);
      case XOR -> new Arithmetic64.XorRI(i);
      case ADC -> new Arithmetic64.AdcRI(i);
      case SBB -> new Arithmetic64.SbbRI(i);
      case CMP -> new Arithmetic64.CmpRI(i);
      case TEST -> new Arithmetic64.TestRI(i);
      case SHL -> new Arithmetic64.ShlI(i);
      case SHR -> new Arithmetic64.ShrI(i);
      case SAR -> new Arithmetic64.SarI(i);
      case ROL -> new Arithmetic64.RolI(i);
      case ROR -> new Arithmetic64.RorI(i);
      default -> null;
    };
  }

  private static @Nullable Op fromMemory64(Instruction i, int next) {
    return switch (i.mnemonic) {
      case ADD -> new Arithmetic64.AddRM(i, next);
      case SUB -> new Arithmetic64.SubRM(i, next);
      case AND -> new Arithmetic64.AndRM(i, next);
      case OR -> new Arithmetic64.OrRM(i, next);
      case XOR -> new Arithmetic64.XorRM(i, next);
      case ADC -> new Arithmetic64.AdcRM(i, next);
      case SBB -> new Arithmetic64.SbbRM(i, next);
      case CMP -> new Arithmetic64.CmpRM(i, next);
      case IMUL -> i.kind2 == Instruction.NONE ? new Arithmetic64.ImulRM(i, next) : null;
      default -> null;
    };
  }

  private static @Nullable Op inMemory64(Instruction i, int next) {
    if (i.kind1 == Instruction.NONE) {
      return i.mnemonic == Mnemonic.INC ? new Arithmetic64.IncM(i, next) : i.mnemonic == Mnemonic.DEC ? new Arithmetic64.DecM(i, next) : null;
    }
    if (i.kind1 != GPR && i.kind1 != IMMEDIATE) {
      return null;
    }
    boolean constant = i.kind1 == IMMEDIATE;
    return switch (i.mnemonic) {
      case ADD -> constant ? new Arithmetic64.AddMI(i, next) : new Arithmetic64.AddMR(i, next);
      case SUB -> constant ? new Arithmetic64.SubMI(i, next) : new Arithmetic64.SubMR(i, next);
      case AND -> constant ? new Arithmetic64.AndMI(i, next) : new Arithmetic64.AndMR(i, next);
      case OR -> constant ? new Arithmetic64.OrMI(i, next) : new Arithmetic64.OrMR(i, next);
      case XOR -> constant ? new Arithmetic64.XorMI(i, next) : new Arithmetic64.XorMR(i, next);
      case CMP -> constant ? new Arithmetic64.CmpMI(i, next) : new Arithmetic64.CmpMR(i, next);
      case TEST -> constant ? new Arithmetic64.TestMI(i, next) : new Arithmetic64.TestMR(i, next);
      default -> null;
    };
  }

  private static @Nullable Op arithmetic32(Instruction i, int next) {
    if (i.kind0 == GPR) {
      return switch (i.kind1) {
        case GPR -> registers32(i);
        case IMMEDIATE -> constant32(i);
        case MEMORY -> fromMemory32(i, next);
        case Instruction.NONE -> unary32(i);
        default -> null;
      };
    }
    return i.kind0 == MEMORY ? inMemory32(i, next) : null;
  }

  private static @Nullable Op unary32(Instruction i) {
    return switch (i.mnemonic) {
      case INC -> new Arithmetic32.Inc(i);
      case DEC -> new Arithmetic32.Dec(i);
      case NEG -> new Arithmetic32.Neg(i);
      case NOT -> new Arithmetic32.Not(i);
      default -> null;
    };
  }

  private static @Nullable Op registers32(Instruction i) {
    return switch (i.mnemonic) {
      case ADD -> new Arithmetic32.AddRR(i);
      case SUB -> new Arithmetic32.SubRR(i);
      case AND -> new Arithmetic32.AndRR(i);
      case OR -> new Arithmetic32.OrRR(i);
      case XOR -> new Arithmetic32.XorRR(i);
      case ADC -> new Arithmetic32.AdcRR(i);
      case SBB -> new Arithmetic32.SbbRR(i);
      case CMP -> new Arithmetic32.CmpRR(i);
      case TEST -> new Arithmetic32.TestRR(i);
      case IMUL -> i.kind2 == Instruction.NONE ? new Arithmetic32.ImulRR(i) : new Arithmetic32.ImulRRI(i);
      case SHL -> new Arithmetic32.ShlC(i);
      case SHR -> new Arithmetic32.ShrC(i);
      case SAR -> new Arithmetic32.SarC(i);
      case ROL -> new Arithmetic32.RolC(i);
      case ROR -> new Arithmetic32.RorC(i);
      default -> null;
    };
  }

  private static @Nullable Op constant32(Instruction i) {
    return switch (i.mnemonic) {
      case ADD -> new Arithmetic32.AddRI(i);
      case SUB -> new Arithmetic32.SubRI(i);
      case AND -> new Arithmetic32.AndRI(i);
      case OR -> new Arithmetic32.OrRI(i);
      case XOR -> new Arithmetic32.XorRI(i);
      case ADC -> new Arithmetic32.AdcRI(i);
      case SBB -> new Arithmetic32.SbbRI(i);
      case CMP -> new Arithmetic32.CmpRI(i);
      case TEST -> new Arithmetic32.TestRI(i);
      case SHL -> new Arithmetic32.ShlI(i);
      case SHR -> new Arithmetic32.ShrI(i);
      case SAR -> new Arithmetic32.SarI(i);
      case ROL -> new Arithmetic32.RolI(i);
      case ROR -> new Arithmetic32.RorI(i);
      default -> null;
    };
  }

  private static @Nullable Op fromMemory32(Instruction i, int next) {
    return switch (i.mnemonic) {
      case ADD -> new Arithmetic32.AddRM(i, next);
      case SUB -> new Arithmetic32.SubRM(i, next);
      case AND -> new Arithmetic32.AndRM(i, next);
      case OR -> new Arithmetic32.OrRM(i, next);
      case XOR -> new Arithmetic32.XorRM(i, next);
      case ADC -> new Arithmetic32.AdcRM(i, next);
      case SBB -> new Arithmetic32.SbbRM(i, next);
      case CMP -> new Arithmetic32.CmpRM(i, next);
      case IMUL -> i.kind2 == Instruction.NONE ? new Arithmetic32.ImulRM(i, next) : null;
      default -> null;
    };
  }

  private static @Nullable Op inMemory32(Instruction i, int next) {
    if (i.kind1 == Instruction.NONE) {
      return i.mnemonic == Mnemonic.INC ? new Arithmetic32.IncM(i, next) : i.mnemonic == Mnemonic.DEC ? new Arithmetic32.DecM(i, next) : null;
    }
    if (i.kind1 != GPR && i.kind1 != IMMEDIATE) {
      return null;
    }
    boolean constant = i.kind1 == IMMEDIATE;
    return switch (i.mnemonic) {
      case ADD -> constant ? new Arithmetic32.AddMI(i, next) : new Arithmetic32.AddMR(i, next);
      case SUB -> constant ? new Arithmetic32.SubMI(i, next) : new Arithmetic32.SubMR(i, next);
      case AND -> constant ? new Arithmetic32.AndMI(i, next) : new Arithmetic32.AndMR(i, next);
      case OR -> constant ? new Arithmetic32.OrMI(i, next) : new Arithmetic32.OrMR(i, next);
      case XOR -> constant ? new Arithmetic32.XorMI(i, next) : new Arithmetic32.XorMR(i, next);
      case CMP -> constant ? new Arithmetic32.CmpMI(i, next) : new Arithmetic32.CmpMR(i, next);
      case TEST -> constant ? new Arithmetic32.TestMI(i, next) : new Arithmetic32.TestMR(i, next);
      default -> null;
    };
  }

  private static @Nullable Op narrow(Instruction i, int next) {
    if (i.mnemonic == Mnemonic.CMP || i.mnemonic == Mnemonic.TEST) {
      return narrowComparison(i, next);
    }
    if (Narrow.operation(i) < 0) {
      return null;
    }
    if (i.kind0 == GPR && (i.kind1 == GPR || i.kind1 == IMMEDIATE)) {
      return new Narrow.Registers(i);
    }
    if (i.kind0 == GPR && i.kind1 == MEMORY) {
      return new Narrow.FromMemory(i, next);
    }
    return i.kind0 == MEMORY && (i.kind1 == GPR || i.kind1 == IMMEDIATE) ? new Narrow.InMemory(i, next) : null;
  }

  private static @Nullable Op narrowComparison(Instruction i, int next) {
    boolean bytes = i.size0 == 1;
    if (i.mnemonic == Mnemonic.TEST) {
      return switch (i.kind0 << 4 | i.kind1) {
        case GPR << 4 | GPR -> bytes ? new Narrow.Test8RR(i) : new Narrow.Test16RR(i);
        case GPR << 4 | IMMEDIATE -> bytes ? new Narrow.Test8RI(i) : null;
        case MEMORY << 4 | IMMEDIATE -> bytes ? new Narrow.Test8MI(i, next) : null;
        default -> null;
      };
    }
    return switch (i.kind0 << 4 | i.kind1) {
      case GPR << 4 | GPR -> bytes ? new Narrow.Cmp8RR(i) : new Narrow.Cmp16RR(i);
      case GPR << 4 | IMMEDIATE -> bytes ? new Narrow.Cmp8RI(i) : new Narrow.Cmp16RI(i);
      case GPR << 4 | MEMORY -> bytes ? new Narrow.Cmp8RM(i, next) : null;
      case MEMORY << 4 | GPR -> bytes ? new Narrow.Cmp8MR(i, next) : null;
      case MEMORY << 4 | IMMEDIATE -> bytes ? new Narrow.Cmp8MI(i, next) : new Narrow.Cmp16MI(i, next);
      default -> null;
    };
  }

  /**
   * One operation for {@code i} and the conditional branch behind it, or null.
   *
   * @param between offset of the branch from the block's start
   * @param next offset of the instruction after it
   */
  public static @Nullable Op fuse(Instruction i, int between, Instruction branch, int next) {
    if (branch.mnemonic != Mnemonic.JCC || !Conditions.tabled(branch.condition) || branch.operandSize != branch.codeBits / 8
        || i.lock || !addressable(i)
        || !immediateFits(i) || branch.codeBits == 64 && !reachable(branch)) {
      return null;
    }
    int shape = i.kind0 << 4 | i.kind1;
    return switch (i.size0) {
      case 8 -> fuse64(i, shape, between, branch, next);
      case 4 -> fuse32(i, shape, between, branch, next);
      case 1 -> fuse8(i, shape, between, branch, next);
      default -> null;
    };
  }

  private static @Nullable Op fuse64(Instruction i, int shape, int between, Instruction branch, int next) {
    return switch (i.mnemonic) {
      case CMP -> switch (shape) {
        case GPR << 4 | GPR -> new CompareBranches.Cmp64RR(i, branch, next);
        case GPR << 4 | IMMEDIATE -> new CompareBranches.Cmp64RI(i, branch, next);
        case GPR << 4 | MEMORY -> new CompareBranches.Cmp64RM(i, between, branch, next);
        case MEMORY << 4 | GPR -> new CompareBranches.Cmp64MR(i, between, branch, next);
        case MEMORY << 4 | IMMEDIATE -> new CompareBranches.Cmp64MI(i, between, branch, next);
        default -> null;
      };
      case TEST -> switch (shape) {
        case GPR << 4 | GPR -> new CompareBranches.Test64RR(i, branch, next);
        case GPR << 4 | IMMEDIATE -> new CompareBranches.Test64RI(i, branch, next);
        case MEMORY << 4 | IMMEDIATE -> new CompareBranches.Test64MI(i, between, branch, next);
        default -> null;
      };
      case INC -> i.kind0 == GPR ? new CompareBranches.Inc64(i, branch, next) : null;
      case DEC -> i.kind0 == GPR ? new CompareBranches.Dec64(i, branch, next) : null;
      case ADD -> shape == (GPR << 4 | IMMEDIATE) ? new CompareBranches.Add64RI(i, branch, next) : null;
      case SUB, AND -> fuseUpdate64(i, shape, branch, next);
      default -> null;
    };
  }

  private static @Nullable Op fuseUpdate64(Instruction i, int shape, Instruction branch, int next) {
    boolean sub = i.mnemonic == Mnemonic.SUB;
    return switch (shape) {
      case GPR << 4 | GPR -> sub ? new CompareBranches.Sub64RR(i, branch, next) : new CompareBranches.And64RR(i, branch, next);
      case GPR << 4 | IMMEDIATE -> sub ? new CompareBranches.Sub64RI(i, branch, next) : new CompareBranches.And64RI(i, branch, next);
      default -> null;
    };
  }

  private static @Nullable Op fuse32(Instruction i, int shape, int between, Instruction branch, int next) {
    return switch (i.mnemonic) {
      case CMP -> switch (shape) {
        case GPR << 4 | GPR -> new CompareBranches.Cmp32RR(i, branch, next);
        case GPR << 4 | IMMEDIATE -> new CompareBranches.Cmp32RI(i, branch, next);
        case GPR << 4 | MEMORY -> new CompareBranches.Cmp32RM(i, between, branch, next);
        case MEMORY << 4 | GPR -> new CompareBranches.Cmp32MR(i, between, branch, next);
        case MEMORY << 4 | IMMEDIATE -> new CompareBranches.Cmp32MI(i, between, branch, next);
        default -> null;
      };
      case TEST -> switch (shape) {
        case GPR << 4 | GPR -> new CompareBranches.Test32RR(i, branch, next);
        case GPR << 4 | IMMEDIATE -> new CompareBranches.Test32RI(i, branch, next);
        case MEMORY << 4 | IMMEDIATE -> new CompareBranches.Test32MI(i, between, branch, next);
        default -> null;
      };
      case INC -> i.kind0 == GPR ? new CompareBranches.Inc32(i, branch, next) : null;
      case DEC -> i.kind0 == GPR ? new CompareBranches.Dec32(i, branch, next) : null;
      case ADD -> shape == (GPR << 4 | IMMEDIATE) ? new CompareBranches.Add32RI(i, branch, next) : null;
      case SUB, AND -> fuseUpdate32(i, shape, branch, next);
      default -> null;
    };
  }

  private static @Nullable Op fuseUpdate32(Instruction i, int shape, Instruction branch, int next) {
    boolean sub = i.mnemonic == Mnemonic.SUB;
    return switch (shape) {
      case GPR << 4 | GPR -> sub ? new CompareBranches.Sub32RR(i, branch, next) : new CompareBranches.And32RR(i, branch, next);
      case GPR << 4 | IMMEDIATE -> sub ? new CompareBranches.Sub32RI(i, branch, next) : new CompareBranches.And32RI(i, branch, next);
      default -> null;
    };
  }

  private static @Nullable Op fuse8(Instruction i, int shape, int between, Instruction branch, int next) {
    return switch (i.mnemonic) {
      case CMP -> switch (shape) {
        case GPR << 4 | GPR -> new CompareBranches.Cmp8RR(i, branch, next);
        case GPR << 4 | IMMEDIATE -> new CompareBranches.Cmp8RI(i, branch, next);
        case GPR << 4 | MEMORY -> new CompareBranches.Cmp8RM(i, between, branch, next);
        case MEMORY << 4 | GPR -> new CompareBranches.Cmp8MR(i, between, branch, next);
        case MEMORY << 4 | IMMEDIATE -> new CompareBranches.Cmp8MI(i, between, branch, next);
        default -> null;
      };
      case TEST -> switch (shape) {
        case GPR << 4 | GPR -> new CompareBranches.Test8RR(i, branch, next);
        case GPR << 4 | IMMEDIATE -> new CompareBranches.Test8RI(i, branch, next);
        case MEMORY << 4 | IMMEDIATE -> new CompareBranches.Test8MI(i, between, branch, next);
        default -> null;
      };
      default -> null;
    };
  }
}