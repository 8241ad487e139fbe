package annulus.engine.translator;

import annulus.cpu.block.Region;
import org.jspecify.annotations.Nullable;

/**
 * The end of a request.
 *
 * @param region null where there is none, and what there was stays in its place
 * @param extent what was looked at, if there is none
 * @param moved what is to be added to the region's offsets to have the request's
 * @param size bytes of bytecode
 * @param x87 whether the region uses the x87 stack
 * @param entry as which it is kept for other runs
 */
record Result(Request request, @Nullable Region region, Extent extent, int moved, int size, boolean x87,
    RegionStore.@Nullable Entry entry) {
  static Result nothing(Request request, RegionPlan plan) {
    return new Result(request, null, Extent.of(plan), 0, 0, false, null);
  }

  /** The same without region. */
  Result without() {
    return new Result(request, null, extent, 0, 0, false, null);
  }
}
