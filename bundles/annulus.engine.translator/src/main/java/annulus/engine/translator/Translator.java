package annulus.engine.translator;

import annulus.cpu.Cpu;
import annulus.cpu.block.Block;
import annulus.cpu.block.BlockEngine;
import annulus.cpu.block.CodeMode;
import annulus.cpu.block.CodePage;
import annulus.cpu.block.HotBlocks;
import annulus.cpu.block.Region;
import annulus.cpu.decode.Decoder;
import annulus.cpu.decode.Instruction;
import annulus.cpu.exec.InstructionSet;
import annulus.engine.PendingEvents;
import annulus.memory.Pool;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Compiles the hot blocks of one processor in the background. On the processor's thread a request takes a copy of the page and of
 * what has been run of it; the finished region is put in the block's place by the same thread, unless the page was written since.
 */
final class Translator implements HotBlocks {
  /** Instructions in a region: with them, its bytecode stays below the size that HotSpot refuses to compile (8,000 bytes). */
  private static final int MOST_INSTRUCTIONS = Integer.getInteger("annulus.translator.most", 150);
  /** The same in a region that is compiled anew because it is hot. */
  private static final int MOST_GROWN = Integer.getInteger("annulus.translator.grown", 150);
  /** Pages that a region's code may lie in. */
  private static final int MOST_PAGES = Integer.getInteger("annulus.translator.pages", 16);
  /** Instructions from a hot block on after which its pages are looked for no further. */
  private static final int LOOKED_THROUGH = 1000;
  /** What C1 needs for a region, if it is not behind and nothing tells when it is done. */
  private static final int C1_MILLISECONDS = 10;
  private static final CompileQueue QUEUE_OF_JVM = new CompileQueue();
  /** Milliseconds between two looks at HotSpot's queue, which is printed where it cannot be asked, and after which to wait no longer. */
  private static final int BETWEEN_LOOKS = HotSpot.here() == null ? 8 : 2;
  private static final int MOST_MILLISECONDS = 10_000;
  /** Instructions run at an entry below which registers are put into locals too often: many of those that were measured have 3 to 85. */
  private static final long WORTH_LOCALS = 100;
  /** How many other instructions one of the x87 unit takes as long as, in warm code. */
  private static final int X87_INSTRUCTION = 16;
  /**
   * How often it is looked at until then whether control stays in a region outside of the kernel: what calls it, or it calls, may have been
   * interpreted first. The loops of a kernel that starts do not go on for long.
   */
  private static final int USER_SAMPLES = 4;
  private static final int HUGE_METHOD = 8000;
  /** Instructions of a region that it took less long to interpret than C1 takes to compile them, by far. */
  private static final long WORTH_COMPILING = 30_000;
  /** How many times as often as others a block is executed until it is warm none of whose regions was worth it in earlier runs. */
  private static final int COLD = 4;
  /** After how many executions a hot block is considered again whose page is being compiled. */
  private static final int AGAIN = 100;
  private static final int QUEUE = 1000;
  /**
   * A block may be warm after a sixteenth or an eighth of the executions, while nothing else is being compiled, after a quarter while fewer
   * than 4 regions are, after half while fewer than 16 are: where the compilers have little to do, what runs seldom is better off
   * compiled, too.
   */
  private static final int[] UNDER_WAY = {1, 1, 4, 16};
  /** The same while the host has idle processors: what compiles takes none from the guest. */
  private static final int[] UNDER_WAY_WHILE_IDLE = {8, 16, 32, 64};
  private static final int CHANCES = UNDER_WAY.length;
  /** Executions that are counted from then on, to know which request matters most. */
  static final int COUNTING = 1 << 30;
  /** Nanoseconds after which it shows what a region does since it was asked for. */
  private static final long SOON = 3_000_000;
  private static final System.Logger LOG = System.getLogger(Translator.class.getName());
  private static final AtomicInteger NUMBER = new AtomicInteger();

