package annulus.engine.translator;

import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds, in a block, where PUNPCKLWD and PUNPCKHWD put together the low and the high words of products, by which code for SSE2 multiplies
 * signed words to doublewords: PMULLW and PMULHW of the same operands, one of which is known to be the same register's value. Whether the
 * other one is the same too, as when both were read from the same place, the code asks ({@code PackedMultiply.lowProducts}), and C2 mostly
 * knows the answer. The products are doublewords from the start then, which need not be taken apart and put together again.
 *
 * <p>If the value in common is one word eight times, made by PUNPCKLWD of a register with itself and PSHUFD, that word is multiplied by.
 */
final class WideProducts {
  private static final int XMM = Instruction.XMM;
  private static final int REGISTERS = 16;
  /** In one block: each takes locals. */
  private static final int MOST = 4;
  private static final int NONE = -1;

  /**
   * What an instruction is to pair {@code pair}.
   *
   * @param own which operand of a multiplication is not known to be the other one's too
   * @param word where the other one is one word eight times, the pair for which {@link #spread} keeps it; else negative
   */
  record Role(int pair, int own, int word) {
    boolean byWord() {
      return word >= 0;
    }
  }

  private record Product(int at, int a, int b) { }

  private final @Nullable Role[] roles;
  /** Of the value in each register. */
  private final int[] values = new int[REGISTERS];
  private int last;
  private final Map<Integer, Product> low = new HashMap<>();
  private final Map<Integer, Product> high = new HashMap<>();
  /** Values that are a word twice below, or eight times: where PUNPCKLWD doubled it. */
  private final Map<Integer, Integer> doubled = new HashMap<>();
  private final Map<Integer, Integer> words = new HashMap<>();
  /** By instruction, of PUNPCKLWD: the pair for which it keeps the word. */
  private final int[] kept;
  private int pairs;

  private WideProducts(int instructions) {
    roles = new Role[instructions];
    kept = new int[instructions];
    Arrays.fill(kept, NONE);
    otherValues();
  }

  /** Those of {@code block}; null where it multiplies no words. */
  static @Nullable WideProducts of(List<Instruction> block) {
    for (Instruction i : block) { // no stream: see CompileQueue
      if (i.mnemonic == Mnemonic.PMULHW) {
        WideProducts w = new WideProducts(block.size());
        for (int k = 0; k < block.size(); k++) {
          w.take(block.get(k), k);
        }
        return w;
      }
    }
    return null;
  }

  private void otherValues() {
    for (int n = 0; n < REGISTERS; n++) {
      values[n] = ++last;
    }
  }

  /** What instruction {@code at} of the block is; null for most. */
  @Nullable Role role(int at) {
    return roles[at];
  }

  /** The pair for which PUNPCKLWD at {@code at} keeps the word that is spread by it, or a negative number. */
  int spread(int at) {
    return kept[at];
  }

  private void take(Instruction i, int at) {
    if (!RegionWriter.inPlace(i)) {
      otherValues();
    } else if (i.kind0 == XMM) {
      int before = values[i.reg0];
      int other = i.kind1 == XMM ? values[i.reg1] : ++last;
      values[i.reg0] = SimdWriter.copies(i) == 3 ? other : ++last;
      switch (i.mnemonic) {
        case PMULLW -> low.put(last, new Product(at, before, other));
        case PMULHW -> high.put(last, new Product(at, before, other));
        case PUNPCKLWD -> {
          pair(low.get(before), high.get(other), at);
          if (before == other) {
            doubled.put(last, at);
          }
        }
        case PUNPCKHWD -> pair(low.get(before), high.get(other), at);
        case PSHUFD -> {
          if ((i.immediate & 0xFF) == 0 && doubled.containsKey(other)) {
            words.put(last, doubled.get(other));
          }
        }
        default -> { }
      }
    }
  }

  private void pair(@Nullable Product l, @Nullable Product h, int at) {
    if (l == null || h == null) {
      return;
    }
    boolean firstOfLow = l.a == h.a || l.a == h.b;
    if (!firstOfLow && l.b != h.a && l.b != h.b) {
      return;
    }
    Role known = roles[l.at];
    if (known == null && roles[h.at] == null && pairs < MOST) {
      int common = firstOfLow ? l.a : l.b;
      int word = keepWord(words.get(common));
      roles[l.at] = new Role(pairs, firstOfLow ? 1 : 0, word);
      roles[h.at] = new Role(pairs, common == h.a ? 1 : 0, word);
      roles[at] = roles[l.at];
      pairs++;
    } else if (known != null && roles[h.at] != null && known.pair == roles[h.at].pair) {
      roles[at] = known;
    }
  }

  private int keepWord(@Nullable Integer doubledAt) {
    if (doubledAt == null) {
      return NONE;
    }
    if (kept[doubledAt] == NONE) {
      kept[doubledAt] = pairs;
    }
    return kept[doubledAt];
  }
}
