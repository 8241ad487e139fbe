package annulus.cpu.block;

import annulus.arch.Rflags;
import annulus.arch.Seg;
import annulus.arch.StateException;
import annulus.arch.VcpuState;
import annulus.arch.VcpuState.Activity;
import annulus.arch.Vector;
import annulus.cpu.Cpu;
import annulus.cpu.CpuState;
import annulus.cpu.GuestFault;
import annulus.cpu.decode.Instruction;
import annulus.cpu.exec.DebugTraps;
import annulus.cpu.exec.Interrupts;
import annulus.cpu.exec.Repetition;
import annulus.engine.Engine;
import annulus.engine.Exit;
import annulus.engine.PendingEvents;
import annulus.engine.VcpuContext;
import annulus.cpu.block.op.Op;
import annulus.memory.CodeObserver;
import annulus.memory.GuestMemory;
import annulus.memory.translation.Access;
import annulus.memory.translation.Translation;
import annulus.memory.translation.Walk;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Runs one virtual processor by interpreting decoded blocks, and by calling the compiled regions that {@link HotBlocks} has put in
 * the place of some.
 *
 * <pre>
 * run:  boundary (events, interrupts) -> BlockRunner: operation after operation, block after block, and regions
 *                                     -> or one instruction at a time, while debug facilities or shadows need it
 * </pre>
 */
public final class BlockEngine implements Engine, CodeObserver {
  /** {@link #tier}: no guest code is run. */
  public static final int NOT_RUNNING = -1;
  /** {@link #tier}: decoded blocks are run. */
  public static final int INTERPRETED = 0;

  private static final VarHandle INSTRUCTIONS;
  private static final VarHandle TIER;
  /** Iterations of repeated instructions that a run may have at most before they are counted: some large ones each time. */
  private static final long MOST_ASIDE = 4 * Repetition.BUDGET;
  /** PAUSE instructions after which another processor should have its turn. */
  private static final int MANY_PAUSES = 64;
  private static final int MONITORS = PendingEvents.HOLD | PendingEvents.INIT | PendingEvents.STARTUP | PendingEvents.FLUSH;
  private static final int ALL_EVENTS = -1;
  /** {@link #boundary}: nothing keeps the processor from running. */
  private static final int GO_ON = -1;

