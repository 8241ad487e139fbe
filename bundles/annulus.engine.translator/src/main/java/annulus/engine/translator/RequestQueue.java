package annulus.engine.translator;

import annulus.engine.translator.Translator.Request;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What waits to be compiled, by how much it is run while it waits. Threads add and take. */
final class RequestQueue {
  private final List<Request> waiting = new ArrayList<>();

  synchronized void add(Request r) {
    waiting.add(r);
  }

  /** The weightiest; null where nothing waits. */
  synchronized @Nullable Request take() {
    int best = -1;
    long most = Long.MIN_VALUE;
    for (int n = 0; n < waiting.size(); n++) {
      long weight = waiting.get(n).weight();
      if (weight > most) {
        best = n;
        most = weight;
      }
    }
    if (best < 0) {
      return null;
    }
    Request r = waiting.get(best);
    waiting.set(best, waiting.get(waiting.size() - 1));
    waiting.remove(waiting.size() - 1);
    return r;
  }

  synchronized int size() {
    return waiting.size();
  }
}
