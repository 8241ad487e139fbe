package annulus.cpu.block;

import annulus.cpu.Cpu;
import annulus.memory.translation.SoftTlb;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The decoded code of one processor. Blocks hang off their page, found by host frame; in front of that stands a cache indexed by
 * linear address whose hits are verified: the TLB must map the address, for execution here and now, to the block's own bytes.
 *
 * <p>Writes to a page with blocks are noticed because the page is marked as code. Where that cannot be relied on (other processors
 * have not yet dropped their write entries), or is not worth it (code and data share the page), blocks hold a single instruction
 * and a copy of its bytes, and each entry compares.
 */
final class BlockCache {
  /** Operations at most: some 20 MB. Then everything is dropped and what runs is decoded again. */
  private static final int MOST_OPERATIONS = 250_000;
  private static final int SLOTS = EngineTables.JUMPS;
  private static final int RECENT = EngineTables.RECENT;
  private static final int LINKS = EngineTables.LINKS;
  private static final int LINK_SHIFT = EngineTables.LINK_SHIFT;
  private static final int LINK_EPOCH = 1;
  private static final int LINK_KEY = 2;
  private static final int LINK_MOST = 3;
  /** {@link #link}: not known. */
  static final int NO_LINK = -1;
  /** Pages between the first and the last of a region: calls reach 2 GiB. */
  private static final int FARTHEST = 1 << 17;

  private final Cpu cpu;
  private final SoftTlb tlb;
  private final MemorySegment pool;
  private final BlockBuilder builder;
  private final CodeRegistry registry;
  private final BlockEngine owner;
  /** Executions of a new block until {@link HotBlocks} hears of it. */
  private final int heat;
  private final EngineTables tables;
  private final @Nullable Block[] jumps;
  /** Pages used last, by host frame. */
  private final @Nullable CodePage[] recent;
  /**
   * Regions by where they were entered, in front of {@link #jumps}: one cache line of the host tells whether a change of region is known.
   * A link is four numbers of {@code links}, its region and its block.
   *
   * <pre>
   * | linear address | epoch of the TLB | key << 32 + entry | {@link Region#most} |
   * </pre>
   */
  private final long[] links;
  private final @Nullable Region[] linkRegions;
  private final @Nullable Block[] linkBlocks;
  private final Map<Long, CodePage> byHost = new HashMap<>();
  private final Map<Long, CodePage> byFrame = new HashMap<>();
  private long operations;
  /** Statistics. */
  long blocks;
  long overflows;
  /** Pages whose code has been written, by this processor and by others or devices. */
  long retirements;
  long retirementsElsewhere;
  /** Regions by why they are no more. */
  final long[] regionsRetired = new long[Retirement.values().length];

  BlockCache(Cpu cpu, MemorySegment pool, EngineTables tables, BlockBuilder builder, CodeRegistry registry, BlockEngine owner, int heat) {
    this.cpu = cpu;
    tlb = cpu.memory.tlb;
    this.pool = pool;
    this.builder = builder;
    this.registry = registry;
    this.owner = owner;
    this.heat = heat;
    this.tables = tables;
    jumps = tables.jumps;
    recent = tables.recent;
    links = tables.links;
    linkRegions = tables.linkRegions;
    linkBlocks = tables.linkBlocks;
  }

  private static int slot(long linear) {
    return (int) (linear ^ linear >>> 14) & SLOTS - 1;
  }

  /** The block at {@code linear} if the cache in front has it; null is no answer. */
  @Nullable Block probe(long linear, int mode) {
    Block b = jumps[slot(linear)];
    if (b == null) {
      return null;
    }
    int i = SoftTlb.index(linear);
    boolean same = tlb.entries[i + SoftTlb.EXECUTE] == SoftTlb.tag(linear, cpu.memory.fetchContext)
        && b.host == tlb.hostOffset(i, linear) && b.mode == mode;
    return same ? b : null;
  }

  /**
   * The block at {@code linear}, decoded if need be. Raises the faults of the fetch.
   *
   * @return null where code lies outside memory: nothing is cached for it
   */
  @Nullable Block find(long linear, int mode) {
    long host = cpu.memory.fetch(linear);
    if (host < 0) {
      return null;
    }
    CodePage page = page(linear, host);
    boolean watched = watched(page, host);
    Block b = page.find((int) host & 0xFFF, mode);
    if (b != null && !current(b, linear, watched)) {
      page.remove(b);
      b = null;
    }
    if (b == null) {
      b = decode(page, linear, host, mode, watched);
    }
    if (b.host >= 0) {
      jumps[slot(linear)] = b;
    }
    return b;
  }

