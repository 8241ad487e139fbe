package annulus.it;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** What guests should compute. */
final class Digests {
  private Digests() {}

  /** SHA-256 of so many zero bytes. */
  static String zeros(int length) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(new byte[length]));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }
}
