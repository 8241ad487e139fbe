package annulus.loader.multiboot;

import annulus.loader.ImageBytes;
import annulus.loader.LoadException;
import java.lang.foreign.MemorySegment;

/** The header within the first 8 KiB of a Multiboot image (Multiboot 0.6.96, 3.1). */
record MultibootHeader(long at, long flags) {
  private static final int MAGIC = 0x1BAD_B002;
  private static final long SEARCHED = 8192;
  /** Flag bits 0-15 are requirements; bits 0 (page-aligned modules), 1 (memory information) are met. */
  private static final long REQUIRED = 0xFFFF;
  private static final long MET = 3;
  private static final long VIDEO = 1 << 2;
  private static final long ADDRESSES = 1 << 16;

  /** Offset of a header with a right checksum, or -1. */
  static long find(MemorySegment image) {
    ImageBytes bytes = new ImageBytes("image", image);
    try {
      for (long at = 0; at + 12 <= Math.min(SEARCHED, image.byteSize()); at += 4) {
        if (ImageBytes.has32(image, at, MAGIC)
            && (int) (bytes.u32("magic", at) + bytes.u32("flags", at + 4) + bytes.u32("checksum", at + 8)) == 0) {
          return at;
        }
      }
      return -1;
    } catch (LoadException e) {
      throw new AssertionError("reads within the image", e);
    }
  }

  static MultibootHeader read(ImageBytes image, long at) throws LoadException {
    long flags = image.u32("the Multiboot flags", at + 4);
    long unmet = flags & REQUIRED & ~MET;
    if (unmet == VIDEO) {
      throw image.unsupported("Multiboot flag 2 asks for a video mode; this machine has no display");
    }
    if (unmet != 0) {
      throw image.unsupported("Multiboot flags 0x%x; of the required ones 0 and 1 can be met".formatted(flags));
    }
    return new MultibootHeader(at, flags);
  }

  /** The header itself says where the image goes; it is then not read as ELF. */
  boolean hasAddresses() {
    return (flags & ADDRESSES) != 0;
  }
}