  /** The page at {@code linear} if code of it has been decoded and it can be executed here and now. */
  @Nullable CodePage pageAt(long linear) {
    int i = SoftTlb.index(linear);
    if (tlb.entries[i + SoftTlb.EXECUTE] != SoftTlb.tag(linear, cpu.memory.fetchContext)) {
      return null;
    }
    CodePage page = byHost.get(tlb.hostOffset(i, linear) >>> 12);
    return page != null && page.watched ? page : null;
  }

  /** What {@link BlockEngine#pagesFrom} says. */
  SortedMap<Long, CodePage> pagesFrom(Block from, long linear, int most, int mostInstructions) {
    SortedMap<Long, CodePage> pages = new TreeMap<>();
    Set<Block> seen = new HashSet<>();
    Deque<Long> open = new ArrayDeque<>();
    pages.put(linear >>> 12, Objects.requireNonNull(from.page));
    open.add(linear);
    int instructions = 0;
    while (instructions < mostInstructions) {
      Long at = open.pollFirst();
      if (at == null) {
        break;
      }
      CodePage page = pages.get(at >>> 12);
      if (page == null && pages.size() < most && at >>> 12 >= pages.lastKey() - FARTHEST && at >>> 12 <= pages.firstKey() + FARTHEST) {
        page = pageAt(at);
        if (page != null) {
          pages.put(at >>> 12, page);
        }
      }
      Block b = page == null ? null : page.find((int) (at & 0xFFF), from.mode);
      if (b == null || !b.staysDecoded() || !seen.add(b)) {
        continue;
      }
      instructions += b.instructions;
      open.add(at + b.length);
      if (b.target != Block.NOWHERE) {
        open.add(at + b.target);
      }
    }
    return pages;
  }

  /** Whether {@code r}, beginning at {@code start}, finds its pages where they were when it was compiled. */
  boolean covers(Region r, long start) {
    CodePage[] pages = r.pages;
    for (int n = 0; n < pages.length; n++) {
      long linear = start + ((long) r.distances[n] << 12);
      int i = SoftTlb.index(linear);
      boolean cached = tlb.entries[i + SoftTlb.EXECUTE] == SoftTlb.tag(linear, cpu.memory.fetchContext);
      long host = cached ? tlb.hostOffset(i, linear) : cpu.memory.fetchable(linear);
      if (host >>> 12 != pages[n].hostFrame) {
        return false;
      }
    }
    return true;
  }

  private static int linkSlot(long linear) {
    return (int) (linear ^ linear >>> 13) & LINKS - 1;
  }

  /** What {@link #link} compares beside the address: blocks of other modes or contexts may lie at the same one. */
  int key(int mode) {
    return mode << 12 | cpu.memory.fetchContext;
  }

  /**
   * The link to the region at {@code linear}, if how it is entered has been found out before and holds, or {@link #NO_LINK}, which is no
   * answer.
   */
  int link(long linear, int key) {
    int slot = linkSlot(linear);
    int n = slot << LINK_SHIFT;
    return links[n] == linear && links[n + LINK_EPOCH] == tlb.epoch(linear) && links[n + LINK_KEY] >>> 32 == key ? slot : NO_LINK;
  }

  Region regionOf(int link) {
    return Objects.requireNonNull(linkRegions[link]);
  }

  /** Null where links have been forgotten since {@link #link} found this one. */
  @Nullable Block blockOf(int link) {
    return linkBlocks[link];
  }

  int entryOf(int link) {
    return (int) links[(link << LINK_SHIFT) + LINK_KEY];
  }

  long mostOf(int link) {
    return links[(link << LINK_SHIFT) + LINK_MOST];
  }

  /** Whether the region of {@code b}, which was found at {@code linear}, can be entered here and now. */
  boolean enterable(Block b, Region r, long linear, int key) {
    if (r.pages.length > 1 && !covers(r, linear - b.entry)) {
      return false;
    }
    int slot = linkSlot(linear);
    int n = slot << LINK_SHIFT;
    links[n] = linear;
    links[n + LINK_EPOCH] = tlb.epoch(linear);
    links[n + LINK_KEY] = (long) key << 32 | b.entry;
    links[n + LINK_MOST] = r.most;
    linkRegions[slot] = r;
    linkBlocks[slot] = b;
    return true;
  }

  /** Regions have taken the place of others, or are gone: forgets links to these, and only to these, for there are thousands. */
  void forgetStaleLinks() {
    for (int slot = 0; slot < LINKS; slot++) {
      Block b = linkBlocks[slot];
      if (b != null && b.region != linkRegions[slot]) {
        Arrays.fill(links, slot << LINK_SHIFT, slot + 1 << LINK_SHIFT, -1);
        linkRegions[slot] = null;
        linkBlocks[slot] = null;
      }
    }
  }