  /**
   * A hot block with its region, and its page and those that its code goes to as they were; {@code back} from a form with registers in
   * locals.
   */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares requests
  record Request(Block block, boolean user, boolean grown, boolean back, Form form, int entry, CodePage[] pages, int[] versions,
      CodeBytes code, BitSet run, BitSet warm, BitSet elsewhere, IndirectCalls indirect, @Nullable Region before, long asked)
      implements RequestQueue.Weighted {
    Request as(Form other) {
      return new Request(block, user, grown, back, other, entry, pages, versions, code, run, warm, elsewhere, indirect, before, asked);
    }

    /** Whether the block has a region of that form. */
    boolean hotAlready() {
      Region r = block.region;
      return r != null && r.grown && Form.of(r) == Form.HOT;
    }

    /** Whether the code of {@code n} is still what it was. */
    boolean current(int n) {
      return pages[n].version() == versions[n];
    }

    /** The page of the block. */
    CodePage page() {
      return pages[code.index(entry) >>> 12];
    }

    /**
     * Instructions that a block has run since, or instructions a nanosecond of a region: one of these may have been busy when it was asked
     * for and not since. Racy, and good enough to choose by.
     */
    @Override public double weight() {
      Region r = block.region;
      return r == null ? (double) (COUNTING - block.heat) * block.instructions
          : (double) (Long.MAX_VALUE - r.heat) / (System.nanoTime() - asked + SOON);
    }
  }

  /**
   * The end of a request.
   *
   * @param moved what is to be added to the region's offsets to have the request's
   * @param entry as which the region is kept
   */
  private record Result(Request request, @Nullable Region region, Extent extent, int moved, int size,
      RegionStore.@Nullable Entry entry) {
    /** The same where what there was stays in its place. */
    Result without() {
      return new Result(request, null, extent, 0, 0, null);
    }
  }

  private final BlockEngine engine;
  private final Cpu cpu;
  private final Tiers tiers;
  private final PendingEvents pending;
  private final Compilers compilers;
  private final TierClock clock;
  private final TierClock.Times times;
  private final @Nullable RegionDump dump;
  /** For {@link RegionStore#key}. */
  private final long processor;
  private final ConcurrentLinkedQueue<Result> finished = new ConcurrentLinkedQueue<>();
  private final ThreadLocal<Decoder> decoders;
  private final RequestQueue<Request> requests = new RequestQueue<>();
  private final RequestQueue<Request> hotRequests = new RequestQueue<>();
  /** Regions that have not yet run as many instructions as make them worth compiling, with what is kept of them. */
  private final Map<Region, RegionStore.Entry> unproved = new WeakHashMap<>();
  private volatile boolean closed;

  private final AtomicLong reused = new AtomicLong();
  private final AtomicLong compiled = new AtomicLong();
  private final AtomicLong grown = new AtomicLong();
  private final AtomicLong tooLarge = new AtomicLong();
  private final AtomicLong nothing = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong compiledInstructions = new AtomicLong();
  private final AtomicLong nanoseconds = new AtomicLong();
  private final AtomicLong bytecode = new AtomicLong();
  private final AtomicLong outdated = new AtomicLong();
  private final AtomicLong installed = new AtomicLong();
  private final AtomicLong evictions = new AtomicLong();
  /** Bytecode installed since the last eviction. */
  private long live;
  /** Warm regions that have been asked for and are not there yet. */
  private int underWay;

  Translator(BlockEngine engine, Compilers compilers, TierClock clock, @Nullable RegionDump dump, Tiers tiers) {
    this.clock = clock;
    times = clock.begin(engine);
    this.tiers = tiers;
    this.engine = engine;
    cpu = engine.cpu();
    pending = cpu.context.pending();
    this.compilers = compilers;
    this.dump = dump;
    processor = RegionStore.processor(cpu.features, cpu.traits);
    decoders = ThreadLocal.withInitial(() -> new Decoder(cpu.features, cpu.traits, InstructionSet.standard()));
  }

  @Override public int heat() {
    return tiers.heat() >> CHANCES;
  }

