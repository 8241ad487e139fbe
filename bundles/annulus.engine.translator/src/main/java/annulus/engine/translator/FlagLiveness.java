package annulus.engine.translator;

import annulus.cpu.block.BlockEnds;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;
import annulus.engine.translator.RegionPlan.Node;
import java.util.List;

/**
 * Which instructions' flags anybody can see: a later instruction, a fault before the next that sets them, or whoever runs after
 * the block.
 */
final class FlagLiveness {
  private static final int NONE = 0;
  /** Sets all flags, looks at none. */
  private static final int SETS = 1;
  /** Sets some and keeps others: looks at flags if anybody looks at its own. */
  private static final int CHANGES = 2;
  private static final int READS = 3;

  private FlagLiveness() {}

  private static int use(Instruction i) {
    if (SimdWriter.knows(i)) {
      return NONE;
    }
    if (FloatWriter.knows(i)) {
      return FloatWriter.setsFlags(i) ? SETS : NONE;
    }
    if (X87Writer.knows(i)) {
      return X87Writer.setsFlags(i) ? SETS : NONE;
    }
    if (!IntegerWriter.knows(i) && !GeneralUse.of(i).flags) {
      return NONE;
    }
    if (!IntegerWriter.knows(i)) {
      return BranchWriter.knows(i) && !BranchWriter.conditional(i) ? NONE : READS;
    }
    return switch (i.mnemonic) {
      case ADD, SUB, CMP, AND, OR, XOR, TEST, NEG -> SETS;
      case SHL, SHR, SAR -> i.kind1 == Instruction.IMMEDIATE && (i.immediate & (i.size0 == 8 ? 63 : 31)) != 0 ? SETS : CHANGES;
      case INC, DEC, ROL, ROR, IMUL, MUL, BT, BTS, BTR, BTC -> CHANGES;
      case ADC, SBB, CMOVCC, SETCC -> READS;
      default -> NONE;
    };
  }

  private static boolean faults(RegionPlan plan, Node n, Instruction i) {
    if (BranchWriter.direct(i)) {
      // Only a target outside can lie beyond canonical addresses.
      return !plan.inside(BranchWriter.target(n, i));
    }
    if (!IntegerWriter.knows(i)) {
      return true;
    }
    return switch (i.mnemonic) {
      case LEA, NOP -> false;
      case PUSH, POP, LEAVE -> true;
      default -> i.hasMemory();
    };
  }

  /** Whether instruction {@code k} of {@code n} may end by a fault or leave the region in another way than by the block's end. */
  static boolean faults(RegionPlan plan, Node n, int k) {
    return faults(plan, n, n.instructions.get(k));
  }

  /**
   * What of the flags that its instructions set is used.
   *
   * @param needed for each instruction, whether its flags are
   * @param visible whether they are by others than later instructions of the block
   * @param live whether flags from before the block are
   */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares them
  record Needs(boolean[] needed, boolean[] visible, boolean live) { }

  /** After {@link #analyse}. */
  static Needs needs(RegionPlan plan, Node n) {
    List<Instruction> all = n.instructions;
    boolean[] needed = new boolean[all.size()];
    boolean[] visible = new boolean[all.size()];
    boolean live = liveAfter(plan, n);
    boolean seen = live;
    for (int k = all.size() - 1; k >= 0; k--) {
      needed[k] = live;
      visible[k] = seen;
      Instruction i = all.get(k);
      int use = use(i);
      live = use == READS || use != SETS && live;
      seen = (use == NONE || use == READS) && seen;
      if (faults(plan, n, i) || n.looks != 0 && k == all.size() - 1 && BlockEnds.branches(i)) {
        live = true;
        seen = true;
      }
    }
    return new Needs(needed, visible, live);
  }

  /** Whether flags are used by who runs after {@code n}: a successor, or anybody where control may leave the region. */
  private static boolean liveAfter(RegionPlan plan, Node n) {
    Instruction last = n.last();
    if (last == null || !BlockEnds.branches(last)) {
      return n.looks != 0 || liveAt(plan, n, n.end);
    }
    if (!n.inlined.isEmpty()) {
      return n.inlined.getFirst().first().flagsLive || n.inlined.getLast().first().flagsLive;
    }
    if (n.function != null && last.mnemonic == Mnemonic.RET) {
      Node to = plan.node(n.function.returnTo);
      return to == null || to.flagsLive;
    }
    if (!BranchWriter.direct(last) && (last.mnemonic != Mnemonic.CALL || !BranchWriter.knows(last))) {
      return true;
    }
    return liveAt(plan, n, BranchWriter.target(n, last)) || RegionPlan.continues(last) && liveAt(plan, n, n.end);
  }

  /** Control that goes back may leave the region, to look at events. */
  private static boolean liveAt(RegionPlan plan, Node from, long offset) {
    Node to = plan.to(from, offset);
    return to == null || offset <= from.offset || to.flagsLive;
  }

  /** Sets {@link Node#flagsLive}. */
  static void analyse(RegionPlan plan) {
    boolean changed;
    do {
      changed = false;
      for (int k = plan.nodes.size() - 1; k >= 0; k--) {
        Node n = plan.nodes.get(k);
        if (!n.flagsLive && needs(plan, n).live) {
          n.flagsLive = true;
          changed = true;
        }
      }
    } while (changed);
  }
}