  private CodePage page(long linear, long host) {
    long frame = host >>> 12;
    int slot = (int) frame & RECENT - 1;
    CodePage page = recent[slot];
    if (page != null && page.hostFrame == frame) {
      return page;
    }
    page = byHost.get(frame);
    if (page == null) {
      page = new CodePage(frame, cpu.memory.fetchPhysical(linear) >>> 12);
      byHost.put(frame, page);
      byFrame.put(page.gfn, page);
    }
    recent[slot] = page;
    return page;
  }

  /** Whether writes to the page are noticed; makes it so unless that is not worth it. */
  private boolean watched(CodePage page, long host) {
    if (page.watched) {
      return true;
    }
    if (!page.hot(owner.instructions())) {
      page.watched = registry.mark(page.gfn, owner);
      tlb.protect(host & -4096);
    }
    return page.watched;
  }

  /** Whether a block that was found may still be run. */
  private boolean current(Block b, long linear, boolean watched) {
    CodePage second = b.secondPage;
    if (second != null) {
      long host = cpu.memory.fetch(secondPage(linear));
      if (host != b.secondHost) {
        return false;
      }
      watched &= watched(second, host);
    }
    byte[] bytes = b.bytes;
    if (bytes == null) {
      return true;
    }
    return !watched && same(bytes, linear);
  }

  private boolean same(byte[] bytes, long linear) {
    return Arrays.equals(bytes, copy(linear, bytes.length));
  }

  private byte[] copy(long linear, int length) {
    byte[] bytes = new byte[length];
    int first = (int) Math.min(length, 4096 - (linear & 0xFFF));
    MemorySegment.copy(pool, ValueLayout.JAVA_BYTE, cpu.memory.fetch(linear), bytes, 0, first);
    if (first < length) {
      MemorySegment.copy(pool, ValueLayout.JAVA_BYTE, cpu.memory.fetch(secondPage(linear)), bytes, first, length - first);
    }
    return bytes;
  }

  private long secondPage(long linear) {
    long second = (linear | 0xFFF) + 1;
    return cpu.codeBits == 64 ? second : second & 0xFFFF_FFFFL;
  }

  private Block decode(CodePage page, long linear, long host, int mode, boolean watched) {
    if (operations > MOST_OPERATIONS) {
      overflows++;
      clear(Retirement.CACHE_FULL);
      page = page(linear, host);
      page.watched = watched;
    }
    Block b = builder.build(host, mode, watched ? Integer.MAX_VALUE : 1);
    if (b == null) {
      return decodeCrossing(page, linear, host, mode, watched);
    }
    if (watched) {
      b.host = host;
      b.heat = heat;
    } else {
      b.bytes = copy(linear, b.length);
    }
    return add(page, b, host);
  }

  /** An instruction across a page border: it belongs to both pages, and is never entered without a look at the second. */
  private Block decodeCrossing(CodePage page, long linear, long host, int mode, boolean watched) {
    long second = cpu.memory.fetch(secondPage(linear));
    CodePage secondPage = null;
    if (second >= 0) {
      secondPage = page(secondPage(linear), second);
      watched &= watched(secondPage, second);
    }
    Block b = builder.buildCrossing(linear, mode);
    if (secondPage == null) {
      b.page = page;
      return b;
    }
    b.secondPage = secondPage;
    b.secondHost = second;
    if (!watched) {
      b.bytes = copy(linear, b.length);
    }
    secondPage.addCrossing(b);
    return add(page, b, host);
  }

  private Block add(CodePage page, Block b, long host) {
    b.offset = (int) host & 0xFFF;
    page.add(b);
    operations += b.operations();
    blocks++;
    return b;
  }

  /** The frame was written, by this processor or else {@code elsewhere}: what was decoded from it is void. */
  void retire(long gfn, boolean elsewhere) {
    CodePage page = byFrame.get(gfn);
    if (page != null && page.watched) {
      retirements++;
      retirementsElsewhere += elsewhere ? 1 : 0;
      page.written(owner.instructions());
      page.watched = false;
      // A region that runs from this page leaves it after an instruction that may have done this.
      cpu.endBlock = true;
      Set<Region> gone = new HashSet<>();
      operations -= page.clear(gone);
      regionsRetired[(elsewhere ? Retirement.WRITTEN_ELSEWHERE : Retirement.WRITTEN).ordinal()] += gone.size();
      if (!gone.isEmpty()) {
        forgetStaleLinks();
      }
    }
  }

  /** Drops everything. */
  void clear(Retirement why) {
    Set<Region> gone = new HashSet<>();
    for (CodePage page : byHost.values()) {
      page.clear(gone);
    }
    regionsRetired[why.ordinal()] += gone.size();
    forget();
  }

  /** The same where nothing of it is run any more: blocks need not be stopped one by one, which takes half a millisecond for a kernel's. */
  void forget() {
    byHost.clear();
    byFrame.clear();
    tables.forgetBlocks();
    operations = 0;
  }
}