  @Override public int hot(Block b, long linear) {
    CodePage page = b.page;
    if (page == null || !CodeMode.flat(b.mode)) {
      return Integer.MAX_VALUE;
    }
    if (page.compiling || requests.size() > QUEUE) {
      return AGAIN;
    }
    if (b.chances == 0) {
      int later = known(b, page);
      if (later != 0) {
        return later;
      }
    }
    if (b.chances < CHANCES && underWay >= (compilers.haveTime() ? UNDER_WAY_WHILE_IDLE : UNDER_WAY)[b.chances]) {
      return tiers.heat() >> CHANCES - b.chances++;
    }
    page.compiling = true;
    underWay++;
    requests.add(request(b, linear, null));
    compilers.execute(() -> answer(requests));
    return COUNTING;
  }

  /**
   * Goes by what earlier runs know of {@code b}: most of what is warm some time during the start of a guest never runs for as long as it
   * takes to be compiled.
   *
   * @return executions after which to consider it again, or 0 to do so now
   */
  private int known(Block b, CodePage page) {
    RegionStore store = compilers.store();
    if (store == null) {
      return 0;
    }
    long proved = store.proved(RegionStore.key(processor, b.mode, Pool.MEMORY, page.hostFrame() * CodeBytes.PAGE + b.offset));
    long now = engine.instructions();
    if (proved == RegionStore.UNKNOWN || proved < 0 && -proved < now) {
      return 0;
    }
    b.chances = CHANCES;
    return proved < 0 ? tiers.heat() * COLD : proved / 2 > now ? tiers.heat() : 0;
  }

  @Override public void grow(Block b, long linear) {
    CodePage page = b.page;
    Region region = b.region;
    if (page == null || region == null) {
      return;
    }
    RegionStore.Entry entry = unproved.remove(region);
    if (entry != null) {
      store().prove(entry, engine.instructions());
      region.growAfter(cpu.cpl == 3 ? growthOfUser() : tiers.growth());
      return;
    }
    if (page.apartComing && !region.grown) {
      // What has become hot behind the places where a region is left all the time: it will not be any more.
      region.growAfter(tiers.growth());
      return;
    }
    Form form = grown(region, page);
    if (form == null) {
      return;
    }
    if (form == Form.APART && region.tier == Form.LOCALS.tier()) {
      page.apart = true;
      page.apartComing = true;
    }
    hotRequests.add(request(b, linear, form));
    compilers.executeHot(() -> answer(hotRequests));
  }

  private RegionStore store() {
    return Objects.requireNonNull(compilers.store());
  }

  /** What {@code r}, which has just run as many instructions as were wanted or is left too often, is to become; null to stay what it is. */
  private @Nullable Form grown(Region r, CodePage page) {
    boolean stays = stays(r, r.sample);
    Form form = Form.of(r);
    if (form.locals()) {
      if (r.isLeftTooOften()) {
        return form == Form.LOCALS ? Form.APART : Form.HOT;
      }
      if (!stays) {
        return Form.HOT;
      }
      // It may come to be otherwise.
      r.stayed(tiers.growth());
      r.growAfter(tiers.growth());
      return null;
    }
    if (stays) {
      return page.apart ? Form.APART : Form.LOCALS;
    }
    if (r.sampled + r.sample < tiers.growth()) {
      r.sampled += r.sample;
      r.growAfter(r.sample);
      return null;
    }
    return r.grown ? null : Form.HOT;
  }

  /** Whether control, in the {@code instructions} that {@code r} has run, stayed long enough each time for registers to be in locals. */
  private boolean stays(Region r, long instructions) {
    return r.entries * (Form.of(r).locals() ? WORTH_LOCALS : tiers.stay()) <= instructions;
  }

  /** Whether {@code r} is one with registers in locals that is to stay. */
  private boolean keepsLocals(Region r) {
    return Form.of(r).locals() && !r.isLeftTooOften() && stays(r, r.sample - r.heat);
  }

