package annulus.engine.translator;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What waits to be compiled, by how much it is run while it waits. Threads add and take. */
final class RequestQueue<R extends RequestQueue.Weighted> {
  /** What is more urgent the heavier it is, which may change while it waits. */
  interface Weighted {
    /** Not negative. */
    double weight();
  }

  private final List<R> waiting = new ArrayList<>();

  synchronized void add(R r) {
    waiting.add(r);
  }

  /** The weightiest; null where nothing waits. */
  synchronized @Nullable R take() {
    int best = -1;
    double most = -1;
    for (int n = 0; n < waiting.size(); n++) {
      double weight = waiting.get(n).weight();
      if (weight > most) {
        best = n;
        most = weight;
      }
    }
    if (best < 0) {
      return null;
    }
    R r = waiting.get(best);
    waiting.set(best, waiting.get(waiting.size() - 1));
    waiting.remove(waiting.size() - 1);
    return r;
  }

  synchronized int size() {
    return waiting.size();
  }
}
