package annulus.engine.translator;

import annulus.cpu.Cpu;
import annulus.cpu.block.Block;
import annulus.cpu.block.BlockEngine;
import annulus.cpu.block.CodePage;
import annulus.cpu.block.Region;
import annulus.memory.Pool;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Objects;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What earlier runs have left of the code of one processor, and what this one adds to it. Which warm regions are worth compiling cannot be
 * known when they become warm, but is the same each time: most of what is warm some time during the start of a guest never runs for as
 * long as it takes to be compiled.
 */
final class EarlierRuns {
  /** Instructions of a region that it took less long to interpret than C1 takes to compile them, by far. */
  private static final long WORTH_COMPILING = 30_000;
  /** How many times as often as others a block is executed until it is warm none of whose regions was worth it. */
  private static final int COLD = 4;
  /** {@link #delay}: nothing is known. */
  static final int UNKNOWN = -1;

  private final Compilers compilers;
  private final BlockEngine engine;
  private final Tiers tiers;
  /** For {@link RegionStore#key}. */
  private final long processor;
  /** Regions that have not yet run as many instructions as make them worth compiling, with what is kept of them. */
  private final Map<Region, RegionStore.Entry> unproved = new WeakHashMap<>();

  EarlierRuns(Compilers compilers, BlockEngine engine, Tiers tiers) {
    this.compilers = compilers;
    this.engine = engine;
    this.tiers = tiers;
    Cpu c = engine.cpu();
    processor = RegionStore.processor(c.features, c.traits);
  }

  /** How many executions the hot block {@code b} of {@code page} is to wait to be compiled, 0 for none, or {@link #UNKNOWN}. */
  int delay(Block b, CodePage page) {
    RegionStore store = compilers.store();
    if (store == null) {
      return UNKNOWN;
    }
    long now = engine.instructions();
    long proved = store.proved(RegionStore.key(processor, b.mode, Pool.MEMORY, page.hostFrame() * CodeBytes.PAGE + b.offset));
    if (proved == RegionStore.UNKNOWN || proved < 0 && -proved < now) {
      return UNKNOWN;
    }
    return proved < 0 ? tiers.heat() * COLD : proved / 2 > now ? tiers.heat() : 0;
  }

  /** What another run has written for {@code r}, or null if nothing is kept for it. */
  RegionStore.@Nullable Found find(Request r) {
    RegionStore store = compilers.store();
    return store == null || r.form() != Form.WARM ? null : store.find(key(r, r.code().index(r.entry())), r.code(), r.entry());
  }

  /** Keeps what {@code writer} has written for {@code r}, if it is to be kept. */
  RegionStore.@Nullable Entry keep(Request r, RegionPlan plan, RegionWriter writer, int size, byte[] classFile) {
    RegionStore store = compilers.store();
    return store == null || r.form() != Form.WARM ? null
        : store.keep(key(r, r.code().index(r.entry())), KeptRegion.of(plan, n -> key(r, n), r.entry(), writer, size, classFile));
  }

  /** Of what is at {@code index} of the request's code. */
  private long key(Request r, int index) {
    return RegionStore.key(processor, r.block().mode, MemorySegment.ofArray(r.code().bytes), index);
  }

  /** Sees to it that what is kept of the new region of {@code r}, if it is, says whether it was worth compiling. */
  void prove(Result r) {
    Region region = r.region();
    RegionStore.Entry entry = r.entry();
    if (region == null || entry == null) {
      return;
    }
    if (r.x87() || tiers.growth() <= WORTH_COMPILING) {
      // It is to grow before it could show.
      store().prove(entry, engine.instructions());
    } else {
      unproved.put(region, entry);
      region.growAfter(WORTH_COMPILING);
    }
  }

  /** Whether {@code region} has only now shown that it was worth compiling. */
  boolean proves(Region region) {
    RegionStore.Entry entry = unproved.remove(region);
    if (entry != null) {
      store().prove(entry, engine.instructions());
    }
    return entry != null;
  }

  /** The processor runs no more. */
  void end() {
    RegionStore store = compilers.store();
    if (store != null) {
      store.end(engine.instructions());
    }
  }

  /** It stays once it is there. */
  private RegionStore store() {
    return Objects.requireNonNull(compilers.store());
  }
}