  /** @param grows what a hot region is to become; null for what has none */
  private Request request(Block b, long linear, @Nullable Form grows) {
    SortedMap<Long, CodePage> pages = engine.pagesFrom(b, linear, MOST_PAGES, LOOKED_THROUGH);
    long first = pages.firstKey();
    int count = pages.size();
    int[] distances = new int[count];
    byte[] bytes = new byte[count * CodeBytes.PAGE];
    int[] versions = new int[count];
    BitSet run = new BitSet(bytes.length);
    BitSet warm = new BitSet(bytes.length);
    BitSet elsewhere = new BitSet(bytes.length);
    Region region = b.region;
    boolean back = grows == Form.HOT && region != null && Form.of(region).locals();
    Predicate<Region> separate = back ? r -> r != region && keepsLocals(r) : r -> true;
    int n = 0;
    for (Map.Entry<Long, CodePage> e : pages.entrySet()) {
      CodePage p = e.getValue();
      int at = n * CodeBytes.PAGE;
      MemorySegment.copy(Pool.MEMORY, ValueLayout.JAVA_BYTE, p.hostFrame() * CodeBytes.PAGE, bytes, at, CodeBytes.PAGE);
      distances[n] = (int) (e.getKey() - first);
      versions[n] = p.version();
      p.starts(b.mode, Integer.MAX_VALUE, run, at);
      if (grows != null) {
        p.starts(b.mode, 0, warm, at);
      }
      if (grows == null || back) {
        p.entries(b.mode, separate, elsewhere, at);
      }
      n++;
    }
    int entry = (int) (linear - (first << 12));
    Form form = grows == null ? tiers.first() : grows;
    return new Request(b, cpu.cpl == 3, grows != null, back, form, entry, pages.values().toArray(CodePage[]::new), versions,
        new CodeBytes(distances, bytes), run, warm, elsewhere,
        region == null ? IndirectCalls.NONE : IndirectCalls.of(region.calls, region.called, entry - b.entry), region, System.nanoTime());
  }

  /**
   * Compiles what has been run most since it was asked for. The threads that do so for hot regions wait for C2, so that not more are with
   * it than it has threads: what the guest does most now is next, and not what it did most when it was asked for.
   */
  private void answer(RequestQueue<Request> queue) {
    Request r = queue.take();
    if (closed || r == null) {
      return;
    }
    long before = System.nanoTime();
    Result kept = r.grown ? null : kept(r);
    Result result = kept != null ? kept : translate(r, r.grown ? MOST_GROWN : MOST_INSTRUCTIONS);
    nanoseconds.addAndGet(System.nanoTime() - before);
    Region region = result.region;
    if (region == null || !compilers.ahead()) {
      finish(result);
    } else if (r.grown) {
      if (Warmup.compile(region, QUEUE_OF_JVM)) {
        await(result, 0);
      } else {
        refused.incrementAndGet();
        finish(result.without());
      }
    } else {
      Warmup.compile(region);
      if (HotSpot.here() == null) {
        compilers.later(() -> finish(result), C1_MILLISECONDS);
      } else {
        await(result, 0);
      }
    }
  }

  /** Finishes when HotSpot has compiled the region: before that, it would be slower than what it replaces. */
  private void await(Result result, int waited) {
    if (waited < MOST_MILLISECONDS && result.region != null && QUEUE_OF_JVM.has(result.region.getClass())) {
      compilers.later(() -> await(result, waited + BETWEEN_LOOKS), BETWEEN_LOOKS);
    } else {
      finish(result);
    }
  }

  private void finish(Result result) {
    if (!closed) {
      finished.add(result);
      pending.raise(PendingEvents.ENGINE);
    }
  }

