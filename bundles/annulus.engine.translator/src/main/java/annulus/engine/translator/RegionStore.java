package annulus.engine.translator;

import annulus.arch.CpuFeature;
import annulus.cpu.Cpu;
import annulus.engine.PendingEvents;
import annulus.memory.Ram;
import annulus.vendor.VendorTrait;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Warm regions of earlier runs, in one file: a guest that starts once more runs much the same code, which need not be planned and written
 * once more. The file is
 *
 * <pre>
 * 0 magic   8 checksum of the bundles   16 regions:  key, runs without use, when it proved worth compiling, length,
 * {@link KeptRegion#encoded}   CRC32C of all before it
 * </pre>
 *
 * and counts only as a whole and for the same bundles, so that a damaged or foreign one is no more than one that is missing. It comes in
 * by an atomic rename when the provider goes, with what this run has used of it or written itself, if that makes a difference. What fails
 * costs time only.
 */
final class RegionStore {
  /** System property: the file. The first provider of a JVM takes it away: it was given for the bundles that the JVM was started with. */
  static final String PROPERTY = "annulus.regions";

  private static final System.Logger LOG = System.getLogger(RegionStore.class.getName());
  private static final long MAGIC = 0x414E_4E52_4547_4E31L; // ANNREGN1
  private static final int HEADER = 16;
  private static final int CHECKSUM = 8;
  /** Bytes in front of a region. */
  private static final int ENTRY = 24;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
  /** Bytes of all regions: those of some twenty guests. */
  private static final long LARGEST = 64 << 20;
  /** Bytes of those that one run adds, and keys of blocks that it asks about: more are not kept. */
  private static final long MOST_FRESH = 32 << 20;
  private static final int MOST_ASKED = 200_000;
  /** Runs after which a region goes that none of them has used. */
  private static final int MOST_UNUSED = 8;
  /** It is written anew when this run has more new regions than a sixteenth of what it has used. */
  private static final int WORTH_WRITING = 16;
  /** What the code of regions was made by and for; what it calls and which constants it has depends on them. */
  private static final List<Class<?>> BUNDLES =
      List.of(CpuFeature.class, Ram.class, VendorTrait.class, PendingEvents.class, Cpu.class, RegionStore.class);

  /** What {@link #proved} says of a block of which nothing is known. */
  static final long UNKNOWN = Long.MIN_VALUE;

  /** A region, encoded. */
  static final class Entry {
    private final ByteBuffer bytes;
    /** Runs since the last that had use for it. */
    private volatile int unused;
    /**
     * How many instructions its processor had run when it proved worth compiling, in the last run in which it did; below zero if it never
     * has, of so many instructions.
     */
    private volatile long proved;

    private Entry(ByteBuffer bytes, int unused, long proved) {
      this.bytes = bytes;
      this.unused = unused;
      this.proved = proved;
    }
  }

  private final Path file;
  private final long bundles;
  private final Map<Long, List<Entry>> entries = new HashMap<>();
  /**
   * What earlier runs know, by the keys of blocks: regions, where a block is the entry of one, or one that never proved worth compiling; or
   * that the block was never part of any.
   */
  private final Map<Long, Entry> known = new HashMap<>();
  /** Keys of blocks that this run was the first to ask about. */
  private final Set<Long> asked = ConcurrentHashMap.newKeySet();
  private int fresh;
  private long freshBytes;
  private final AtomicInteger learned = new AtomicInteger();
  private final AtomicLong longest = new AtomicLong();

  /** What {@code file} holds for {@code bundles}, or nothing. */
  RegionStore(Path file, long bundles) {
    this.file = file;
    this.bundles = bundles;
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      // A file that is replaced or removed meanwhile stays readable
      MemorySegment all = channel.map(MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto());
      if (all.byteSize() > LARGEST || !sound(all.asByteBuffer())) {
        entries.clear();
        known.clear();
        LOG.log(Level.DEBUG, "{0} is damaged or of other bundles", file);
      }
    } catch (IOException | UnsupportedOperationException e) {
      LOG.log(Level.DEBUG, "{0}: no regions are kept there: {1}", file, e.toString());
    }
  }

  /** The one of this JVM's first provider, if there is one. */
  static @Nullable RegionStore configured() {
    String file = (String) System.getProperties().remove(PROPERTY);
    if (file == null || file.isEmpty()) {
      return null;
    }
    try {
      return new RegionStore(Path.of(file), checksum(BUNDLES));
    } catch (IOException | RuntimeException e) {
      LOG.log(Level.WARNING, "no regions are kept in {0}: {1}", file, e.toString());
      return null;
    }
  }

  /** Of the files that {@code classes} come from. */
  private static long checksum(List<Class<?>> classes) throws IOException {
    CRC32C crc = new CRC32C();
    for (Class<?> c : classes) {
      CodeSource source = c.getProtectionDomain().getCodeSource();
      if (source == null) {
        throw new IOException("nobody knows where " + c.getName() + " comes from");
      }
      try {
        crc.update(Files.readAllBytes(Path.of(source.getLocation().toURI())));
      } catch (URISyntaxException e) {
        throw new IOException(source.getLocation() + " is not where a bundle can be", e);
      }
    }
    crc.update(Runtime.version().toString().getBytes(StandardCharsets.UTF_8));
    return crc.getValue();
  }

  /** Takes in what {@code in} holds. @return whether it is sound and for the same bundles */
  private boolean sound(ByteBuffer in) {
    try {
      return read(in);
    } catch (RuntimeException e) {
      // The sum is right all the same: who wrote it did not know the format.
      return false;
    }
  }

  private boolean read(ByteBuffer in) {
    int end = in.limit() - CHECKSUM;
    if (end < HEADER || in.getLong(0) != MAGIC || in.getLong(CHECKSUM) != bundles) {
      return false;
    }
    CRC32C crc = new CRC32C();
    crc.update(in.slice(0, end));
    if (crc.getValue() != in.getLong(end)) {
      return false;
    }
    in.limit(end).position(HEADER);
    List<Entry> cold = new ArrayList<>();
    while (in.hasRemaining()) {
      long key = in.getLong();
      int unused = in.getInt() + 1;
      long proved = in.getLong();
      int length = in.getInt();
      Entry e = new Entry(in.slice(in.position(), length), unused, proved);
      in.position(in.position() + length);
      entries.computeIfAbsent(key, k -> new ArrayList<>()).add(e);
      known.putIfAbsent(key, e); // those used last come first
      if (proved < 0 && length != 0) {
        cold.add(e);
      }
    }
    for (Entry e : cold) {
      for (long key : KeptRegion.keys(e.bytes.duplicate())) {
        known.putIfAbsent(key, e);
      }
    }
    return true;
  }

  /** What regions of a processor with these are told apart by, beside the start of their code. */
  static long processor(Set<CpuFeature> features, Set<VendorTrait> traits) {
    CRC32C crc = new CRC32C();
    crc.update((features + " " + traits).getBytes(StandardCharsets.UTF_8));
    return crc.getValue();
  }

  /** The key of a block of {@code mode} that begins {@code at} in {@code memory}, of which its page begins at a multiple of 4,096. */
  static long key(long processor, int mode, MemorySegment memory, long at) {
    long offset = at & CodeBytes.PAGE - 1;
    long start = 0;
    if (offset <= CodeBytes.PAGE - Long.BYTES) {
      start = memory.get(LONG, at);
    } else {
      for (long n = offset; n < CodeBytes.PAGE; n++) {
        start = start << Byte.SIZE | memory.get(ValueLayout.JAVA_BYTE, at - offset + n) & 0xFF;
      }
    }
    long mixed = (start ^ processor << Integer.SIZE ^ processor) * 0x9E37_79B9_7F4A_7C15L;
    return (mixed ^ mixed >>> Integer.SIZE) << 16 | (long) mode << 12 | offset;
  }

  /**
   * What earlier runs have found out about the block with that key: how many instructions the processor had run when its region proved
   * worth compiling, less than zero if none of its regions has while it ran so many, {@link #UNKNOWN} if it had none.
   */
  long proved(long key) { // on processors' threads: known is only read after the constructor
    Entry e = known.get(key);
    if (e == null) {
      if (asked.size() < MOST_ASKED) {
        asked.add(key);
      }
      return UNKNOWN;
    }
    e.unused = 0;
    return e.proved;
  }

  /** The region of {@code e} has proved worth compiling when its processor had run so many {@code instructions}. */
  void prove(Entry e, long instructions) {
    if (e.proved < 0) {
      learned.incrementAndGet();
    }
    e.proved = instructions;
  }

  /**
   * A region whose code is there.
   *
   * @param moved what is to be added to its offsets: {@link KeptRegion#moved}
   */
  record Found(Entry entry, KeptRegion region, int moved) { }

  /** The region whose entry has that key and whose code is that of {@code code}, and of these the one that was used last. */
  synchronized @Nullable Found find(long key, CodeBytes code, int entry) {
    List<Entry> all = entries.getOrDefault(key, List.of());
    for (Entry e : all) {
      if (e.bytes.capacity() == 0) {
        continue;
      }
      try {
        KeptRegion region = KeptRegion.decoded(e.bytes.duplicate());
        Integer moved = region.moved(code, entry);
        if (moved != null) {
          e.unused = 0;
          return new Found(e, region, moved);
        }
      } catch (RuntimeException x) {
        LOG.log(Level.WARNING, "{0}: a region is not sound and not used: {1}", file, x.toString());
      }
    }
    return null;
  }

  /** Keeps {@code region} for other runs. */
  synchronized Entry keep(long key, KeptRegion region) {
    Entry e = new Entry(ByteBuffer.wrap(region.encoded()), 0, -1);
    freshBytes += e.bytes.capacity();
    if (freshBytes <= MOST_FRESH) {
      entries.computeIfAbsent(key, k -> new ArrayList<>()).addFirst(e);
      fresh++;
    }
    return e;
  }

  /** A processor ends that has run so many {@code instructions}. */
  void end(long instructions) {
    longest.accumulateAndGet(instructions, Math::max);
  }

  /** Writes the file anew if this run has made a difference. */
  synchronized void save() {
    long used = entries.values().stream().flatMap(List::stream).filter(e -> e.unused == 0).count();
    if (fresh + learned.get() <= used / WORTH_WRITING) {
      return;
    }
    for (Long key : asked) {
      entries.computeIfAbsent(key, k -> new ArrayList<>(List.of(new Entry(ByteBuffer.allocate(0), 0, -1))));
    }
    for (List<Entry> all : entries.values()) {
      for (Entry e : all) {
        if (e.unused == 0 && e.proved < 0) {
          e.proved = Math.min(e.proved, -longest.get());
        }
      }
    }
    Path next = null;
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      next = Files.createTempFile(file.toAbsolutePath().getParent(), "regions-", ".new");
      write(next);
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
      next = null;
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "{0}: regions cannot be kept: {1}", file, e.toString());
    } finally {
      remove(next);
    }
  }

  private void write(Path to) throws IOException {
    CRC32C crc = new CRC32C();
    try (FileChannel channel = FileChannel.open(to, StandardOpenOption.WRITE);
        DataOutputStream out = new DataOutputStream(new CheckedOutputStream(Channels.newOutputStream(channel), crc))) {
      out.writeLong(MAGIC);
      out.writeLong(bundles);
      long size = HEADER + CHECKSUM;
      // What was used last goes first: beyond the most, the rest stays away
      for (int unused = 0; unused < MOST_UNUSED; unused++) {
        for (Map.Entry<Long, List<Entry>> all : entries.entrySet()) {
          for (Entry e : all.getValue()) {
            size += e.unused == unused ? ENTRY + e.bytes.capacity() : 0;
            if (e.unused == unused && size <= LARGEST) {
              write(out, all.getKey(), e);
            }
          }
        }
      }
      out.writeLong(crc.getValue());
    }
  }

  private static void write(DataOutputStream out, long key, Entry e) throws IOException {
    ByteBuffer region = ByteBuffer.allocate(ENTRY + e.bytes.capacity());
    region.putLong(key).putInt(e.unused).putLong(e.proved).putInt(e.bytes.capacity()).put(e.bytes.duplicate());
    out.write(region.array());
  }

  private static void remove(@Nullable Path file) {
    try {
      if (file != null) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "{0} stays: {1}", file, e.toString());
    }
  }
}
