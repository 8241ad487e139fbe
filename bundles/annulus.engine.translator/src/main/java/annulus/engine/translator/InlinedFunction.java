package annulus.engine.translator;

import annulus.cpu.Cpu;
import annulus.cpu.block.Block;
import annulus.cpu.block.BlockEnds;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;
import annulus.engine.translator.RegionPlan.Node;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * A copy of a short function that a region with registers in locals has for one call of it. Nobody else comes to it and it returns to
 * behind that call, so that C2 sees one way from the call to the return where there would be two dispatches: one to all functions, and one
 * to all places that calls return to, at which all values come together.
 */
final class InlinedFunction {
  /** Offset behind the call. */
  final int returnTo;
  private final int start;
  private final Map<Integer, Instruction> code = new TreeMap<>();
  private final Set<Integer> leaders = new HashSet<>();
  private final Map<Integer, Node> nodes = new TreeMap<>();

  private InlinedFunction(int start, int returnTo) {
    this.start = start;
    this.returnTo = returnTo;
  }

  /**
   * The function at {@code start}, or null where it calls others, does what has no place with registers in locals, or has more than
   * {@code most} instructions.
   *
   * @param code instructions by offset
   * @param run where code has been run
   */
  static @Nullable InlinedFunction of(int start, int returnTo, IntFunction<@Nullable Instruction> code, LongPredicate run, int most) {
    InlinedFunction f = new InlinedFunction(start, returnTo);
    Deque<Integer> open = new ArrayDeque<>();
    open.add(start);
    for (Integer from = open.poll(); from != null; from = open.poll()) {
      f.leaders.add(from);
      if (!f.explore(from, code, run, most, open)) {
        return null;
      }
    }
    for (int leader : f.leaders) {
      f.nodes.put(leader, RegionPlan.collect(leader, f, f.code::get, f.leaders::contains));
    }
    return f;
  }

  private boolean explore(int from, IntFunction<@Nullable Instruction> decoded, LongPredicate run, int most, Deque<Integer> open) {
    int offset = from;
    while (!code.containsKey(offset)) {
      Instruction i = decoded.apply(offset);
      if (i == null || BlockEnds.stops(i) || !RegionWriter.inPlace(i) || code.size() >= most) {
        return false;
      }
      code.put(offset, i);
      offset += i.length;
      if (!BlockEnds.branches(i)) {
        continue;
      }
      long displacement = BlockEnds.displacement(i);
      if (i.mnemonic == Mnemonic.CALL || displacement == Block.NOWHERE && i.mnemonic != Mnemonic.RET) {
        return false;
      }
      if (RegionPlan.continues(i) && run.test(offset)) {
        open.add(offset);
      }
      if (displacement != Block.NOWHERE && run.test(offset + displacement)) {
        open.add((int) (offset + displacement));
      }
      return true;
    }
    leaders.add(offset);
    return true;
  }

  int instructions() {
    return code.size();
  }

  /**
   * Whether nothing that it does changes RSP or memory, but its return: then what the call has left on the stack is still there for it. The
   * store of another processor may come later than that return.
   */
  boolean keepsReturnAddress() {
    for (Instruction i : code.values()) {
      if (!keepsReturnAddress(i)) {
        return false;
      }
    }
    return true;
  }

  private static boolean keepsReturnAddress(Instruction i) {
    return switch (i.mnemonic) {
      case CMP, TEST, NOP, JCC, RET -> true;
      case JMP -> i.kind0 == Instruction.RELATIVE;
      case MOV, ADD, SUB, LEA, MOVZX, MOVSX, MOVSXD, AND, OR, XOR, ADC, SBB, INC, DEC, NEG, NOT, SHL, SHR, SAR, CMOVCC, SETCC, BSWAP ->
          i.kind0 == Instruction.GPR && i.reg0 != Cpu.RSP || i.kind0 == Instruction.HIGH_BYTE;
      default -> (SimdWriter.knows(i) || FloatWriter.knows(i))
          && (i.kind0 == Instruction.XMM || i.kind0 == Instruction.GPR && i.reg0 != Cpu.RSP);
    };
  }

  Collection<Node> nodes() {
    return nodes.values();
  }

  /** The block of it at {@code offset}, or null where it has none. */
  @Nullable Node node(long offset) {
    return offset == (int) offset ? nodes.get((int) offset) : null;
  }

  /** The block that it begins with. */
  Node first() {
    return Objects.requireNonNull(nodes.get(start));
  }
}
