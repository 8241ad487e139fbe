package annulus.shell.command;

import annulus.cpu.decode.Decoder;
import annulus.cpu.decode.Disassembler;
import annulus.cpu.decode.Instruction;
import annulus.machine.MachineException;
import annulus.shell.command.View.Piece;
import java.util.ArrayList;
import java.util.List;

/**
 * Lists instructions with their bytes; {@code >} marks the one that comes next.
 *
 * @param codeBase of the code segment: branch targets are shown relative to it, as they stand in the instruction pointer
 * @param next linear address of the next instruction
 */
record Listing(View view, Decoder decoder, int codeBits, long codeBase, long next) {
  private static final int LONGEST = 15;
  private static final int BYTES_PER_LINE = 7;
  private static final int TEXT_COLUMN = 17 + 1 + 3 * BYTES_PER_LINE + 1;

  List<String> lines(long from, int count) throws MachineException {
    List<String> lines = new ArrayList<>();
    if (!view.physical() && codeBase != 0) {
      lines.add("(code segment at %x: branch targets are offsets in it)".formatted(codeBase));
    }
    long at = from;
    for (int i = 0; i < count; i++) {
      Piece piece = view.read(at, LONGEST);
      Instruction instruction = piece.available() == 0 ? null : decoder.decode(piece.bytes(), 0, piece.available(), codeBits);
      if (instruction == null) {
        // Ends here: where the next instruction would begin is unknown
        lines.add(prefix(at) + (piece.available() == 0 ? view.absence()
            : "the instruction goes on where nothing is: " + view.absence()));
        break;
      }
      add(lines, at, piece.bytes(), instruction.length,
          Disassembler.text(instruction, view.physical() ? at : at - codeBase));
      at += instruction.length;
    }
    return lines;
  }

  private String prefix(long at) {
    return "%s%016x ".formatted(at == next && !view.physical() ? ">" : " ", at);
  }

  private void add(List<String> lines, long at, byte[] bytes, int length, String text) {
    List<String> parts = Table.wrap(text, Table.WIDTH - TEXT_COLUMN);
    for (int y = 0; y * BYTES_PER_LINE < length || y < parts.size(); y++) {
      StringBuilder line = new StringBuilder(y == 0 ? prefix(at) : " ".repeat(prefix(at).length()));
      for (int b = y * BYTES_PER_LINE; b < (y + 1) * BYTES_PER_LINE; b++) {
        line.append(b < length ? "%02x ".formatted(bytes[b]) : "   ");
      }
      lines.add((line + " " + (y < parts.size() ? parts.get(y) : "")).stripTrailing());
    }
  }
}
