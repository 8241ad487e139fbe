package annulus.device.i8042;

import java.util.HexFormat;

/** The two sets of scan codes and the controller's translation between them (IBM PS/2 Hardware Interface Technical Reference). */
final class ScanCodes {
  /** Set 2 code of each key by its set 1 code, 0 to 0x7F, sixteen to a row. */
  private static final byte[] SET_2 = HexFormat.of().parseHex(
      "0076161E26252E363D3E46454E55660D"
      + "151D242D2C353C43444D545B5A141C1B"
      + "232B34333B424B4C520E125D1A22212A"
      + "32313A41494A597C1129580506040C03"
      + "0B020A0109777E6C757D7B6B73747969"
      + "727A70717F606178070F171F272F373F"
      + "474F565E08101820283038404850576F"
      + "13193951535C5F6263646567686A6D6E");

  private static final int[] SET_1 = new int[256];

  static {
    // Codes that are no key's pass unchanged: acknowledgements, test results, prefixes
    for (int i = 0; i < SET_1.length; i++) {
      SET_1[i] = i;
    }
    for (int i = 0; i < SET_2.length; i++) {
      SET_1[SET_2[i]] = i;
    }
    SET_1[0x83] = 0x41; // F7
    SET_1[0x84] = 0x54; // system request
  }

  private ScanCodes() {}

  /** Set 2 code of a key, 0x01 to 0x7F, of set 1. */
  static int toSet2(int code) {
    return SET_2[code & 0x7F];
  }

  /** What the controller makes of a byte from the keyboard while it translates. */
  static int toSet1(int code) {
    return SET_1[code];
  }
}
