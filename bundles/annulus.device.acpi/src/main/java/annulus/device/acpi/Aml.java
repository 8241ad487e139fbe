package annulus.device.acpi;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Writes ACPI Machine Language (ACPI 6.4 chapter 20): just the objects that describe a machine, no methods. */
final class Aml {
  private static final int ZERO = 0x00;
  private static final int NAME = 0x08;
  private static final int BYTE = 0x0A;
  private static final int WORD = 0x0B;
  private static final int DWORD = 0x0C;
  private static final int STRING = 0x0D;
  private static final int SCOPE = 0x10;
  private static final int BUFFER = 0x11;
  private static final int PACKAGE = 0x12;
  private static final int EXTENDED = 0x5B;
  private static final int DEVICE = 0x82;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  byte[] bytes() {
    return out.toByteArray();
  }

  private Aml raw(int... bytes) {
    for (int b : bytes) {
      out.write(b);
    }
    return this;
  }

  /** A name: four-character segments, {@code \} in front for the root. */
  private Aml nameString(String name) {
    out.writeBytes(name.getBytes(StandardCharsets.US_ASCII));
    return this;
  }

  /** PkgLength counts itself: 6 bits in one byte, or 4 bits and up to three bytes more (20.2.4). */
  private Aml sized(Consumer<Aml> content) {
    Aml inner = new Aml();
    content.accept(inner);
    byte[] body = inner.bytes();
    int extra = body.length + 1 <= 0x3F ? 0 : body.length + 2 <= 0xFFF ? 1 : body.length + 3 <= 0xF_FFFF ? 2 : 3;
    int length = body.length + 1 + extra;
    if (extra == 0) {
      raw(length);
    } else {
      raw(extra << 6 | length & 15);
      for (int i = 0; i < extra; i++) {
        raw(length >> 4 + 8 * i & 0xFF);
      }
    }
    out.writeBytes(body);
    return this;
  }

  Aml scope(String name, Consumer<Aml> content) {
    return raw(SCOPE).sized(a -> content.accept(a.nameString(name)));
  }

  Aml device(String name, Consumer<Aml> content) {
    return raw(EXTENDED, DEVICE).sized(a -> content.accept(a.nameString(name)));
  }

  /** {@code Name (name, ...)}; the value follows. */
  Aml name(String name) {
    return raw(NAME).nameString(name);
  }

  Aml integer(int value) {
    if (value == 0) {
      return raw(ZERO);
    }
    if (value >>> 8 == 0) {
      return raw(BYTE, value);
    }
    if (value >>> 16 == 0) {
      return raw(WORD, value & 0xFF, value >> 8);
    }
    return raw(DWORD, value & 0xFF, value >> 8 & 0xFF, value >> 16 & 0xFF, value >>> 24);
  }

  Aml string(String text) {
    raw(STRING);
    out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    return raw(0);
  }

  Aml integers(int... values) {
    return raw(PACKAGE).sized(a -> {
      a.raw(values.length);
      for (int v : values) {
        a.integer(v);
      }
    });
  }

  /** A Plug and Play identifier such as PNP0501: three letters of five bits and four digits, high byte first (ACPI 19.6.38). */
  Aml eisaId(String id) {
    int letters = id.charAt(0) - '@' << 10 | id.charAt(1) - '@' << 5 | id.charAt(2) - '@';
    return integer(Integer.reverseBytes(letters << 16 | Integer.parseInt(id.substring(3), 16)));
  }

  /** A resource template of the descriptors that {@code content} writes. */
  Aml resources(Consumer<Aml> content) {
    Aml inner = new Aml();
    content.accept(inner);
    byte[] body = inner.raw(0x79, 0x00).bytes(); // end tag; checksum 0 counts as valid (6.4.2.9)
    return raw(BUFFER).sized(a -> {
      a.integer(body.length);
      a.out.writeBytes(body);
    });
  }

  /** {@code IO (Decode16, first, first, 1, count)} (6.4.2.5). */
  Aml ports(int first, int count) {
    return raw(0x47, 1, first & 0xFF, first >> 8, first & 0xFF, first >> 8, 1, count);
  }

  /** {@code IRQNoFlags () {irq}} (6.4.2.1). */
  Aml irq(int irq) {
    return raw(0x22, 1 << irq & 0xFF, 1 << irq >> 8 & 0xFF);
  }

  /** {@code Memory32Fixed (ReadWrite, address, length)} (6.4.3.4). */
  Aml memory(int address, int length) {
    return raw(0x86, 9, 0, 1).little(address).little(length);
  }

  private Aml little(int value) {
    return raw(value & 0xFF, value >> 8 & 0xFF, value >> 16 & 0xFF, value >>> 24);
  }
}
