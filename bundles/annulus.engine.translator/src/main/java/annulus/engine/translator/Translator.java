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
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Compiles the hot blocks of one processor in the background. On the processor's thread a request takes a copy of the page and of
 * what has been run of it; the finished region is put in the block's place by the same thread, unless the page was written since.
 */
final class Translator implements HotBlocks {
  /** Instructions in a region: with them, its bytecode stays below the size that HotSpot refuses to compile (8,000 bytes). */
  private static final int MOST_INSTRUCTIONS = Integer.getInteger("annulus.translator.most", 150);
  /** The same in a region that is compiled anew because others keep entering it. */
  private static final int MOST_GROWN = Integer.getInteger("annulus.translator.grown", 150);
  /** Instructions to save by an entry that a larger region would not need. */
  private static final int GROWN_WEIGHT = 20;
  private static final int HUGE_METHOD = 8000;
  /** After how many executions a hot block is considered again whose page is being compiled. */
  private static final int AGAIN = 100;
  private static final int QUEUE = 1000;
  private static final AtomicInteger NUMBER = new AtomicInteger();

  /** Executions that are counted from then on, to know which request matters most. */
  static final int COUNTING = 1 << 30;

  /** A hot block, and its page and those beside it as they were. */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares requests
  record Request(Block block, boolean grown, int entry, CodePage page, CodePage[] pages, int[] versions, byte[] bytes, BitSet run, BitSet warm,
      BitSet elsewhere) {
    /** Whether the code is still what it was. */
    boolean current() {
      for (int n = 0; n < pages.length; n++) {
        if (pages[n].version() != versions[n]) {
          return false;
        }
      }
      return block.page == page;
    }


    /** Only the pages from {@code first} to {@code last}. */
    Request trimmed(int first, int last) {
      int from = first * RegionPlan.PAGE;
      int to = (last + 1) * RegionPlan.PAGE;
      return new Request(block, grown, entry - from, page, Arrays.copyOfRange(pages, first, last + 1), Arrays.copyOfRange(versions, first, last + 1),
          Arrays.copyOfRange(bytes, from, to), run.get(from, to), warm.get(from, to), elsewhere.get(from, to));
    }

    /** Instructions that the block has run since: racy, and good enough to choose by. */
    long weight() {
      Region r = block.region;
      return r == null ? (long) (COUNTING - block.heat) * block.instructions : (long) -r.growth * GROWN_WEIGHT;
    }
  }

  private record Result(Request request, @Nullable Region region, BitSet entries, int size, long delay) { }

  private final BlockEngine engine;
  private final Cpu cpu;
  private final int heat;
  private final int growth;
  private final long mostBytecode;
  private final PendingEvents pending;
  private final Compilers compilers;
  private final @Nullable RegionDump dump;
  private final ConcurrentLinkedQueue<Result> finished = new ConcurrentLinkedQueue<>();
  private final ThreadLocal<Decoder> decoders;
  private final RequestQueue requests = new RequestQueue();
  private volatile boolean closed;

  private final AtomicLong compiled = new AtomicLong();
  private final AtomicLong grown = new AtomicLong();
  private final AtomicLong tooLarge = new AtomicLong();
  private final AtomicLong nothing = new AtomicLong();
  private final AtomicLong compiledInstructions = new AtomicLong();
  private final AtomicLong nanoseconds = new AtomicLong();
  private final AtomicLong bytecode = new AtomicLong();
  private final AtomicLong outdated = new AtomicLong();
  private final AtomicLong installed = new AtomicLong();
  private final AtomicLong evictions = new AtomicLong();
  /** Bytecode installed since the last eviction. */
  private long live;

  /**
   * @param heat executions after which a block is hot
   * @param growth entries from other regions after which a region grows; 0 for never
   * @param mostBytecode bytes of bytecode after which all regions are dropped
   */
  Translator(BlockEngine engine, Compilers compilers, @Nullable RegionDump dump, int heat, int growth, long mostBytecode) {
    this.heat = heat;
    this.growth = growth;
    this.mostBytecode = mostBytecode;
    this.engine = engine;
    cpu = engine.cpu();
    pending = cpu.context.pending();
    this.compilers = compilers;
    this.dump = dump;
    decoders = ThreadLocal.withInitial(() -> new Decoder(cpu.features, cpu.traits, InstructionSet.standard()));
  }

  @Override public int heat() {
    return heat;
  }

  @Override public int hot(Block b, long linear) {
    CodePage page = b.page;
    if (page == null || !CodeMode.flat(b.mode)) {
      return Integer.MAX_VALUE;
    }
    if (page.compiling || requests.size() > QUEUE) {
      return AGAIN;
    }
    page.compiling = true;
    requests.add(request(b, page, linear, false));
    compilers.execute(this::answer);
    return COUNTING;
  }

  @Override public void grow(Block b, long linear) {
    CodePage page = b.page;
    Region region = b.region;
    if (page == null || region == null) {
      return;
    }
    requests.add(request(b, page, linear, true));
    compilers.execute(this::answer);
  }

