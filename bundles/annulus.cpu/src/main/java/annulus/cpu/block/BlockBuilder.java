package annulus.cpu.block;

import annulus.arch.Seg;
import annulus.cpu.Cpu;
import annulus.cpu.decode.Decoder;
import annulus.cpu.decode.Instruction;
import annulus.cpu.exec.InstructionSet;
import annulus.cpu.block.op.Advance;
import annulus.cpu.block.op.Generic;
import annulus.cpu.block.op.GenericInside;
import annulus.cpu.block.op.Op;
import annulus.cpu.block.op.Specialiser;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Decodes instructions and puts blocks together. */
final class BlockBuilder {
  /** Most operations in a block: bounds the delay of interrupts, and long runs without a branch are rare. */
  private static final int MOST = 48;
  private static final int PAGE = 4096;
  private static final int LONGEST = 15;

  private final Cpu cpu;
  private final Decoder decoder;
  private final MemorySegment pool;
  private final boolean specialise;
  private final SharedOps shared;
  private final byte[] gathered = new byte[LONGEST];

  private final Op[] ops = new Op[MOST + 1];
  private final short[] offsets = new short[MOST + 1];
  private final byte[] before = new byte[MOST + 1];
  /** Statistics: instructions decoded, and those of them that stayed generic. */
  long decoded;
  long generic;

  /** @param specialise whether operations other than {@link Generic} are used */
  BlockBuilder(Cpu cpu, MemorySegment pool, SharedOps shared, boolean specialise) {
    this.cpu = cpu;
    this.pool = pool;
    this.shared = shared;
    this.specialise = specialise;
    decoder = new Decoder(cpu.features, cpu.traits, InstructionSet.standard());
  }

  /** The instruction at {@code linear}, from wherever it lies. Raises the faults of its fetch. */
  Instruction decodeOne(long linear) {
    int room = codeRoom();
    long host = cpu.memory.fetch(linear);
    int inPage = (int) Math.min(room, PAGE - (linear & PAGE - 1));
    Instruction i = host < 0 ? null : decoder.decode(pool, host, inPage, cpu.codeBits);
    if (i == null) {
      i = gather(linear, room);
    }
    if (i == null) {
      // The rest lies beyond the limit of CS.
      throw cpu.gp();
    }
    return i;
  }

  /** Byte by byte: across a page border, or from I/O space. */
  private @Nullable Instruction gather(long linear, int room) {
    for (int n = 0; n < room; n++) {
      long at = cpu.codeBits == 64 ? linear + n : linear + n & 0xFFFF_FFFFL;
      gathered[n] = (byte) cpu.memory.fetchByte(at);
      Instruction i = decoder.decode(gathered, 0, n + 1, cpu.codeBits);
      if (i != null) {
        return i;
      }
    }
    return null;
  }

  /** How many bytes of an instruction at {@code cpu.rip} lie within the limit of CS. */
  private int codeRoom() {
    if (cpu.codeBits == 64) {
      return LONGEST;
    }
    long room = cpu.seg[Seg.CS].limit - cpu.rip + 1;
    if (room <= 0) {
      throw cpu.gp();
    }
    return (int) Math.min(room, LONGEST);
  }

  /**
   * A block of the code at {@code host}, to the end of its page at most.
   *
   * @param most instructions
   * @return null when not one instruction lies in the page as a whole
   */
  @Nullable Block build(long host, int mode, int most) {
    int bits = CodeMode.bits(mode);
    boolean specialise = this.specialise && CodeMode.flat(mode);
    int room = PAGE - (int) (host & PAGE - 1);
    int offset = 0;
    int lastOffset = 0;
    int n = 0;
    int instructions = 0;
    Instruction previous = null;
    while (n < MOST && instructions < most) {
      int available = Math.min(room - offset, LONGEST);
      MemorySegment.copy(pool, ValueLayout.JAVA_BYTE, host + offset, gathered, 0, available);
      Instruction i = available == 0 ? null : decoder.decode(gathered, 0, available, bits);
      if (i == null) {
        break;
      }
      int next = offset + i.length;
      boolean stops = BlockEnds.stops(i);
      boolean ends = stops || BlockEnds.branches(i);
      Op fused = specialise && previous != null ? Specialiser.fuse(previous, offset, i, next) : null;
      if (fused != null) {
        ops[n - 1] = fused;
      } else {
        add(n++, specialise ? shared.op(i, gathered, next, ends) : null, i, offset, next, instructions, ends);
      }
      instructions++;
      lastOffset = offset;
      offset = next;
      previous = i;
      if (ends) {
        int displacement = BlockEnds.displacement(i);
        int target = displacement == Block.NOWHERE ? Block.NOWHERE : offset + displacement;
        return finish(n, instructions, offset, lastOffset, mode, target, stops);
      }
    }
    if (n == 0) {
      return null;
    }
    put(n++, new Advance(offset), offset, instructions);
    return finish(n, instructions, offset, lastOffset, mode, Block.NOWHERE, false);
  }

  /** A block of the one instruction at {@code linear} that reaches into the next page. */
  Block buildCrossing(long linear, int mode) {
    Instruction i = decodeOne(linear);
    Op op = specialise && CodeMode.flat(mode) ? Specialiser.specialise(i, i.length) : null;
    boolean stops = BlockEnds.stops(i);
    boolean ends = stops || BlockEnds.branches(i);
    add(0, op, i, 0, i.length, 0, ends);
    int n = 1;
    if (!ends) {
      put(n++, new Advance(i.length), i.length, 1);
    }
    int displacement = BlockEnds.displacement(i);
    int target = displacement == Block.NOWHERE ? Block.NOWHERE : i.length + displacement;
    return finish(n, 1, i.length, 0, mode, target, stops);
  }

  private void add(int n, @Nullable Op op, Instruction i, int offset, int next, int instructions, boolean ends) {
    decoded++;
    if (op == null) {
      generic++;
      op = ends ? new Generic(i, next) : new GenericInside(i, next);
    }
    put(n, op, offset, instructions);
  }

  private void put(int n, Op op, int offset, int instructions) {
    ops[n] = op;
    offsets[n] = (short) offset;
    before[n] = (byte) instructions;
  }

  private Block finish(int n, int instructions, int length, int lastOffset, int mode, int target, boolean stops) {
    return new Block(Arrays.copyOf(ops, n), Arrays.copyOf(offsets, n), Arrays.copyOf(before, n), instructions, length, lastOffset,
        mode, target, stops);
  }
}
