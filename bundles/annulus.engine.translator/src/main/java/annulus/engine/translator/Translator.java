package annulus.engine.translator;

import annulus.cpu.Cpu;
import annulus.cpu.block.Block;
import annulus.cpu.block.BlockEngine;
import annulus.cpu.block.CodeMode;
import annulus.cpu.block.CodePage;
import annulus.cpu.block.HotBlocks;
import annulus.cpu.block.Region;
import annulus.cpu.decode.Decoder;
import annulus.cpu.exec.InstructionSet;
import annulus.engine.PendingEvents;
import annulus.memory.Pool;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedMap;
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
  /** By how much more than {@link Tiers#stay} control stays where others gain nothing by having the code as part of theirs. */
  private static final int LASTING = 5;
  /** How many other instructions one of the x87 unit takes as long as, in warm code. */
  private static final int X87_INSTRUCTION = 16;
  /**
   * How often it is looked at until then whether control stays in a region outside of the kernel: what calls it, or it calls, may have been
   * interpreted first. The loops of a kernel that starts do not go on for long.
   */
  private static final int USER_SAMPLES = 4;
  private static final int HUGE_METHOD = 8000;
  /** After how many executions a hot block is considered again whose page is being compiled. */
  private static final int AGAIN = 100;
  /** A region is looked at again after so many times as many instructions where nothing came of it. */
  private static final int AGAIN_LATER = 2;
  /** Executions of a block before it has a region of its own, from which on regions have it rather than blocks that have been run less. */
  private static final int SOME_TIMES = 8;
  private static final int QUEUE = 1000;
  private static final int MOST_SPARE = 8;
  /**
   * A block may be warm after a sixteenth or an eighth of the executions, while nothing else is being compiled, after a quarter while fewer
   * than 4 regions are, after half while fewer than 16 are: where the compilers have little to do, what runs seldom is better off
   * compiled, too.
   */
  private static final int[] UNDER_WAY = {1, 1, 4, 16};
  /** The same while the host has idle processors: what compiles takes none from the guest. */
  private static final int[] UNDER_WAY_WHILE_IDLE = {8, 16, 32, 64};
  private static final int CHANCES = UNDER_WAY.length;
  private static final System.Logger LOG = System.getLogger(Translator.class.getName());
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private final BlockEngine engine;
  private final Cpu cpu;
  private final Tiers tiers;
  private final PendingEvents pending;
  private final Compilers compilers;
  private final TierClock clock;
  private final TierClock.Times times;
  private final @Nullable RegionDump dump;
  private final EarlierRuns earlier;
  private final ConcurrentLinkedQueue<Result> finished = new ConcurrentLinkedQueue<>();
  private final ThreadLocal<Decoder> decoders;
  private final RequestQueue<Request> requests = new RequestQueue<>();
  private final RequestQueue<Request> hotRequests = new RequestQueue<>();
  /** Of requests that are done. */
  private final ArrayList<CodeCopy> spare = new ArrayList<>();
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
    earlier = new EarlierRuns(compilers, engine, tiers);
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
      int delay = earlier.delay(b, page);
      if (delay != EarlierRuns.UNKNOWN) {
        b.chances = CHANCES;
        if (delay != 0) {
          return delay;
        }
      }
    }
    if (b.chances < CHANCES && underWay >= (compilers.haveTime() ? UNDER_WAY_WHILE_IDLE : UNDER_WAY)[b.chances]) {
      return tiers.heat() >> CHANCES - b.chances++;
    }
    page.compiling = true;
    underWay++;
    requests.add(request(b, linear, null, cpu.gpr[Cpu.RSP]));
    compilers.execute(() -> answer(requests));
    return Request.COUNTING;
  }

  @Override public void grow(Block b, long linear, long stackPointer) {
    CodePage page = b.page;
    Region region = b.region;
    if (page == null || region == null) {
      return;
    }
    if (earlier.proves(region)) {
      region.growAfter(cpu.cpl == 3 ? growthOfUser() : tiers.growth());
      return;
    }
    if (page.otherComing && !region.grown) {
      // What has become hot behind the places where a region is left all the time: it will not be any more.
      region.growAfter(tiers.growth());
      return;
    }
    Form form = grown(region, page);
    if (form == null) {
      return;
    }
    if (form.locals() && region.tier == Form.LOCALS.tier()) {
      page.apart |= form == Form.APART;
      page.otherComing = true;
    }
    hotRequests.add(request(b, linear, form, stackPointer));
    compilers.executeHot(() -> answer(hotRequests));
  }

  /** What {@code r}, which has just run as many instructions as were wanted or is left too often, is to become; null to stay what it is. */
  private @Nullable Form grown(Region r, CodePage page) {
    boolean stays = stays(r, r.sample);
    Form form = Form.of(r);
    r.lasts = staysLong(r, r.sample);
    if (form.locals()) {
      if (r.isLeftTooOften() && r.notEntered && r.looksAtStack) {
        page.stackOnBorder = true;
        return Form.LOCALS;
      }
      if (r.isLeftTooOften()) {
        return form == Form.LOCALS ? Form.APART : Form.HOT;
      }
      if (!stays) {
        return Form.HOT;
      }
      // It may come to be otherwise.
      r.stayed(tiers.growth());
      r.sampled += r.sample;
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

  /** Whether others gain nothing by having the code of {@code r}, or it looks like that as far as it has run. */
  private boolean lasts(Region r) {
    return r.lasts || r.sampled == 0 && staysLong(r, r.sample - r.heat);
  }

  private boolean staysLong(Region r, long instructions) {
    return Form.of(r).locals() && !r.isLeftTooOften() && r.entries * LASTING * tiers.stay() <= instructions;
  }

  /** Whether {@code b} has been interpreted some times: its heat has fallen, or was set anew since it was decoded. */
  private boolean often(Block b) {
    return b.heat <= heat() - Math.min(SOME_TIMES, heat()) || b.heat > heat() || b.chances != 0;
  }

  /**
   * @param grows what a hot region is to become; null for what has none
   * @param stackPointer RSP at {@code linear}
   */
  private Request request(Block b, long linear, @Nullable Form grows, long stackPointer) {
    SortedMap<Long, CodePage> pages = engine.pagesFrom(b, linear, MOST_PAGES, LOOKED_THROUGH);
    long first = pages.firstKey();
    int count = pages.size();
    int[] distances = new int[count];
    int[] versions = new int[count];
    CodeCopy copy = spare.isEmpty() ? new CodeCopy(MOST_PAGES) : spare.removeLast();
    Region region = b.region;
    boolean back = grows == Form.HOT && region != null && Form.of(region).locals();
    Predicate<Region> separate = r -> grows == null || r != region && (back ? keepsLocals(r) : lasts(r));
    int entry = (int) (linear - (first << 12));
    IndirectCalls calls = new IndirectCalls();
    if (region != null) {
      calls.add(region.calls, region.called, entry - b.entry);
    }
    int n = 0;
    for (Map.Entry<Long, CodePage> e : pages.entrySet()) {
      CodePage p = e.getValue();
      int at = n * CodeBytes.PAGE;
      MemorySegment.copy(Pool.MEMORY, ValueLayout.JAVA_BYTE, p.hostFrame() * CodeBytes.PAGE, copy.bytes(), at, CodeBytes.PAGE);
      distances[n] = (int) (e.getKey() - first);
      versions[n] = p.version();
      p.starts(b.mode, any -> true, copy.run(), at);
      p.starts(b.mode, this::often, copy.often(), at);
      if (grows != null) {
        p.starts(b.mode, each -> each.heat <= 0, copy.warm(), at);
      }
      p.entries(b.mode, separate, copy.elsewhere(), at);
      if (grows != null) {
        // Its code may be taken over from others, which know what they call.
        long offset = e.getKey() - first << 12;
        p.regions(b.mode, (each, bias) -> calls.add(each.calls, each.called, offset - bias));
      }
      n++;
    }
    Form form = grows == null ? tiers.first() : grows;
    return new Request(b, cpu.cpl == 3, grows != null, back, form, entry, pages.values().toArray(CodePage[]::new), versions,
        new CodeBytes(distances, copy.bytes()), copy.run(), copy.often(), copy.warm(), copy.elsewhere(),
        calls, region, b.page != null && b.page.stackOnBorder ? OptionalLong.empty() : OptionalLong.of(stackPointer), System.nanoTime());
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
    Result kept = r.grown() ? null : kept(r);
    Result result = kept != null ? kept : translate(r, r.grown() ? MOST_GROWN : MOST_INSTRUCTIONS);
    nanoseconds.addAndGet(System.nanoTime() - before);
    Region region = result.region();
    if (region == null || !compilers.ahead()) {
      finish(result);
    } else if (r.grown()) {
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
    if (waited < MOST_MILLISECONDS && result.region() != null && QUEUE_OF_JVM.has(result.region().getClass())) {
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
    Block b = r.block();
    if (r.grown() && compilers.ahead()) {
      Warmup.initialise();
    }
    RegionPlan plan = new RegionPlan(decoders.get(), r.code(), r.entry(), CodeMode.bits(b.mode), r.run(), r.often(), r.warm(),
        r.elsewhere(), most, r.form().locals(), r.indirect());
    if (r.form().locals()) {
      if (!plan.depth().consistent() || r.grown() && !plan.loops()) {
        return r.hotAlready() ? Result.nothing(r, plan) : translate(r.as(Form.HOT), most);
      }
      if (compilers.ahead()) {
        Rarity.teach();
      }
    }
    if (plan.node(r.entry()) == null) {
      nothing.incrementAndGet();
      return Result.nothing(r, plan);
    }
    RegionWriter writer = new RegionWriter(plan, "annulus.engine.translator." + r.form().prefix() + NUMBER.incrementAndGet(), r.form(),
        r.entry(), r.stackPointer());
    byte[] bytes = writer.write();
    int size = RegionDump.codeSize(bytes);
    if (size >= HUGE_METHOD) {
      tooLarge.incrementAndGet();
      return most < 8 ? Result.nothing(r, plan) : translate(r, most * 3 / 4);
    }
    compiled.incrementAndGet();
    compiledInstructions.addAndGet(plan.instructions());
    bytecode.addAndGet(size);
    if (dump != null) {
      dump.write(r.page().gfn, plan, bytes);
    }
    Extent extent = Extent.of(plan);
    Region region = RegionClass.define(bytes, writer.data(cpu, engine.regions()), writer.shape(r.pages(extent), r.distances(extent, 0)));
    if (r.grown()) {
      grown.incrementAndGet();
      region.grown = true;
      region.looksAtStack = writer.looksAtStack();
    }
    begin(region, r, plan.depth().used());
    return new Result(r, region, extent, 0, size, plan.depth().used(), earlier.keep(r, plan, writer, size, bytes));
  }

  /** What another run has written for {@code r}, or null if nothing is kept for it. */
  private @Nullable Result kept(Request r) {
    RegionStore.Found found = dump != null ? null : earlier.find(r);
    if (found == null) {
      return null;
    }
    KeptRegion k = found.region();
    try {
      Extent extent = k.extent(r.code(), found.moved());
      Region region = k.define(r, extent, found.moved(), decoders.get(), cpu, engine.regions());
      begin(region, r, k.x87());
      reused.incrementAndGet();
      bytecode.addAndGet(k.size());
      return new Result(r, region, extent, found.moved(), k.size(), k.x87(), found.entry());
    } catch (RuntimeException | LinkageError e) {
      LOG.log(Level.WARNING, "a region that was kept is not sound and is written anew: {0}", e.toString());
      return null;
    }
  }

  /** Instructions between two looks at whether control stays in a region outside of the kernel. */
  private long growthOfUser() {
    return tiers.growth() / USER_SAMPLES;
  }

  /** Sets when {@link #grow} is to hear of the new region, which uses the x87 {@code stack}, or not. */
  private void begin(Region region, Request r, boolean stack) {
    region.growAfter(r.user() && !stack && !r.form().locals() ? growthOfUser() : tiers.growth());
    if (tiers.growth() == 0 || r.back()) {
      region.heat = Long.MAX_VALUE;
    } else if (stack && !r.form().locals()) {
      region.heat = tiers.growth() / X87_INSTRUCTION;
    }
  }

  @Override public boolean settle() {
    boolean others = false;
    Result r;
    while ((r = finished.poll()) != null) {
      Block b = r.request().block();
      if (!r.request().grown()) {
        r.request().page().compiling = false;
        underWay--;
      } else {
        r.request().page().otherComing = false;
      }
      if (!r.request().current(r.extent())) {
        outdated.incrementAndGet();
        again(r.request());
      } else if (r.region() != null) {
        others |= r.request().grown();
        install(r, r.region());
      } else if (r.request().grown() && b.region != null) {
        // It may do better at another of its entries.
        b.region.growAfter(AGAIN_LATER * b.region.sample);
      }
      if (spare.size() < MOST_SPARE) {
        spare.add(CodeCopy.of(r.request()));
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

  /** Puts {@code region} in the place of blocks; where it has grown, of other regions too, but for those that control stays in anyway. */
  private void install(Result r, Region region) {
    installed.incrementAndGet();
    live += r.size();
    earlier.prove(r);
    Request request = r.request();
    Region before = request.before();
    if (before != null) {
      // What else it covers may be hot as well.
      before.growAfter(tiers.growth());
    }
    Predicate<Region> instead = other -> request.grown() && (other == before || !lasts(other));
    CodePage[] pages = request.pages();
    for (int n = 0; n < pages.length; n++) {
      int bias = request.code().page(n) * CodeBytes.PAGE - r.moved();
      pages[n].install(region, request.block().mode, r.extent().entries(), n * CodeBytes.PAGE, bias, instead);
    }
  }

  /** Code that the region went to was written while it was compiled: what has not been written itself is to get hot once more. */
  private void again(Request r) {
    Block b = r.block();
    Region region = b.region;
    if (r.grown() && region != null) {
      region.growAfter(tiers.growth());
    } else if (b.page == r.page() && region == null) {
      b.heat = tiers.heat();
    }
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
    earlier.end();
    clock.end(times);
    finished.clear();
    spare.clear(); // regions' classes lead here until the JVM unloads them
  }
}
