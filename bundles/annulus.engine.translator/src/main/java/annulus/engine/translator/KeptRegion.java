package annulus.engine.translator;

import annulus.cpu.Cpu;
import annulus.cpu.block.CodeMode;
import annulus.cpu.block.Region;
import annulus.cpu.block.RegionRunner;
import annulus.cpu.decode.Decoder;
import annulus.cpu.decode.Instruction;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.function.IntToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A warm region as it can be used again, in this run or another, wherever the same guest code stands at the same places of its pages: the
 * class, and what of the code it was made of. Offsets are from the start of the first page that was looked at then.
 *
 * @param keys of all its blocks: {@link RegionStore#key}
 * @param entry offset of the block for which it was made
 * @param x87 whether the code uses the x87 stack
 * @param callsOut whether it runs regions that it calls
 * @param code offset and length of each stretch of the guest's code, in pairs
 * @param bytes the stretches, one after the other
 * @param entries offsets where control can come in
 * @param constants offsets of instructions that run by their general meaning, as the class data has them
 * @param offsets of each instruction, as {@link Region.Shape} has them
 * @param unrun how many instructions of its block have not run when it faults
 * @param stack whether its operand lies in the stack segment
 * @param calls offsets behind calls of which the region keeps where they go
 * @param size bytes of bytecode of its method
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares them
record KeptRegion(long[] keys, int entry, boolean x87, boolean callsOut, int[] code, byte[] bytes, int[] entries, int[] constants,
    int[] offsets, short[] unrun, boolean[] stack, int[] calls, int size, byte[] classFile) {
  /**
   * What {@code writer} has written of {@code plan}.
   *
   * @param keys gives that of an index
   */
  static KeptRegion of(RegionPlan plan, IntToLongFunction keys, int entry, RegionWriter writer, int size, byte[] classFile) {
    long[] blocks = new long[plan.nodes.size()];
    int[] code = new int[2 * plan.nodes.size()];
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int n = 0;
    for (RegionPlan.Node node : plan.nodes) {
      blocks[n / 2] = keys.applyAsLong(plan.pages.index(node.offset));
      code[n++] = node.offset;
      code[n++] = node.end - node.offset;
      bytes.write(plan.pages.bytes, plan.pages.index(node.offset), node.end - node.offset);
    }
    int[] entries = new int[plan.entries.cardinality()];
    n = 0;
    for (int at = plan.entries.nextSetBit(0); at >= 0; at = plan.entries.nextSetBit(at + 1)) {
      entries[n++] = plan.pages.offset(at);
    }
    return new KeptRegion(blocks, entry, plan.depth().used(), writer.callsOut(), code, bytes.toByteArray(), entries,
        writer.constantOffsets(), writer.offsets(), writer.unrun(), writer.stack(), writer.calls(), size, classFile);
  }

  /**
   * What is to be added to offsets here to have those in {@code pages}, where the entry is at {@code at}: whole pages; null unless all
   * the code is there as it was.
   */
  @Nullable Integer moved(CodeBytes pages, int at) {
    int moved = at - entry;
    if ((moved & CodeBytes.PAGE - 1) != 0) {
      return null;
    }
    int from = 0;
    for (int n = 0; n < code.length; n += 2) {
      int index = pages.index((long) code[n] + moved);
      int length = code[n + 1];
      if (index < 0 || index + length > pages.end(index)
          || !Arrays.equals(pages.bytes, index, index + length, bytes, from, from + length)) {
        return null;
      }
      from += length;
    }
    return moved;
  }

  /** Where {@code pages} have its entries and its code, {@code moved} by so much. */
  Extent extent(CodeBytes pages, int moved) {
    BitSet in = new BitSet();
    for (int e : entries) {
      in.set(pages.index((long) e + moved));
    }
    BitSet used = new BitSet();
    for (int n = 0; n < code.length; n += 2) {
      int first = pages.index((long) code[n] + moved);
      used.set(first >>> 12, (first + code[n + 1] - 1 >>> 12) + 1);
    }
    return new Extent(in, used);
  }

  /**
   * The region for {@code r}, {@link #moved} by so much.
   *
   * @param regions what runs regions that it calls
   * @throws RuntimeException or a linkage error if what was kept is not sound
   */
  Region define(Request r, Extent extent, int moved, Decoder decoder, Cpu cpu, RegionRunner regions) {
    List<Instruction> instructions = new ArrayList<>();
    for (int offset : constants) {
      int index = r.code().index((long) offset + moved);
      instructions.add(Objects.requireNonNull(
          decoder.decode(r.code().bytes, index, r.code().end(index) - index, CodeMode.bits(r.block().mode))));
    }
    long[] called = new long[2 * calls.length];
    return RegionClass.define(classFile, RegionWriter.data(cpu, List.of(), called, callsOut ? regions : null, instructions),
        new Region.Shape(offsets.length, r.form().tier(), r.pages(extent), r.distances(extent, moved), offsets, unrun, stack, calls,
            called));
  }

  byte[] encoded() {
    ByteArrayOutputStream all = new ByteArrayOutputStream(classFile.length + bytes.length + 12 * offsets.length);
    try (DataOutputStream out = new DataOutputStream(all)) {
      out.writeInt(keys.length);
      for (long key : keys) {
        out.writeLong(key);
      }
      out.writeInt(entry);
      out.writeInt((x87 ? 1 : 0) | (callsOut ? 2 : 0));
      write(out, code);
      out.writeInt(bytes.length);
      out.write(bytes);
      write(out, entries);
      write(out, constants);
      write(out, offsets);
      for (int n = 0; n < offsets.length; n++) {
        out.writeShort(stack[n] ? ~unrun[n] : unrun[n]);
      }
      write(out, calls);
      out.writeInt(size);
      out.writeInt(classFile.length);
      out.write(classFile);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return all.toByteArray();
  }

  private static void write(DataOutputStream out, int[] values) throws IOException {
    out.writeInt(values.length);
    for (int v : values) {
      out.writeInt(v);
    }
  }

  /** @throws java.nio.BufferUnderflowException or another runtime exception if {@code in} does not hold what {@link #encoded} gives */
  static KeptRegion decoded(ByteBuffer in) {
    long[] keys = keys(in);
    int entry = in.getInt();
    int flags = in.getInt();
    int[] code = ints(in);
    byte[] bytes = bytes(in);
    int[] entries = ints(in);
    int[] constants = ints(in);
    int[] offsets = ints(in);
    short[] unrun = new short[offsets.length];
    boolean[] stack = new boolean[offsets.length];
    for (int n = 0; n < offsets.length; n++) {
      short v = in.getShort();
      stack[n] = v < 0;
      unrun[n] = v < 0 ? (short) ~v : v;
    }
    return new KeptRegion(keys, entry, (flags & 1) != 0, (flags & 2) != 0, code, bytes, entries, constants, offsets, unrun, stack, ints(in),
        in.getInt(), bytes(in));
  }

  /** The keys alone, which come first. */
  static long[] keys(ByteBuffer in) {
    long[] values = new long[count(in, Long.BYTES)];
    for (int n = 0; n < values.length; n++) {
      values[n] = in.getLong();
    }
    return values;
  }

  private static int[] ints(ByteBuffer in) {
    int[] values = new int[count(in, Integer.BYTES)];
    in.asIntBuffer().get(values);
    in.position(in.position() + values.length * Integer.BYTES);
    return values;
  }

  private static byte[] bytes(ByteBuffer in) {
    byte[] values = new byte[count(in, 1)];
    in.get(values);
    return values;
  }

  private static int count(ByteBuffer in, int size) {
    int count = in.getInt();
    if (count < 0 || count > in.remaining() / size) {
      throw new IllegalArgumentException(count + " elements in " + in.remaining() + " bytes");
    }
    return count;
  }
}