  private Result translate(Request r, int most) {
    Block b = r.block;
    if (r.grown && compilers.ahead()) {
      Warmup.initialise();
    }
    RegionPlan plan = new RegionPlan(decoders.get(), r.code, r.entry, CodeMode.bits(b.mode), r.run, r.warm, r.elsewhere, most,
        r.form.locals(), r.indirect);
    if (r.form.locals()) {
      if (!plan.depth().consistent() || r.grown && !plan.loops()) {
        return r.hotAlready() ? nothing(r, plan) : translate(r.as(Form.HOT), most);
      }
      if (compilers.ahead()) {
        Rarity.teach();
      }
    }
    if (plan.node(r.entry) == null) {
      nothing.incrementAndGet();
      return nothing(r, plan);
    }
    RegionWriter writer = new RegionWriter(plan, "annulus.engine.translator." + r.form.prefix() + NUMBER.incrementAndGet(), r.form);
    byte[] bytes = writer.write();
    int size = RegionDump.codeSize(bytes);
    if (size >= HUGE_METHOD) {
      tooLarge.incrementAndGet();
      return most < 8 ? nothing(r, plan) : translate(r, most * 3 / 4);
    }
    compiled.incrementAndGet();
    compiledInstructions.addAndGet(plan.instructions());
    bytecode.addAndGet(size);
    if (dump != null) {
      dump.write(r.page().gfn, plan, bytes);
    }
    Extent extent = Extent.of(plan);
    Region region = define(bytes, writer.data(cpu, engine.regions()), writer.shape(pages(r, extent), distances(r, extent, 0)));
    if (r.grown) {
      grown.incrementAndGet();
      region.grown = true;
    }
    begin(region, r, plan.depth().used());
    RegionStore store = compilers.store();
    RegionStore.Entry entry = store == null || r.form != Form.WARM ? null
        : store.keep(key(r, r.entry), KeptRegion.of(plan, n -> key(r, r.code.offset(n)), r.entry, writer, size, bytes));
    return new Result(r, region, extent, 0, size, entry);
  }

  private static Result nothing(Request r, RegionPlan plan) {
    return new Result(r, null, Extent.of(plan), 0, 0, null);
  }

  /** What another run has written for {@code r}, or null if nothing is kept for it. */
  private @Nullable Result kept(Request r) {
    RegionStore store = compilers.store();
    RegionStore.Found found = store == null || dump != null || r.form != Form.WARM ? null : store.find(key(r, r.entry), r.code, r.entry);
    if (store == null || found == null) {
      return null;
    }
    KeptRegion k = found.region();
    try {
      List<Instruction> constants = new ArrayList<>();
      for (int offset : k.constants()) {
        int index = r.code.index((long) offset + found.moved());
        constants.add(Objects.requireNonNull(
            decoders.get().decode(r.code.bytes, index, r.code.end(index) - index, CodeMode.bits(r.block.mode))));
      }
      Extent extent = k.extent(r.code, found.moved());
      long[] called = new long[2 * k.calls().length];
      Region region = define(k.classFile(),
          RegionWriter.data(cpu, List.of(), called, k.callsOut() ? engine.regions() : null, constants),
          new Region.Shape(k.offsets().length, r.form.tier(), pages(r, extent), distances(r, extent, found.moved()), k.offsets(), k.unrun(),
              k.stack(), k.calls(), called));
      begin(region, r, k.x87());
      reused.incrementAndGet();
      bytecode.addAndGet(k.size());
      return new Result(r, region, extent, found.moved(), k.size(), found.entry());
    } catch (RuntimeException | LinkageError e) {
      LOG.log(Level.WARNING, "a region that was kept is not sound and is written anew: {0}", e.toString());
      return null;
    }
  }

  /** Instructions between two looks at whether control stays in a region outside of the kernel. */
  private long growthOfUser() {
    return tiers.growth() / USER_SAMPLES;
  }

  /** Sees to it that what is kept of the new {@code region} says whether it was worth compiling. */
  private void prove(Region region, RegionStore.Entry entry) {
    if (region.heat < region.sample || tiers.growth() <= WORTH_COMPILING) {
      store().prove(entry, engine.instructions());
    } else {
      unproved.put(region, entry);
      region.growAfter(WORTH_COMPILING);
    }
  }

  /** Of what is at {@code offset} of the request's code. */
  private long key(Request r, int offset) {
    return RegionStore.key(processor, r.block.mode, MemorySegment.ofArray(r.code.bytes), r.code.index(offset));
  }

  /** Sets when {@link #grow} is to hear of the new region, which uses the x87 {@code stack}, or not. */
  private void begin(Region region, Request r, boolean stack) {
    region.growAfter(r.user && !stack && !r.form.locals() ? growthOfUser() : tiers.growth());
    if (tiers.growth() == 0 || r.back) {
      region.heat = Long.MAX_VALUE;
    } else if (stack && !r.form.locals()) {
      region.heat = tiers.growth() / X87_INSTRUCTION;
    }
  }