  private Request request(Block b, CodePage page, long linear, boolean grown) {
    List<CodePage> pages = new ArrayList<>();
    CodePage before = grown ? engine.codePage(linear - RegionPlan.PAGE) : null;
    CodePage after = grown ? engine.codePage(linear + RegionPlan.PAGE) : null;
    if (before != null && before != page) {
      pages.add(before);
    }
    int bias = pages.size() * RegionPlan.PAGE;
    pages.add(page);
    if (after != null && after != page && after != before) {
      pages.add(after);
    }
    int count = pages.size();
    byte[] bytes = new byte[count * RegionPlan.PAGE];
    int[] versions = new int[count];
    BitSet run = new BitSet(bytes.length);
    BitSet warm = new BitSet(bytes.length);
    BitSet elsewhere = new BitSet(bytes.length);
    for (int n = 0; n < count; n++) {
      CodePage p = pages.get(n);
      int at = n * RegionPlan.PAGE;
      MemorySegment.copy(Pool.MEMORY, ValueLayout.JAVA_BYTE, p.hostFrame() * RegionPlan.PAGE, bytes, at, RegionPlan.PAGE);
      versions[n] = p.version();
      p.starts(b.mode, Integer.MAX_VALUE, run, at);
      if (grown) {
        p.starts(b.mode, 0, warm, at);
      } else {
        p.entries(b.mode, elsewhere, at);
      }
    }
    return new Request(b, grown, bias + b.offset, page, pages.toArray(CodePage[]::new), versions, bytes, run, warm, elsewhere);
  }

  /** Compiles what has been run most since it was asked for. */
  private void answer() {
    Request r = requests.take();
    if (closed || r == null) {
      return;
    }
    long before = System.nanoTime();
    Result result = compile(r, r.grown ? MOST_GROWN : MOST_INSTRUCTIONS);
    nanoseconds.addAndGet(System.nanoTime() - before);
    if (result.delay == 0) {
      finish(result);
    } else {
      compilers.later(() -> finish(result), result.delay);
    }
  }

  private void finish(Result result) {
    if (!closed) {
      finished.add(result);
      pending.raise(PendingEvents.ENGINE);
    }
  }

  private Result compile(Request r, int most) {
    Block b = r.block;
    RegionPlan plan = new RegionPlan(decoders.get(), r.bytes, r.entry, CodeMode.bits(b.mode), r.run, r.warm, r.elsewhere, most);
    if (plan.node(r.entry) == null) {
      nothing.incrementAndGet();
      return new Result(r, null, plan.entries, 0, 0);
    }
    if (plan.lastPage() - plan.firstPage() + 1 < r.pages.length) {
      return compile(r.trimmed(plan.firstPage(), plan.lastPage()), most);
    }
    RegionWriter writer = new RegionWriter(plan, "annulus.engine.translator." + (r.grown ? "Hot" : "Warm") + NUMBER.incrementAndGet());
    byte[] bytes = writer.write();
    int size = RegionDump.codeSize(bytes);
    if (size >= HUGE_METHOD) {
      tooLarge.incrementAndGet();
      return most < 8 ? new Result(r, null, plan.entries, 0, 0) : compile(r, most / 2);
    }
    compiled.incrementAndGet();
    compiledInstructions.addAndGet(plan.instructions());
    bytecode.addAndGet(size);
    if (dump != null) {
      dump.write(r.page.gfn, plan, bytes);
    }
    Region region = define(writer, bytes, r.pages);
    if (r.grown) {
      grown.incrementAndGet();
      return new Result(r, region, plan.entries, size, Warmup.compile(region, cpu, plan.instructions()));
    }
    region.growth = growth;
    return new Result(r, region, plan.entries, size, 0);
  }

  private Region define(RegionWriter writer, byte[] bytes, CodePage... pages) {
    try {
      MethodHandles.Lookup l = MethodHandles.lookup().defineHiddenClassWithClassData(bytes, writer.data(cpu), true);
      MethodHandle constructor = l.findConstructor(l.lookupClass(), MethodType.methodType(void.class, Region.Shape.class));
      return (Region) constructor.invoke(writer.shape(pages));
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  @Override public void settle() {
    Result r;
    while ((r = finished.poll()) != null) {
      Block b = r.request.block;
      if (!r.request.grown) {
        r.request.page.compiling = false;
      }
      if (!r.request.current()) {
        outdated.incrementAndGet();
      } else if (r.region != null) {
        installed.incrementAndGet();
        live += r.size;
        CodePage[] pages = r.request.pages;
        for (int n = 0; n < pages.length; n++) {
          pages[n].install(r.region, b.mode, r.entries, n * RegionPlan.PAGE, r.request.grown);
        }
      }
    }
    if (live > mostBytecode) {
      // What is hot is compiled again; classes of regions that nobody holds are unloaded.
      evictions.incrementAndGet();
      live = 0;
      engine.forgetCode();
    }
  }

  @Override public void count(Map<String, Long> counters) {
    counters.put("regions-compiled", compiled.get());
    counters.put("regions-installed", installed.get());
    counters.put("regions-outdated", outdated.get());
    counters.put("regions-evictions", evictions.get());
    counters.put("regions-grown", grown.get());
    counters.put("regions-too-large", tooLarge.get());
    counters.put("regions-empty", nothing.get());
    counters.put("regions-instructions", compiledInstructions.get());
    counters.put("regions-bytecode", bytecode.get());
    counters.put("regions-milliseconds", nanoseconds.get() / 1_000_000);
  }

  @Override public void close() {
    closed = true;
    finished.clear();
  }
}
