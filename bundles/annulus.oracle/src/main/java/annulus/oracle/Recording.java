package annulus.oracle;

import annulus.arch.CpuFeature;
import annulus.vendor.VendorTrait;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumSet;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * The file of recorded cases: gzip of a header, then cases, each followed by how silicon's outcome differs from the state it met.
 *
 * <pre>
 * header  int magic, long fingerprint of {@link State}, long base, features and traits by name, int cases
 * case    byte bits, long seed, byte length, code, short code offset, byte overlay, short its offset, short overridden, their longs
 * outcome byte vector, short error code, long CR2 (page faults), short changed registers, their longs, long IP, int flags,
 *         6 short selectors, changed bytes of the FXSAVE image, changed bytes of the data
 * changes short count, then per run short offset, short length, bytes
 * </pre>
 *
 * States are computed from seeds: a file whose fingerprint is not that of the code is stale and has to be recorded anew.
 */
final class Recording {
  private static final int MAGIC = 0x4F52_4331;
  private static final int FINGERPRINTED = 64;
  /** Runs closer together than this are one. */
  private static final int GAP = 4;

  private Recording() {}

  /** Of the states that seeds give. */
  static long fingerprint() {
    long hash = 1;
    State s = new State();
    for (Overlay o : Overlay.values()) {
      for (int n = 0; n < FINGERPRINTED; n++) {
        CodeMode mode = CodeMode.values()[n % CodeMode.values().length];
        s.take(new TestCase(mode.bits(), n, new byte[1], 0, o, 8 * n, 0, new long[16]), 0x1000_0000L);
        for (long r : s.gpr) {
          hash = 31 * hash + r;
        }
        hash = 31 * hash + s.flags + s.rip;
        hash = 31 * hash + java.util.Arrays.hashCode(s.fx.array());
        hash = 31 * hash + java.util.Arrays.hashCode(s.data.array());
      }
    }
    return hash;
  }

  static final class Writer implements AutoCloseable {
    private final DataOutputStream out;

    Writer(OutputStream file, HostModel host, long base, int cases) throws IOException {
      out = new DataOutputStream(new java.io.BufferedOutputStream(new GZIPOutputStream(file) {
        {
          def.setLevel(java.util.zip.Deflater.BEST_COMPRESSION);
        }
      }));
      out.writeInt(MAGIC);
      out.writeLong(fingerprint());
      out.writeLong(base);
      names(host.features());
      names(host.traits());
      out.writeInt(cases);
    }

    private void names(Set<? extends Enum<?>> names) throws IOException {
      out.writeInt(names.size());
      for (Enum<?> name : names) {
        out.writeUTF(name.name());
      }
    }

    void write(TestCase c, State in, Outcome o) throws IOException {
      out.writeByte(c.bits());
      out.writeLong(c.seed());
      out.writeByte(c.code().length);
      out.write(c.code());
      out.writeShort(c.codeOffset());
      out.writeByte(c.overlay().ordinal());
      out.writeShort(c.overlayOffset());
      registers(c.overridden(), c.overrides());
      out.writeByte(o.vector);
      out.writeShort(o.errorCode);
      if (o.vector == annulus.arch.Vector.PF) {
        out.writeLong(o.cr2);
      }
      int changed = 0;
      for (int n = 0; n < 16; n++) {
        changed |= o.gpr[n] != in.gpr[n] ? 1 << n : 0;
      }
      registers(changed, o.gpr);
      out.writeLong(o.rip);
      out.writeInt((int) o.flags);
      for (int s : o.selectors) {
        out.writeShort(s);
      }
      changes(in.fx.array(), o.fx.array());
      changes(in.data.array(), o.data.toArray(ValueLayout.JAVA_BYTE));
    }

    private void registers(int which, long[] values) throws IOException {
      out.writeShort(which);
      for (int n = 0; n < 16; n++) {
        if ((which >>> n & 1) != 0) {
          out.writeLong(values[n]);
        }
      }
    }

