package annulus.engine.translator;

import annulus.cpu.block.BlockEngine;
import annulus.cpu.block.CodeRegistry;
import annulus.cpu.exec.InstructionSet;
import annulus.engine.Engine;
import annulus.engine.EngineCapability;
import annulus.engine.EngineProvider;
import annulus.engine.ProvidesEngine;
import annulus.engine.VcpuContext;
import annulus.memory.GuestMemory;
import java.lang.System.Logger.Level;
import java.util.EnumSet;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;

/** Provides {@code translator}. */
@Component
@ProvidesEngine(engine = "translator")
public final class TranslatorProvider implements EngineProvider, Compilers {
  /** System property: {@code true} runs everything in the cold tier. */
  static final String OFF = "annulus.translator.off";
  /** System property: executions after which a block is hot. */
  static final String HEAT = "annulus.translator.heat";
  /** System property: instructions after which a region is compiled anew, by C2 and larger; 0 for never. */
  static final String GROWTH = "annulus.translator.growth";
  /** System property: instructions run at an entry from which on that keeps registers in locals. */
  static final String STAY = "annulus.translator.stay";
  /** System property: MiB of bytecode of one processor's regions; HotSpot's code for it takes several times that. */
  static final String CACHE = "annulus.translator.cache";
  /** System property: threads that compile. */
  static final String THREADS = "annulus.translator.threads";

  private static final System.Logger LOG = System.getLogger(TranslatorProvider.class.getName());
  /** For the end of one compilation, which takes some 10 ms. */
  private static final int MOST_SECONDS = 10;

  /** Of the host's, for each thread of C2. */
  private static final int PROCESSORS_FOR_C2 = 4;

  private final IdentityHashMap<GuestMemory, CodeRegistry> registries = new IdentityHashMap<>();
  private final TierClock clock = new TierClock();
  private final ScheduledThreadPoolExecutor threads = pool(Integer.getInteger(THREADS, 1), "annulus translator");
  /** As many as C2 has threads, or nearly: each waits for one of them. */
  private final ScheduledThreadPoolExecutor hotThreads =
      pool(Math.max(1, Runtime.getRuntime().availableProcessors() / PROCESSORS_FOR_C2), "annulus hot regions");

  private volatile @Nullable RegionStore store;

  public TranslatorProvider() {
    // A tenth of a second of a container's start, during which others can go on: the first engine needs it.
    execute(InstructionSet::standard);
    execute(() -> store = RegionStore.configured());
  }

  private static ScheduledThreadPoolExecutor pool(int size, String name) {
    ScheduledThreadPoolExecutor threads = new ScheduledThreadPoolExecutor(size, task -> {
      Thread t = new Thread(task, name);
      t.setDaemon(true);
      return t;
    }, new ThreadPoolExecutor.DiscardPolicy());
    // A thread that waits in the pool's code, into which HotSpot may have compiled a task of an earlier revision, keeps that revision.
    threads.setKeepAliveTime(1, TimeUnit.SECONDS);
    threads.allowCoreThreadTimeOut(true);
    return threads;
  }

  @Override public Set<EngineCapability> capabilities() {
    return EnumSet.allOf(EngineCapability.class);
  }

  @Override public Engine open(VcpuContext context) {
    return open(context, !Boolean.getBoolean(OFF));
  }

  /** @param translate whether hot code is compiled */
  synchronized BlockEngine open(VcpuContext context, boolean translate) {
    CodeRegistry registry = registries.computeIfAbsent(context.memory(), CodeRegistry::new);
    Tiers tiers = new Tiers(Integer.getInteger(HEAT, 1000), Form.WARM, Long.getLong(GROWTH, 10_000_000), Long.getLong(STAY, 400),
        Long.getLong(CACHE, 16) << 20);
    RegionDump dump = RegionDump.configured();
    BlockEngine engine = new BlockEngine(context, registry, true,
        translate ? e -> new Translator(e, this, clock, dump, tiers) : null, this::closed);
    registry.add(engine);
    return engine;
  }

  @Override public void execute(Runnable task) {
    threads.execute(() -> reporting(task));
  }

  @Override public void executeHot(Runnable task) {
    hotThreads.execute(() -> reporting(task));
  }

  @Override public void later(Runnable task, long milliseconds) {
    threads.schedule(() -> reporting(task), milliseconds, TimeUnit.MILLISECONDS);
  }

  @Override public boolean haveTime() {
    return clock.load().hasTime();
  }

  @Override public @Nullable RegionStore store() {
    return store;
  }

  @Override public boolean ahead() {
    return true;
  }

  /** The executor would keep what a task throws to itself. */
  private static void reporting(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      Thread t = Thread.currentThread();
      t.getUncaughtExceptionHandler().uncaughtException(t, e);
    }
  }

  private synchronized void closed(BlockEngine engine, GuestMemory memory) {
    CodeRegistry registry = registries.get(memory);
    if (registry != null && registry.remove(engine)) {
      registries.remove(memory);
    }
  }

  /**
   * Waits for what is being compiled: a region that HotSpot links to classes which can no longer be loaded is an error, and a hidden
   * class that fails to link stays for ever, with its loader.
   */
  @Deactivate void stop() {
    threads.shutdownNow();
    hotThreads.shutdownNow();
    try {
      if (!threads.awaitTermination(MOST_SECONDS, TimeUnit.SECONDS)
          || !hotThreads.awaitTermination(MOST_SECONDS, TimeUnit.SECONDS)) {
        LOG.log(Level.WARNING, "a region is still being compiled " + MOST_SECONDS
            + " s after the provider was stopped: its classes will stay");
      }
      RegionStore kept = store;
      if (kept != null) {
        kept.save();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
