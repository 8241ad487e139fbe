package annulus.loader;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** An ELF executable for x86, 32 or 64 bits: its loadable segments and notes. System V ABI, chapters 4 and 5. */
public final class ElfImage {
  private static final int MAGIC = 0x464C_457F;
  private static final int MACHINE_386 = 3;
  private static final int MACHINE_X86_64 = 62;
  private static final int PT_LOAD = 1;
  private static final int PT_NOTE = 4;
  /** More program headers than this are not a kernel's. */
  private static final int MOST_HEADERS = 512;
  private static final int MOST_NOTES = 4096;

  /** A loadable segment. */
  public record Segment(long physical, long linear, MemorySegment bytes, long size) {}

  private final ImageBytes image;
  private final boolean wide;
  private final long entry;
  private final List<Segment> segments = new ArrayList<>();
  private final List<long[]> notes = new ArrayList<>();

  private ElfImage(ImageBytes image) throws LoadException {
    this.image = image;
    if (image.u32("the ELF signature", 0) != MAGIC) {
      throw image.damaged("no ELF signature");
    }
    int klass = image.u8("the ELF class", 4);
    if (klass != 1 && klass != 2 || image.u8("the ELF data encoding", 5) != 1) {
      throw image.unsupported("ELF class " + klass + "; little-endian 32- or 64-bit files can be loaded");
    }
    wide = klass == 2;
    int machine = image.u16("the ELF machine", 18);
    if (machine != MACHINE_386 && machine != MACHINE_X86_64) {
      throw image.unsupported("ELF machine " + machine + "; 3 (386) and 62 (x86-64) can be loaded");
    }
    entry = word("the entry point", 24);
    readHeaders();
  }

  public static boolean probe(MemorySegment image) {
    return ImageBytes.has32(image, 0, MAGIC);
  }

  public static ElfImage read(String name, MemorySegment bytes) throws LoadException {
    return new ElfImage(new ImageBytes(name, bytes));
  }

  private void readHeaders() throws LoadException {
    long table = word("the program header offset", wide ? 32 : 28);
    int size = image.u16("the program header size", wide ? 54 : 42);
    int count = image.u16("the program header count", wide ? 56 : 44);
    if (count == 0 || count > MOST_HEADERS || size < (wide ? 56 : 32)) {
      throw image.damaged(count + " program headers of " + size + " bytes");
    }
    for (int i = 0; i < count; i++) {
      long at = table + (long) i * size;
      long type = image.u32("program header " + i, at);
      long offset = wide ? image.u64("program header " + i, at + 8) : image.u32("program header " + i, at + 4);
      long linear = wide ? image.u64("program header " + i, at + 16) : image.u32("program header " + i, at + 8);
      long physical = wide ? image.u64("program header " + i, at + 24) : image.u32("program header " + i, at + 12);
      long inFile = wide ? image.u64("program header " + i, at + 32) : image.u32("program header " + i, at + 16);
      long inMemory = wide ? image.u64("program header " + i, at + 40) : image.u32("program header " + i, at + 20);
      if (type == PT_LOAD && inMemory != 0) {
        if (inFile < 0 || inMemory < inFile || physical < 0 || physical + inMemory < physical) {
          throw image.damaged("segment %d at 0x%x has 0x%x bytes in the file and 0x%x in memory".formatted(i, physical, inFile, inMemory));
        }
        segments.add(new Segment(physical, linear, image.slice("segment " + i, offset, inFile), inMemory));
      } else if (type == PT_NOTE) {
        image.slice("notes", offset, inFile);
        notes.add(new long[] {offset, inFile});
      }
    }
    if (segments.isEmpty()) {
      throw image.damaged("no loadable segment");
    }
    checkOverlaps();
  }

  private void checkOverlaps() throws LoadException {
    List<Segment> sorted = new ArrayList<>(segments);
    sorted.sort(java.util.Comparator.comparingLong(Segment::physical));
    for (int i = 1; i < sorted.size(); i++) {
      Segment before = sorted.get(i - 1);
      if (before.physical() + before.size() > sorted.get(i).physical()) {
        throw image.damaged("segments at 0x%x and 0x%x overlap".formatted(before.physical(), sorted.get(i).physical()));
      }
    }
  }

  private long word(String what, long at) throws LoadException {
    return wide ? image.u64(what, at) : image.u32(what, at);
  }

  /** Whether this is a 64-bit file. */
  public boolean wide() {
    return wide;
  }

  /** The entry point: a linear address, which for kernels that start with paging off is a physical one. */
  public long entry() {
    return entry;
  }

  public List<Segment> segments() {
    return List.copyOf(segments);
  }

  /** The first 4 or 8 bytes of the note of this owner and type. */
  public OptionalLong note(String owner, int type) throws LoadException {
    for (long[] n : notes) {
      long at = n[0];
      long end = at + n[1];
      for (int i = 0; at + 12 <= end && i < MOST_NOTES; i++) {
        long nameSize = image.u32("a note", at);
        long size = image.u32("a note", at + 4);
        long kind = image.u32("a note", at + 8);
        long name = at + 12;
        long value = name + (nameSize + 3 & ~3L);
        if (kind == type && nameSize == owner.length() + 1 && matches(name, owner) && size >= 4) {
          return OptionalLong.of(size >= 8 ? image.u64("a note's value", value) : image.u32("a note's value", value));
        }
        at = value + (size + 3 & ~3L);
      }
    }
    return OptionalLong.empty();
  }

  private boolean matches(long at, String owner) throws LoadException {
    for (int i = 0; i < owner.length(); i++) {
      if (image.u8("a note's owner", at + i) != owner.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
