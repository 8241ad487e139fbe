package annulus.shell.command;

import annulus.shell.command.View.Piece;
import java.util.ArrayList;
import java.util.List;

/**
 * Memory in the manner of {@code hexdump -C}. Addresses beyond 4 GiB do not fit beside 16 bytes in 80 columns: their upper
 * half stands on a line of its own where it changes.
 */
final class HexDump {
  private static final int ROW = 16;

  private HexDump() {}

  /** @param absence what to say of bytes that are not there */
  static List<String> lines(long address, Piece piece, String absence) {
    List<String> lines = new ArrayList<>();
    long upper = 0;
    String before = "";
    for (int row = 0; row < piece.bytes().length; row += ROW) {
      long at = address + row;
      if (at >>> 32 != upper) {
        upper = at >>> 32;
        lines.add("%08x________:".formatted(upper));
        before = "";
      }
      String text = row(piece, row, absence);
      if (!text.equals(before)) {
        lines.add("%08x  %s".formatted(at & 0xFFFF_FFFFL, text));
      } else if (!lines.getLast().equals("*")) {
        lines.add("*");
      }
      before = text;
    }
    lines.add("%08x".formatted(address + piece.bytes().length & 0xFFFF_FFFFL));
    return lines;
  }

  private static String row(Piece piece, int row, String absence) {
    int end = Math.min(row + ROW, piece.bytes().length);
    if (piece.present().get(row, end).isEmpty()) {
      return absence;
    }
    StringBuilder hex = new StringBuilder();
    StringBuilder text = new StringBuilder("|");
    for (int i = row; i < row + ROW; i++) {
      hex.append(i == row + ROW / 2 ? " " : "");
      if (i >= end) {
        hex.append("   ");
      } else if (!piece.present().get(i)) {
        hex.append("-- ");
        text.append(' ');
      } else {
        int b = piece.bytes()[i] & 0xFF;
        hex.append("%02x ".formatted(b));
        text.append(b >= 0x20 && b < 0x7F ? (char) b : '.');
      }
    }
    return hex + " " + text + "|";
  }
}