  /** The pages with code of a region. */
  private static CodePage[] pages(Request r, Extent extent) {
    CodePage[] pages = new CodePage[extent.pages().cardinality()];
    int count = 0;
    for (int n = extent.pages().nextSetBit(0); n >= 0; n = extent.pages().nextSetBit(n + 1)) { // no stream: see CompileQueue
      pages[count++] = r.pages[n];
    }
    return pages;
  }

  /** Their distances from the first that was looked at when the region was written. */
  private static int[] distances(Request r, Extent extent, int moved) {
    int[] distances = new int[extent.pages().cardinality()];
    int count = 0;
    for (int n = extent.pages().nextSetBit(0); n >= 0; n = extent.pages().nextSetBit(n + 1)) {
      distances[count++] = r.code.page(n) - moved / CodeBytes.PAGE;
    }
    return distances;
  }

  private static Region define(byte[] classFile, List<Object> data, Region.Shape shape) {
    try {
      MethodHandles.Lookup l = MethodHandles.lookup().defineHiddenClassWithClassData(classFile, data, true);
      return (Region) l.findConstructor(l.lookupClass(), MethodType.methodType(void.class, Region.Shape.class)).invoke(shape);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  @Override public boolean settle() {
    boolean others = false;
    Result r;
    while ((r = finished.poll()) != null) {
      Block b = r.request.block;
      if (!r.request.grown) {
        r.request.page().compiling = false;
        underWay--;
      } else {
        r.request.page().apartComing = false;
      }
      if (!current(r)) {
        outdated.incrementAndGet();
        again(r.request);
      } else if (r.region != null) {
        installed.incrementAndGet();
        others |= r.request.grown;
        live += r.size;
        if (r.entry != null) {
          prove(r.region, r.entry);
        }
        Region before = r.request.before;
        if (before != null) {
          // What else it covers may be hot as well.
          before.growAfter(tiers.growth());
        }
        CodePage[] pages = r.request.pages;
        for (int n = 0; n < pages.length; n++) {
          int bias = r.request.code.page(n) * CodeBytes.PAGE - r.moved;
          pages[n].install(r.region, b.mode, r.extent.entries(), n * CodeBytes.PAGE, bias, r.request.grown);
        }
      }
    }
    if (live > tiers.mostBytecode()) {
      // What is hot is compiled again; classes of regions that nobody holds are unloaded.
      evictions.incrementAndGet();
      live = 0;
      engine.forgetCode();
    }
    return others;
  }

  /** Code that the region went to was written while it was compiled: what has not been written itself is to get hot once more. */
  private void again(Request r) {
    Block b = r.block;
    Region region = b.region;
    if (r.grown && region != null) {
      region.growAfter(tiers.growth());
    } else if (b.page == r.page() && region == null) {
      b.heat = tiers.heat();
    }
  }

  private static boolean current(Result r) {
    BitSet pages = r.extent.pages();
    for (int n = pages.nextSetBit(0); n >= 0; n = pages.nextSetBit(n + 1)) {
      if (!r.request.current(n)) {
        return false;
      }
    }
    return r.request.block.page == r.request.page();
  }

  @Override public void count(Map<String, Long> counters) {
    counters.put("regions-compiled", compiled.get());
    counters.put("regions-reused", reused.get());
    counters.put("regions-installed", installed.get());
    counters.put("regions-outdated", outdated.get());
    counters.put("regions-evictions", evictions.get());
    counters.put("regions-grown", grown.get());
    counters.put("regions-too-large", tooLarge.get());
    counters.put("regions-empty", nothing.get());
    counters.put("regions-refused", refused.get());
    counters.put("regions-instructions", compiledInstructions.get());
    counters.put("regions-bytecode", bytecode.get());
    counters.put("regions-milliseconds", nanoseconds.get() / 1_000_000);
    counters.put("milliseconds-interpreted", times.milliseconds(BlockEngine.INTERPRETED));
    for (Form f : Form.values()) {
      counters.put("milliseconds-" + f.name().toLowerCase(Locale.ROOT), times.milliseconds(f.tier()));
    }
  }

  @Override public void close() {
    closed = true;
    RegionStore store = compilers.store();
    if (store != null) {
      store.end(engine.instructions());
    }
    clock.end(times);
    finished.clear();
  }
}
