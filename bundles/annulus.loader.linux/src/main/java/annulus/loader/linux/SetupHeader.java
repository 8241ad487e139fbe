package annulus.loader.linux;

import annulus.loader.ImageBytes;
import annulus.loader.LoadException;
import java.lang.foreign.MemorySegment;

/** The setup header of a bzImage: Linux Documentation/arch/x86/boot.rst, "The Real-Mode Kernel Header". */
final class SetupHeader {
  /** Where the header starts, in the file and in the boot parameters. */
  static final int START = 0x1F1;
  private static final int SIGNATURE = 0x5372_6448;
  private static final int SIGNATURE_AT = 0x202;
  private static final int OLDEST = 0x20A;
  private static final int SECTOR = 512;

  private final ImageBytes image;
  private final MemorySegment bytes;
  private final long kernel;

  SetupHeader(String name, MemorySegment bytes) throws LoadException {
    this.bytes = bytes;
    image = new ImageBytes(name, bytes);
    if (image.u32("the header signature", SIGNATURE_AT) != SIGNATURE) {
      throw image.damaged("no HdrS signature at 0x202");
    }
    int version = image.u16("the protocol version", 0x206);
    if (version < OLDEST) {
      throw image.unsupported("boot protocol %d.%02d; 2.10 or later can be loaded".formatted(version >> 8, version & 0xFF));
    }
    if ((image.u8("the load flags", 0x211) & 1) == 0) {
      throw image.unsupported("a zImage; bzImages can be loaded");
    }
    int sectors = image.u8("the setup size", START);
    kernel = (long) ((sectors == 0 ? 4 : sectors) + 1) * SECTOR;
    if (kernel >= bytes.byteSize()) {
      throw image.damaged("setup of " + kernel + " bytes leaves no kernel in a file of " + bytes.byteSize());
    }
  }

  static boolean probe(MemorySegment image) {
    return ImageBytes.has32(image, SIGNATURE_AT, SIGNATURE);
  }

  ImageBytes image() {
    return image;
  }

  /** The header's own bytes, for the boot parameters. */
  byte[] header() throws LoadException {
    int end = SIGNATURE_AT + image.u8("the header's length", 0x201);
    return image.slice("the setup header", START, end - START).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
  }

  /** The protected-mode kernel. */
  MemorySegment kernel() {
    return bytes.asSlice(kernel);
  }

  /** The compressed kernel within it, still with what follows the compressed stream. */
  MemorySegment payload() throws LoadException {
    long offset = image.u32("the payload offset", 0x248);
    long length = image.u32("the payload length", 0x24C);
    return image.slice("the payload", kernel + offset, length);
  }

  /** The kernel has a 64-bit entry point at 0x200. */
  boolean entry64() throws LoadException {
    return image.u16("the protocol version", 0x206) >= 0x20C && (image.u16("the extended load flags", 0x236) & 1) != 0;
  }

  long preferredAddress() throws LoadException {
    return image.u64("the preferred address", 0x258);
  }

  /** Memory the kernel needs from its load address on before it has read the memory map. */
  long initSize() throws LoadException {
    return image.u32("the init size", 0x260);
  }

  long highestInitrd() throws LoadException {
    return image.u32("the highest initrd address", 0x22C);
  }

  long longestCommandLine() throws LoadException {
    return image.u32("the command line size", 0x238);
  }

  /** The version string, or what stands for it. */
  String version() throws LoadException {
    int at = image.u16("the version pointer", 0x20E);
    if (at == 0) {
      return "Linux";
    }
    StringBuilder s = new StringBuilder();
    for (long i = at + 0x200; i < at + 0x200 + 256; i++) {
      int c = image.u8("the version", i);
      if (c < ' ' || c > '~') {
        break;
      }
      s.append((char) c);
    }
    String text = s.toString();
    return "Linux " + (text.indexOf(' ') < 0 ? text : text.substring(0, text.indexOf(' ')));
  }
}
