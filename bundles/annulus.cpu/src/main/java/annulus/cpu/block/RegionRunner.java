package annulus.cpu.block;

import annulus.arch.Vector;
import annulus.cpu.Cpu;
import annulus.cpu.GuestFault;
import annulus.cpu.block.op.Op;
import annulus.engine.PendingEvents;
import annulus.memory.translation.SoftTlb;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Runs the compiled regions of one processor, one after the other, as long as each leads to another. Calls that leave a region of warm
 * code run what they lead to below it ({@link #call}), so that the return finds the region where it was: a change of region costs the
 * host half a dozen cache misses, a return of a Java method next to none.
 *
 * <pre>
 * run -> loop -> region -> call -> loop -> region -> call ...
 * </pre>
 *
 * Nothing of the guest's state is in these frames, and each is only gone on with where control has come back to it and nothing has
 * happened that its region depends on. Else all return, one by one, to {@link #run}, which is told why.
 */
public final class RegionRunner {
  /** Calls below one another: more are jumps, as are all when frames of other threads of the guest's are left below. */
  private static final int MOST_DEPTH = 32;
  /** What a call that comes back earns its region; one that does not costs 1, and below 0 its calls are jumps too. */
  private static final int TRUST = 4;
  static final int MOST_TRUST = 64;
  /** No instruction is there: not canonical. */
  private static final long NOWHERE = 0x8000_0000_0000_0001L;

  /** Control has come back to where a call returns to. */
  private static final int BACK = 1;
  /** No region is known that can be entered where control has come to. */
  private static final int ELSEWHERE = 2;
  /** What is left of the budget may not do for the region there. */
  private static final int SHORT = 3;
  /** Regions go on there, but in another mode or address space. */
  private static final int CHANGED = 4;
  /** Others are to go on. */
  private static final int LEAVE = 5;
  /** A region was left before an instruction, by a fault or because others must run it: the state is in order. */
  private static final int STOPPED = 6;

  private final BlockEngine engine;
  private final Cpu cpu;
  private final long[] gpr;
  private final PendingEvents pending;
  private final BlockCache cache;
  private final SoftTlb tlb;
  private final @Nullable HotBlocks hotBlocks;
  private int depth;
  /** Instructions that calls of the region at hand have run. */
  private long below;
  /** Why all frames are left, which {@code cpu.endBlock} then tells; 0 where an instruction has set that. */
  private int unwinding;
  /** With {@link #STOPPED}, unless the region was left to others. */
  private @Nullable GuestFault fault;

  private long entries;
  private long instructions;
  private long runs;
  private long left;
  private long calls;
  private long returns;
  /** Entries that {@link BlockCache#link} did not find. */
  private long linkMisses;

  RegionRunner(BlockEngine engine, BlockCache cache, PendingEvents pending, @Nullable HotBlocks hotBlocks) {
    this.engine = engine;
    this.cache = cache;
    this.pending = pending;
    this.hotBlocks = hotBlocks;
    cpu = engine.cpu();
    gpr = cpu.gpr;
    tlb = cpu.memory.tlb;
  }

  /**
   * Runs the region at {@code from}, which {@link BlockCache#enterable} has just said can be entered, and those that follow it. Accounts
   * for what they run in {@link BlockEngine#left}; {@code cpu.rip} is right afterwards.
   *
   * @param attended events that end {@link BlockEngine}'s run of blocks
   * @return the block that follows and has no region, or whose region does not fit in the budget; null to leave the loop, also where
   *     that block would run with other events to attend to, or behind a shadow
   * @throws GuestFault that an instruction has raised; budget and {@code cpu.rip} are those before it
   */
  @Nullable Block run(long from, int attended) {
    Cpu c = cpu;
    long before = engine.left;
    depth = 0;
    unwinding = 0;
    c.rip = from;
    gpr[Op.REST] = before;
    gpr[Op.ATTENTION] = attended;
    int link = cache.link(from, cache.key(engine.mode));
    try {
      int why = 0;
      while (why == 0) {
        why = loop(link, NOWHERE);
        if (unwinding != 0) {
          unwinding = 0;
          // Regions pass a CLI, which nobody has taken over when all frames are left behind it.
          if (!takesOver() && why != STOPPED) {
            why = LEAVE;
          }
        }
        if (why == CHANGED) {
          link = known(c.rip, cache.key(engine.mode));
          why = refused(link, gpr[Op.REST]);
        }
      }
      switch (why) {
        case STOPPED -> stopped();
        case ELSEWHERE, SHORT -> {
          if (!shadowed() && gpr[Op.ATTENTION] == attended) {
            return cache.probe(c.rip, engine.mode);
          }
        }
        default -> { }
      }
      return null;
    } finally {
      engine.regionsEnd(gpr[Op.REST]);
      runs++;
      instructions += before - gpr[Op.REST];
    }
  }

  /** Hands a fault on, or has the instruction run by others. */
  private void stopped() {
    GuestFault f = fault;
    fault = null;
    if (f != null) {
      throw f;
    }
    engine.leftRegion = true;
  }

  /**
   * For generated code, behind what a CALL does: goes to {@code target}, and comes back if control does.
   *
   * @param from the region that calls
   * @param back where the call returns to, an entry of {@code from}
   * @return whether the region goes on at {@code back}; if not, it returns to its caller what is left of the budget, which is in
   *     {@link Op#REST}, and {@code cpu.rip} is the next instruction
   */
  public boolean call(Region from, long target, long back) {
    cpu.rip = target;
    if (depth == MOST_DEPTH || from.trust < 0) {
      return false;
    }
    int link = known(target, cache.key(engine.mode));
    long rest = gpr[Op.REST];
    int why = refused(link, rest);
    if (why != 0) {
      unwind(why);
      return false;
    }
    calls++;
    long under = below;
    long epoch = tlb.epoch(back);
    long retirements = cache.retirements;
    depth++;
    why = loop(link, back);
    depth--;
    below = under + rest - gpr[Op.REST];
    if (from.grown || (target ^ back) >>> 12 != 0) {
      from.entries++;
    }
    engine.enterTier(from.tier);
    if (why != BACK) {
      from.trust--;
      unwind(why);
      return false;
    }
    returns++;
    from.trust = Math.min(from.trust + TRUST, MOST_TRUST);
    return from.most <= gpr[Op.REST] && tlb.epoch(back) == epoch && cache.retirements == retirements;
  }

  private void unwind(int why) {
    unwinding = why;
    cpu.endBlock = true;
  }

  /** Runs the region of {@code first} and what follows it, up to {@code back}. What is left of the budget is in {@link Op#REST}. */
  private int loop(int first, long back) {
    Cpu c = cpu;
    int key = cache.key(engine.mode);
    int link = first;
    long page = back & -4096;
    long rest = gpr[Op.REST];
    boolean shadow = shadowed();
    Region r = cache.regionOf(link);
    try {
      for (;;) {
        if (shadow) {
          // Nothing was pending behind STI or MOV SS, and nobody looks again before the next instruction is through.
          shadow = false;
          c.stiShadow = false;
          c.movSsShadow = false;
        }
        entries++;
        int entry = cache.entryOf(link);
        long start = c.rip;
        long stackPointer = gpr[Cpu.RSP];
        long last = page;
        page = start - entry;
        if (page != last || r.grown) {
          r.entries++;
        }
        long now = rest;
        long under = below;
        engine.enterTier(r.tier);
        rest = r.run(page, entry, rest);
        if (rest < 0) {
          boolean inside = rest == Region.LEFT;
          r.notEntered = !inside;
          rest = inside ? r.restAtFault(c) : now;
          c.rip = page + (inside ? r.offsetAtFault(c) : entry) & c.ipMask;
          left++;
          if (r.leftTooOften(now - rest)) {
            hot(r, link, start, stackPointer, key);
          }
          return STOPPED;
        }
        if ((r.heat -= now - rest - (below - under)) < 0) {
          hot(r, link, start, stackPointer, key);
        }
        if (c.endBlock) {
          if (unwinding != 0) {
            return unwinding;
          }
          if (!takesOver()) {
            return LEAVE;
          }
          shadow = shadowed();
          if (cache.key(engine.mode) != key) {
            if (back != NOWHERE) {
              return CHANGED;
            }
            key = cache.key(engine.mode);
          }
        }
        start = c.rip;
        if (start == back && !shadow && !attended()) {
          return BACK;
        }
        link = known(start, key);
        int why = refused(link, rest);
        if (why != 0) {
          return why;
        }
        r = cache.regionOf(link);
      }
    } catch (GuestFault f) {
      rest = settle(r, page);
      if (c.memory.nonCanonical && f.vector == Vector.GP && r.stackAtFault(c)) {
        f.vector = Vector.SS;
      }
      fault = f;
      return STOPPED;
    } catch (LeaveRegion e) {
      rest = settle(r, page);
      return STOPPED;
    } finally {
      gpr[Op.REST] = rest;
    }
  }

  /** Takes over what an instruction may have changed that regions depend on. @return whether regions may go on */
  private boolean takesOver() {
    boolean goOn = engine.takesOver();
    gpr[Op.ATTENTION] = engine.attention();
    return goOn && !hasToCount(cpu);
  }

  /**
   * Whether half of the iterations that are set aside for repeated instructions have been run: the engine counts them, and sets others
   * aside, between two runs.
   */
  public static boolean hasToCount(Cpu c) {
    return c.extraInstructions > c.extraLimit >> 1;
  }

  /** An event is pending that somebody is to attend to now. */
  private boolean attended() {
    return (pending.poll() & gpr[Op.ATTENTION]) != 0;
  }

  /** Why the region of {@code link} cannot be gone on with now, or 0. */
  private int refused(int link, long rest) {
    if (attended()) {
      return LEAVE;
    }
    if (link == BlockCache.NO_LINK) {
      return ELSEWHERE;
    }
    return cache.mostOf(link) > rest ? SHORT : 0;
  }

  /** The instruction behind STI or MOV SS is next. */
  private boolean shadowed() {
    return cpu.stiShadow || cpu.movSsShadow;
  }

  /** Puts the instruction pointer in order after {@code r} has thrown something. @return what is left of the budget */
  private long settle(Region r, long page) {
    cpu.rip = page + r.offsetAtFault(cpu) & cpu.ipMask;
    return r.restAtFault(cpu);
  }

  /** The link to the region at {@code start}, if there is one that can be entered here and now. */
  private int known(long start, int key) {
    int link = cache.link(start, key);
    if (link != BlockCache.NO_LINK) {
      return link;
    }
    linkMisses++;
    Block b = cache.probe(start, engine.mode);
    Region r = b == null ? null : b.region;
    return b != null && r != null && cache.enterable(b, r, start, key) ? cache.link(start, key) : BlockCache.NO_LINK;
  }

  /**
   * {@code r}, entered by {@code link} at {@code linear} with {@code stackPointer}, has run as many instructions as it wanted to be told
   * of. Where its block is not known any more, the next time tells.
   */
  private void hot(Region r, int link, long linear, long stackPointer, int key) {
    Block b = cache.link(linear, key) == link ? cache.blockOf(link) : null;
    r.stayed(-r.heat);
    r.heat = b == null ? 0 : Long.MAX_VALUE;
    HotBlocks h = hotBlocks;
    if (h != null && b != null && b.region == r) {
      h.grow(b, linear, stackPointer);
    }
  }

  void count(Map<String, Long> counters) {
    counters.put("region-runs", runs);
    counters.put("region-entries", entries);
    counters.put("region-entries-looked-up", linkMisses);
    counters.put("region-calls", calls);
    counters.put("region-calls-returned", returns);
    counters.put("regions-left-before-an-instruction", left);
    counters.put("region-instructions", instructions);
  }
}
