package annulus.engine.translator;

import java.util.BitSet;

/**
 * What a region has of the pages that were looked at for it.
 *
 * @param entries indexes where control can come in
 * @param pages numbers of the pages with code of it
 */
record Extent(BitSet entries, BitSet pages) {
  static Extent of(RegionPlan plan) {
    BitSet pages = new BitSet();
    for (RegionPlan.Node n : plan.nodes) {
      pages.set(plan.pages.index(n.offset) >>> 12);
      pages.set(plan.pages.index(n.end - 1) >>> 12);
    }
    return new Extent(plan.entries, pages);
  }
}
