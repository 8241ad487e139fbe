package annulus.cpu.block;

import annulus.arch.Seg;
import annulus.arch.Vector;
import annulus.cpu.Cpu;
import annulus.cpu.GuestFault;
import annulus.cpu.block.op.LeaveBlock;
import annulus.cpu.block.op.Op;
import annulus.engine.PendingEvents;
import org.jspecify.annotations.Nullable;

/**
 * Runs decoded blocks for a {@link BlockEngine}, operation after operation, block after block, and regions where they stand in for blocks.
 *
 * <p>{@link #run} is the hot loop: one virtual call an operation, one poll a block. It leaves for everything that is rare: an event, a
 * block that is not linked or in the cache's front, an instruction that may have changed the mode, a fault. Faults are precise because an
 * operation throws before it changes anything and the loop knows where each began.
 */
final class BlockRunner {
  private final BlockEngine engine;
  private final Cpu cpu;
  private final BlockCache cache;
  private final PendingEvents pending;
  private final RegionRunner regions;
  private final @Nullable HotBlocks hotBlocks;

  /** The block that ran last and where it started: to link it with its successor. */
  private @Nullable Block last;
  private long lastStart;
  /** {@link #regions} is at work: it has put the state in order before a fault comes here. */
  private boolean inRegions;
  /** Statistics: blocks that the cache's front did not have. */
  long lookups;

  BlockRunner(BlockEngine engine, BlockCache cache, PendingEvents pending, RegionRunner regions, @Nullable HotBlocks hotBlocks) {
    this.engine = engine;
    this.cache = cache;
    this.pending = pending;
    this.regions = regions;
    this.hotBlocks = hotBlocks;
    cpu = engine.cpu();
  }

  /** What runs next does not follow what ran last. */
  void forgetLast() {
    last = null;
  }

  /** The block at the instruction pointer, linked with the one that came before; null where code cannot be cached. */
  @Nullable Block block() {
    Cpu c = cpu;
    long rip = c.rip;
    Block from = last;
    last = null;
    if (engine.mode == CodeMode.CODE_64) {
      if (!c.canonical(rip)) {
        if (from != null && rip - lastStart == from.target) {
          // The branch faults, not its target (SDM 2A Jcc).
          c.rip = lastStart + from.lastOffset;
        }
        throw c.gp();
      }
      return found(from, rip, rip);
    }
    if (engine.mode == CodeMode.FLAT_32) {
      return found(from, rip, rip);
    }
    long limit = c.seg[Seg.CS].limit;
    if (rip > limit) {
      throw c.gp();
    }
    long linear = c.seg[Seg.CS].base + rip & 0xFFFF_FFFFL;
    Block b = cache.probe(linear, engine.mode);
    if (b == null) {
      b = cache.find(linear, engine.mode);
    }
    return b == null || rip + b.length - 1 > limit ? null : b;
  }

  private @Nullable Block found(@Nullable Block from, long rip, long linear) {
    Block b = cache.probe(linear, engine.mode);
    if (b == null) {
      lookups++;
      b = cache.find(linear, engine.mode);
    }
    if (b != null && from != null) {
      link(from, lastStart, b, rip);
    }
    return b;
  }

  /** Lets {@code from} go on to {@code to} without a look-up: only within a page, whose blocks retire together. */
  private static void link(Block from, long start, Block to, long rip) {
    if (from.page != to.page || (start ^ rip) >>> 12 != 0 || to.host < 0 || from.host < 0 || from.stops) {
      return;
    }
    if (rip - start == from.target) {
      from.targetBlock = to;
    } else if (rip - start == from.length) {
      from.nextBlock = to;
    }
  }

  /** Runs {@code b} and what follows it, until the engine has to look. Throws nothing but {@link GuestFault}. */
  void run(Block b, int attention) {
    Cpu c = cpu;
    long[] gpr = c.gpr;
    long rest = engine.left;
    long start = c.rip;
    int n = 0;
    try {
      for (;;) {
        int heat = b.heat;
        if (heat > 0) {
          b.heat = heat - 1;
        } else {
          Region region = b.region;
          if (region == null) {
            warmed(b, start);
          } else if (region.most <= rest && cache.enterable(b, region, start, cache.key(engine.mode))) {
            engine.left = rest;
            inRegions = true;
            Block cold = regions.run(start, attention);
            inRegions = false;
            if (cold == null) {
              return;
            }
            b = cold;
            rest = engine.left;
            start = c.rip;
            if (b.instructions > rest) {
              last = null;
              return;
            }
            // It warms up like any other.
            continue;
          }
        }
        gpr[Op.START] = start;
        // n is for faults. No loop: an operation that is in the block is one wait less for the host's memory
        operations: {
          n = 0;
          b.op0.execute(c);
          Op op = b.op1;
          if (op == null) {
            break operations;
          }
          n = 1;
          op.execute(c);
          op = b.op2;
          if (op == null) {
            break operations;
          }
          n = 2;
          op.execute(c);
          op = b.op3;
          if (op == null) {
            break operations;
          }
          n = 3;
          op.execute(c);
          op = b.op4;
          if (op == null) {
            break operations;
          }
          n = 4;
          op.execute(c);
          op = b.op5;
          if (op == null) {
            break operations;
          }
          n = 5;
          op.execute(c);
          for (Op later : b.more) {
            n++;
            later.execute(c);
          }
        }
        rest -= b.instructions;
        long rip = c.rip;
        Block next = rip - start == b.target ? b.targetBlock : rip - start == b.length ? b.nextBlock : null;
        if (next == null) {
          next = successor(b, start, rip);
          if (next == null) {
            break;
          }
        }
        b = next;
        start = rip;
        if (b.instructions > rest || (pending.poll() & attention) != 0) {
          b = null;
          break;
        }
      }
      engine.left = rest;
      last = b;
      lastStart = start;
    } catch (GuestFault f) {
      if (inRegions) {
        inRegions = false;
        throw f;
      }
      engine.left = rest - b.instructionsBefore(n);
      c.rip = start + b.offsetOf(n) & c.ipMask;
      if (c.memory.nonCanonical && f.vector == Vector.GP && b.op(n).usesStack()) {
        f.vector = Vector.SS;
      }
      throw f;
    } catch (LeaveBlock e) {
      boolean after = e == LeaveBlock.AFTER;
      engine.left = rest - b.instructionsBefore(after ? n + 1 : n);
      if (!after) {
        c.rip = start + b.offsetOf(n) & c.ipMask;
      }
    }
  }

  private void warmed(Block b, long linear) {
    HotBlocks h = hotBlocks;
    b.heat = h == null || b.host < 0 ? Integer.MAX_VALUE : h.hot(b, linear);
  }

  /** What follows {@code b} when it is not linked, or null to leave the loop. */
  private @Nullable Block successor(Block b, long start, long rip) {
    if (b.stops || !CodeMode.flat(engine.mode)) {
      return null;
    }
    Block next = cache.probe(rip, engine.mode);
    if (next != null) {
      link(b, start, next, rip);
    }
    return next;
  }
}
