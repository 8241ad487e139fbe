package annulus.engine.translator;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Where a region's calls through registers and memory have gone to lately, as offsets. */
final class IndirectCalls {
  static final IndirectCalls NONE = new IndirectCalls();

  private final Map<Long, List<Long>> targets = new HashMap<>();

  private IndirectCalls() {}

  /**
   * What a region has kept.
   *
   * @param calls offsets behind calls
   * @param called two targets for each, 0 for none
   * @param bias what is to be added to offsets
   */
  static IndirectCalls of(int[] calls, long[] called, long bias) {
    IndirectCalls all = new IndirectCalls();
    for (int n = 0; n < calls.length; n++) {
      List<Long> targets = new ArrayList<>();
      for (int k = 2 * n; k < 2 * n + 2; k++) {
        if (called[k] != 0) {
          targets.add(called[k] + bias);
        }
      }
      all.targets.put(calls[n] + bias, targets);
    }
    return all;
  }

  /** Those of the call that returns to {@code end}: none to two. */
  List<Long> targets(long end) {
    return targets.getOrDefault(end, List.of());
  }
}