    private void changes(byte[] before, byte[] after) throws IOException {
      int count = 0;
      for (int at = next(before, after, 0); at < before.length; at = next(before, after, end(before, after, at))) {
        count++;
      }
      out.writeShort(count);
      for (int at = next(before, after, 0); at < before.length;) {
        int end = end(before, after, at);
        out.writeShort(at);
        out.writeShort(end - at);
        out.write(after, at, end - at);
        at = next(before, after, end);
      }
    }

    private static int next(byte[] a, byte[] b, int from) {
      int at = java.util.Arrays.mismatch(a, from, a.length, b, from, b.length);
      return at < 0 ? a.length : from + at;
    }

    private static int end(byte[] a, byte[] b, int from) {
      int end = from + 1;
      for (int at = end; at < a.length && at < end + GAP; at++) {
        end = a[at] != b[at] ? at + 1 : end;
      }
      return end;
    }

    @Override public void close() throws IOException {
      out.close();
    }
  }

  static final class Reader implements AutoCloseable {
    private final DataInputStream in;
    final HostModel host;
    final long base;
    final int cases;
    private final State state;
    private final Outcome outcome;

    /** @throws IOException also for a file of another format, or a stale one */
    Reader(InputStream file, State state, Outcome outcome) throws IOException {
      in = new DataInputStream(new java.io.BufferedInputStream(new GZIPInputStream(file)));
      this.state = state;
      this.outcome = outcome;
      if (in.readInt() != MAGIC) {
        throw new IOException("not a file of recorded cases");
      }
      if (in.readLong() != fingerprint()) {
        throw new IOException("the recorded cases are stale: seeds give other states now; record them anew with --record");
      }
      base = in.readLong();
      Set<CpuFeature> features = EnumSet.noneOf(CpuFeature.class);
      for (int n = in.readInt(); n > 0; n--) {
        features.add(CpuFeature.valueOf(in.readUTF()));
      }
      Set<VendorTrait> traits = EnumSet.noneOf(VendorTrait.class);
      for (int n = in.readInt(); n > 0; n--) {
        traits.add(VendorTrait.valueOf(in.readUTF()));
      }
      host = new HostModel(features, traits);
      cases = in.readInt();
    }

    /** The next case; its state and silicon's outcome are in the objects given to the constructor. */
    TestCase next() throws IOException {
      int bits = in.readUnsignedByte();
      long seed = in.readLong();
      byte[] code = in.readNBytes(in.readUnsignedByte());
      int codeOffset = in.readUnsignedShort();
      Overlay overlay = Overlay.values()[in.readUnsignedByte()];
      int overlayOffset = in.readUnsignedShort();
      long[] overrides = new long[16];
      int overridden = registers(overrides);
      TestCase c = new TestCase(bits, seed, code, codeOffset, overlay, overlayOffset, overridden, overrides);
      state.take(c, base);
      outcome.vector = in.readUnsignedByte();
      outcome.errorCode = in.readUnsignedShort();
      outcome.cr2 = outcome.vector == annulus.arch.Vector.PF ? in.readLong() : 0;
      System.arraycopy(state.gpr, 0, outcome.gpr, 0, 16);
      registers(outcome.gpr);
      outcome.rip = in.readLong();
      outcome.flags = in.readInt() & 0xFFFF_FFFFL;
      for (int n = 0; n < 6; n++) {
        outcome.selectors[n] = in.readUnsignedShort();
      }
      System.arraycopy(state.fx.array(), 0, outcome.fx.array(), 0, state.fx.array().length);
      changes(outcome.fx.array());
      byte[] data = state.data.array().clone();
      changes(data);
      outcome.data = MemorySegment.ofArray(data);
      return c;
    }

    private int registers(long[] into) throws IOException {
      int which = in.readUnsignedShort();
      for (int n = 0; n < 16; n++) {
        if ((which >>> n & 1) != 0) {
          into[n] = in.readLong();
        }
      }
      return which;
    }

    private void changes(byte[] into) throws IOException {
      for (int n = in.readUnsignedShort(); n > 0; n--) {
        int at = in.readUnsignedShort();
        in.readFully(into, at, in.readUnsignedShort());
      }
    }

    @Override public void close() throws IOException {
      in.close();
    }
  }
}
