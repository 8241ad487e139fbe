package annulus.shell.command;

import annulus.machine.Machine;
import annulus.machine.MachineException;
import java.util.BitSet;

/**
 * Guest memory as a processor sees it, or as it is.
 *
 * @param physical addresses are guest-physical; else guest-virtual (linear) ones of processor {@code processor}
 */
record View(Machine machine, int processor, boolean physical) {
  private static final int PAGE = 0x1000;

  /** Bytes and which of them are there. */
  record Piece(byte[] bytes, BitSet present) {
    /** How many bytes from the first on are there. */
    int available() {
      return Math.min(present.nextClearBit(0), bytes.length);
    }
  }

  Piece read(long address, int length) throws MachineException {
    byte[] bytes = new byte[length];
    BitSet present = new BitSet(length);
    for (int done = 0; done < length; ) {
      long at = address + done;
      int chunk = Math.min(length - done, PAGE - (int) (at & PAGE - 1));
      long gpa = physical ? at : machine.translate(processor, at);
      if (physical || gpa >= 0) {
        byte[] there = machine.readMemory(gpa, chunk);
        System.arraycopy(there, 0, bytes, done, there.length);
        present.set(done, done + there.length);
      }
      done += chunk;
    }
    return new Piece(bytes, present);
  }

  /** What to say of an address where nothing is. */
  String absence() {
    return physical ? "no memory" : "not mapped";
  }
}
