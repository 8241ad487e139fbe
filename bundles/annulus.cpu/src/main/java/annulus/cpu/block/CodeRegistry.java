package annulus.cpu.block;

import annulus.memory.GuestMemory;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The engines of one machine. A page that becomes code must lose its direct write entries in every TLB before anyone may rely on
 * hearing of writes to it: each engine that could be running is told and answers at its next block; until the last has, the page's
 * blocks compare their bytes at each entry.
 */
public final class CodeRegistry {
  private final GuestMemory memory;
  private final List<BlockEngine> engines = new CopyOnWriteArrayList<>();
  /** Frames marked as code and the engines whose answer is missing. */
  private final Map<Long, Set<BlockEngine>> waiting = new HashMap<>();

  public CodeRegistry(GuestMemory memory) {
    this.memory = memory;
  }

  public void add(BlockEngine engine) {
    engines.add(engine);
  }

  /** Whether no engine is left. */
  public synchronized boolean remove(BlockEngine engine) {
    engines.remove(engine);
    waiting.values().removeIf(missing -> missing.remove(engine) && missing.isEmpty());
    return engines.isEmpty();
  }

  /** Marks {@code gfn} as code. @return whether writes to it are noticed from now on */
  synchronized boolean mark(long gfn, BlockEngine by) {
    if (memory.markCode(gfn)) {
      Set<BlockEngine> missing = new HashSet<>();
      for (BlockEngine e : engines) {
        if (e != by && e.protect(gfn)) {
          missing.add(e);
        }
      }
      if (missing.isEmpty()) {
        waiting.remove(gfn);
      } else {
        waiting.put(gfn, missing);
      }
    }
    return !waiting.containsKey(gfn);
  }

  /** {@code engine} holds no direct write entry for {@code gfn} any more. */
  synchronized void protectedBy(BlockEngine engine, long gfn) {
    Set<BlockEngine> missing = waiting.get(gfn);
    if (missing != null && missing.remove(engine) && missing.isEmpty()) {
      waiting.remove(gfn);
    }
  }
}
