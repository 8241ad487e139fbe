package annulus.engine.translator;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Where calls through registers and memory have gone to lately, as offsets. */
final class IndirectCalls {
  private static final int MOST = 2;

  private final Map<Long, List<Long>> targets = new HashMap<>();

  /**
   * Adds what a region has kept to what is known of the same calls.
   *
   * @param calls offsets behind calls
   * @param called two targets for each, 0 for none
   * @param bias what is to be added to offsets
   */
  void add(int[] calls, long[] called, long bias) {
    for (int n = 0; n < calls.length; n++) {
      List<Long> known = targets.computeIfAbsent(calls[n] + bias, end -> new ArrayList<>());
      for (int k = 2 * n; k < 2 * n + 2; k++) {
        long target = called[k] + bias;
        if (called[k] != 0 && known.size() < MOST && !known.contains(target)) {
          known.add(target);
        }
      }
    }
  }

  /** Those of the call that returns to {@code end}: none to two. */
  List<Long> targets(long end) {
    return targets.getOrDefault(end, List.of());
  }
}