  static {
    try {
      INSTRUCTIONS = MethodHandles.lookup().findVarHandle(BlockEngine.class, "instructions", long.class);
      TIER = MethodHandles.lookup().findVarHandle(BlockEngine.class, "tier", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final VcpuContext context;
  private final GuestMemory memory;
  private final PendingEvents pending;
  private final EngineTables tables = EngineTables.take();
  private final Cpu cpu;
  private final CodeRegistry registry;
  private final BiConsumer<BlockEngine, GuestMemory> onClose;
  private final BlockBuilder builder;
  private final BlockCache cache;
  private final boolean shared;
  private final @Nullable HotBlocks hotBlocks;
  private final RegionRunner regions;
  private final BlockRunner blocks;
  /** Frames that other threads have written, and complements of frames whose write entries another processor wants dropped. */
  private final ConcurrentLinkedQueue<Long> messages = new ConcurrentLinkedQueue<>();
  private volatile @Nullable Thread runner;
  private volatile boolean running;
  private volatile boolean closed;

  int mode;
  /** Budget that is left, in instructions. */
  long left;
  @SuppressWarnings("UnusedVariable") // read through INSTRUCTIONS
  private long instructions;
  private long faults;
  private long interrupts;
  private long careful;
  @SuppressWarnings("UnusedVariable") // read through TIER
  private int tier = NOT_RUNNING;
  /** A region stopped before an instruction that it must not run: the next one is stepped. */
  boolean leftRegion;

  /**
   * @param specialise whether operations other than the general meanings are used
   * @param hotBlocks makes what compiles hot blocks; null to interpret all
   */
  public BlockEngine(VcpuContext context, CodeRegistry registry, boolean specialise,
      @Nullable Function<BlockEngine, HotBlocks> hotBlocks, BiConsumer<BlockEngine, GuestMemory> onClose) {
    this.context = context;
    this.registry = registry;
    this.onClose = onClose;
    memory = context.memory();
    pending = context.pending();
    shared = context.processors() > 1;
    cpu = new Cpu(context, tables.tlb);
    builder = new BlockBuilder(cpu, memory.pool(), tables.operations, specialise);
    this.hotBlocks = hotBlocks == null ? null : hotBlocks.apply(this);
    int heat = this.hotBlocks == null ? Integer.MAX_VALUE : this.hotBlocks.heat();
    cache = new BlockCache(cpu, memory.pool(), tables, builder, registry, this, heat);
    regions = new RegionRunner(this, cache, pending, this.hotBlocks);
    blocks = new BlockRunner(this, cache, pending, regions, this.hotBlocks);
    memory.addCodeObserver(this);
  }

  // ---- the run loop -----------------------------------------------------------------------------------------------------------

  @Override public int run(long budget) {
    runner = Thread.currentThread();
    running = true;
    try {
      checkOpen();
      TIER.setOpaque(this, INTERPRETED);
      receive();
      left = budget;
      blocks.forgetLast();
      for (;;) {
        if (left <= 0) {
          return Exit.BUDGET;
        }
        int exit = boundary();
        if (exit != GO_ON) {
          return exit;
        }
        long before = left;
        advance();
        INSTRUCTIONS.setOpaque(this, instructions + before - left);
      }
    } finally {
      running = false;
      TIER.setOpaque(this, NOT_RUNNING);
    }
  }

  /** Runs blocks, or one instruction where blocks would not do. */
  private void advance() {
    Cpu c = cpu;
    refresh();
    // Behind a shadow an event is due after one instruction (SDM 2B STI), which may be the only chance before the next CLI.
    if (leftRegion || needsCare() || (c.stiShadow || c.movSsShadow) && pending.get() != 0) {
      leftRegion = false;
      step();
      return;
    }
    try {
      Block b = blocks.block();
      // Iterations of repeated instructions come out of what is set aside: near the budget's end less and less, but not one at a time.
      long aside = Math.min(MOST_ASIDE, left >> 4);
      if (b == null || b.instructions > left - aside) {
        step();
        return;
      }
      c.stiShadow = false;
      c.movSsShadow = false;
      c.extraLimit = aside;
      left -= aside;
      try {
        blocks.run(b, attention());
      } finally {
        left += aside;
      }
      account();
    } catch (GuestFault f) {
      deliver(f);
    }
  }

  /** Takes over what instructions may have changed that decoded code depends on. */
  private void refresh() {
    Cpu c = cpu;
    c.endBlock = false;
    mode = CodeMode.of(c);
    c.gpr[Op.FS_BASE] = c.seg[Seg.FS].base;
    c.gpr[Op.GS_BASE] = c.seg[Seg.GS].base;
  }

  /**
   * What {@link #advance} does before it runs blocks, after an instruction in a region that may have changed what code depends on.
   * Not where RFLAGS.RF ends with the next instruction, before which the budget may end. A shadow stays until the next region is
   * entered.
   *
   * @return whether regions may go on
   */
  boolean takesOver() {
    Cpu c = cpu;
    refresh();
    return c.activity == Activity.ACTIVE && CodeMode.flat(mode) && !DebugTraps.armed(c);
  }

  /** Whether single step, breakpoints or pending debug traps need a look between any two instructions. */
  private boolean needsCare() {
    Cpu c = cpu;
    if (!DebugTraps.armed(c)) {
      return false;
    }
    if ((c.systemFlags & Rflags.TF) == 0 && (c.dr[7] & 0xFF) == 0 && c.pendingDebug == 0) {
      // RF alone: there is no breakpoint that it could hold off.
      c.systemFlags &= ~Rflags.RF;
      return false;
    }
    return true;
  }

  /** Events that end {@link BlockRunner#run}: not those that would have to wait anyway. IF and NMI blocking do not change inside. */
  int attention() {
    int events = ALL_EVENTS;
    if ((cpu.systemFlags & Rflags.IF) == 0) {
      events &= ~PendingEvents.INTERRUPT;
    }
    if (cpu.nmiBlocked) {
      events &= ~PendingEvents.NMI;
    }
    return events;
  }

  /** {@link #tier} from now on. */
  void enterTier(int entered) {
    TIER.setOpaque(this, entered);
  }

  /** Regions run no more, and have left so much of the budget. */
  void regionsEnd(long rest) {
    enterTier(INTERPRETED);
    left = rest;
  }

  /** Counts the iterations of repeated instructions. */
  private void account() {
    left -= cpu.extraInstructions;
    cpu.extraInstructions = 0;
  }

  /** Runs one instruction with everything that can happen around it. */
  private void step() {
    Cpu c = cpu;
    careful++;
    boolean armed = DebugTraps.armed(c);
    if (armed && DebugTraps.before(c)) {
      return;
    }
    c.stiShadow = false;
    c.movSsShadow = false;
    long start = c.rip;
    try {
      if (c.codeBits == 64 && !c.canonical(start)) {
        throw c.gp();
      }
      c.extraLimit = left - 1;
      Instruction i = builder.decodeOne(c.codeBits == 64 ? start : c.seg[Seg.CS].base + start & 0xFFFF_FFFFL);
      c.rip = start + i.length & c.ipMask;
      i.semantics.execute(c, i);
      left--;
      account();
    } catch (GuestFault f) {
      c.rip = start;
      deliver(f);
      return;
    }
    if (armed) {
      DebugTraps.after(c);
    }
  }

  // ---- events -----------------------------------------------------------------------------------------------------------------

  private void deliver(GuestFault f) {
    faults++;
    account();
    Interrupts.deliver(cpu, f.vector, f.errorCode, Interrupts.EXCEPTION);
    cpu.memory.nonCanonical = false;
  }

  /** Between two instructions: serves events and says whether to go on, by {@link #GO_ON}, or how to leave. */
  private int boundary() {
    Cpu c = cpu;
    int events = pending.get();
    if (events != 0) {
      if ((events & PendingEvents.ENGINE) != 0) {
        receive();
      }
      if ((events & MONITORS) != 0) {
        return Exit.PENDING;
      }
      if (c.activity == Activity.ACTIVE || c.activity == Activity.HALTED) {
        interrupt(events);
      }
    }
    if (c.pauses >= MANY_PAUSES) {
      c.pauses = 0;
      if (shared) {
        return Exit.YIELD;
      }
    }
    return switch (c.activity) {
      case ACTIVE -> GO_ON;
      case SHUTDOWN -> Exit.SHUTDOWN;
      default -> Exit.HALT;
    };
  }

  /** Delivers an NMI or an interrupt, if one may be now (SDM 3A 6.7, 6.8, 6.8.3). */
  private void interrupt(int events) {
    Cpu c = cpu;
    if (c.stiShadow || c.movSsShadow) {
      return;
    }
    if ((events & PendingEvents.NMI) != 0 && !c.nmiBlocked) {
      pending.clear(PendingEvents.NMI);
      interrupts++;
      Interrupts.deliver(c, Vector.NMI, 0, Interrupts.NMI);
    } else if ((events & PendingEvents.INTERRUPT) != 0 && (c.systemFlags & Rflags.IF) != 0) {
      int vector = context.bus().acknowledgeInterrupt();
      if (vector >= 0) {
        interrupts++;
        Interrupts.deliver(c, vector, 0, Interrupts.EXTERNAL);
      }
    }
  }

  // ---- code that is written ---------------------------------------------------------------------------------------------------

  @Override public void codeWritten(long gfn) {
    if (Thread.currentThread() == runner && running) {
      cache.retire(gfn, false);
    } else {
      messages.add(gfn);
      pending.raise(PendingEvents.ENGINE);
    }
  }

  /** Asks for direct write entries of {@code gfn} to be dropped. @return whether the answer has to be waited for */
  boolean protect(long gfn) {
    messages.add(~gfn);
    pending.raise(PendingEvents.ENGINE);
    return running;
  }

  private void receive() {
    pending.clear(PendingEvents.ENGINE);
    HotBlocks h = hotBlocks;
    if (h != null && h.settle()) {
      cache.forgetStaleLinks();
    }
    Long message;
    while ((message = messages.poll()) != null) {
      if (message >= 0) {
        cache.retire(message, true);
      } else {
        long gfn = ~message;
        long host = memory.hostOffset(gfn << 12);
        if (host >= 0) {
          cpu.memory.tlb.protect(host);
        }
        registry.protectedBy(this, gfn);
      }
    }
  }

  // ---- the rest of the contract -------------------------------------------------------------------------------------------------

  @Override public long instructions() {
    return (long) INSTRUCTIONS.getOpaque(this);
  }

  @Override public VcpuState export(int groups) {
    return CpuState.export(cpu, groups);
  }

  @Override public void restore(VcpuState state) throws StateException {
    CpuState.restore(cpu, state);
  }

  @Override public void flush() {
    checkOpen();
    cache.clear(Retirement.FLUSHED);
    context.translation().flush(cpu.memory.tlb);
    cpu.modeChanged();
  }

  /** Drops all decoded and compiled code, between blocks, to make room: what runs is decoded again. */
  public void forgetCode() {
    cache.clear(Retirement.EVICTED);
  }

  @Override public long translate(long linear) {
    Walk walk = new Walk();
    boolean mapped = cpu.canonical(linear)
        && context.translation().translate(cpu.paging, linear, Access.READ | Access.PROBE, walk) == Translation.OK;
    return mapped ? walk.gpa : -1;
  }

  @Override public Map<String, Long> counters() {
    Map<String, Long> counters = new LinkedHashMap<>();
    counters.put("blocks-decoded", cache.blocks);
    counters.put("blocks-looked-up", blocks.lookups);
    counters.put("pages-retired", cache.retirements);
    counters.put("pages-retired-written-elsewhere", cache.retirementsElsewhere);
    counters.put("cache-overflows", cache.overflows);
    counters.put("instructions-decoded", builder.decoded);
    counters.put("instructions-decoded-generic", builder.generic);
    counters.put("instructions-stepped", careful);
    counters.put("faults", faults);
    counters.put("interrupts", interrupts);
    HotBlocks h = hotBlocks;
    if (h != null) {
      regions.count(counters);
      for (Retirement why : Retirement.values()) {
        counters.put("regions-retired-" + why.label(), cache.regionsRetired[why.ordinal()]);
      }
      h.count(counters);
    }
    counters.put("tlb-fills", cpu.memory.tlb.fills);
    counters.put("tlb-flushes", cpu.memory.tlb.flushes);
    return counters;
  }

  /**
   * The pages where code lies that direct branches lead to from {@code from}, which begins at {@code linear}: by their linear page
   * number, those that can be executed here and now and whose changes are noticed. The nearest come first when there are too many.
   *
   * @param mostInstructions instructions after which to look no further
   */
  public SortedMap<Long, CodePage> pagesFrom(Block from, long linear, int most, int mostInstructions) {
    return cache.pagesFrom(from, linear, most, mostInstructions);
  }

  /**
   * What the processor's thread is at: {@link #NOT_RUNNING}, {@link #INTERPRETED} or the tier of a region. From any thread; may be
   * some nanoseconds old.
   */
  public int tier() {
    return (int) TIER.getOpaque(this);
  }

  /** The processor, for whoever compiles its code, and for tests. */
  public Cpu cpu() {
    return cpu;
  }

  /** What compiled code calls other regions by. */
  public RegionRunner regions() {
    return regions;
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the engine is closed, and its tables may be another's by now");
    }
  }

  @Override public void close() {
    if (closed) {
      return;
    }
    closed = true;
    memory.removeCodeObserver(this);
    HotBlocks h = hotBlocks;
    if (h != null) {
      h.close();
    }
    cache.forget();
    blocks.forgetLast();
    onClose.accept(this, memory);
    if (!running) { // else it has been given up while it hangs, and may wake up
      tables.giveBack();
    }
  }
}
