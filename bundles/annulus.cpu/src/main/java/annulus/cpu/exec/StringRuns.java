package annulus.cpu.exec;

import annulus.arch.Seg;
import annulus.arch.SegmentState;
import annulus.cpu.Addressing;
import annulus.cpu.Cpu;
import annulus.cpu.LinearMemory;
import annulus.cpu.Segment;
import annulus.cpu.decode.Instruction;
import annulus.memory.Pool;
import java.lang.foreign.MemorySegment;

/**
 * Many iterations of a forward MOVS or STOS at once: as far as source and destination stay within a page of plain RAM, within their
 * segments and below the address size's wrap. Faults are those of the first element.
 */
final class StringRuns {
  /** Below this a run costs more than its elements one by one. */
  private static final int SMALLEST = 4;

  private StringRuns() {}

  /** Does up to {@code limit} iterations of MOVS, registers untouched. @return how many; 0 to do one by itself */
  static int move(Cpu c, Instruction i, long limit) {
    int size = i.operandSize;
    long source = Repetition.source(c, i);
    long destination = Repetition.destination(c, i);
    long from = Addressing.linear(c, i.segment, source, size, false);
    long room = Math.min(inPage(from), inSegment(c, i, i.segment, source));
    if (Math.min(limit, room / size) < SMALLEST) {
      return 0;
    }
    long hostFrom = c.memory.runForRead(from);
    long to = Addressing.linear(c, Seg.ES, destination, size, true);
    room = Math.min(room, Math.min(inPage(to), inSegment(c, i, Seg.ES, destination)));
    int n = (int) Math.min(limit, room / size);
    if (hostFrom < 0 || n < SMALLEST) {
      return 0;
    }
    long hostTo = c.memory.runForWrite(to);
    if (hostTo < 0) {
      return 0;
    }
    long bytes = (long) n * size;
    if (hostTo > hostFrom && hostTo < hostFrom + bytes) {
      propagate(hostFrom, hostTo, bytes, size);
    } else {
      MemorySegment.copy(Pool.MEMORY, hostFrom, Pool.MEMORY, hostTo, bytes);
    }
    return n;
  }

  /** The destination overlaps the source from above: elements that were stored are loaded again. */
  private static void propagate(long from, long to, long bytes, int size) {
    long distance = to - from;
    if (distance < 8L * size) {
      for (long at = 0; at < bytes; at += size) {
        LinearMemory.write(to + at, size, LinearMemory.read(from + at, size));
      }
    } else {
      // No element reads what it or a later one of the same piece writes.
      for (long at = 0; at < bytes; at += distance) {
        MemorySegment.copy(Pool.MEMORY, from + at, Pool.MEMORY, to + at, Math.min(distance, bytes - at));
      }
    }
  }

  /** Does up to {@code limit} iterations of STOS, registers untouched. @return how many; 0 to do one by itself */
  static int fill(Cpu c, Instruction i, long limit) {
    int size = i.operandSize;
    long destination = Repetition.destination(c, i);
    long to = Addressing.linear(c, Seg.ES, destination, size, true);
    int n = (int) Math.min(limit, Math.min(inPage(to), inSegment(c, i, Seg.ES, destination)) / size);
    if (n < SMALLEST) {
      return 0;
    }
    long host = c.memory.runForWrite(to);
    if (host < 0) {
      return 0;
    }
    long value = c.gpr[Cpu.RAX];
    long bytes = (long) n * size;
    if (uniform(value, size)) {
      Pool.MEMORY.asSlice(host, bytes).fill((byte) value);
    } else {
      for (long at = 0; at < bytes; at += size) {
        LinearMemory.write(host + at, size, value);
      }
    }
    return n;
  }

  /** Whether all bytes of an element are the same. */
  private static boolean uniform(long value, int size) {
    return size == 1 || ((value ^ value >>> 8) & (1L << 8 * (size - 1)) - 1) == 0;
  }

  private static long inPage(long linear) {
    return 0x1000 - (linear & 0xFFF);
  }

  /** Bytes from {@code offset}, which is valid, to the end of the segment or of the address size. */
  private static long inSegment(Cpu c, Instruction i, int s, long offset) {
    long wrap = i.addressSize == 8 ? Long.MAX_VALUE : (i.addressSize == 4 ? 1L << 32 : 1L << 16) - offset;
    if (c.codeBits == 64) {
      return wrap;
    }
    Segment segment = c.seg[s];
    boolean expandDown = (segment.attributes & 0xC) == 4;
    long last = !expandDown ? segment.limit : (segment.attributes & SegmentState.BIG) != 0 ? 0xFFFF_FFFFL : 0xFFFF;
    return Math.min(wrap, last - offset + 1);
  }
}
