package annulus.engine.translator;

import java.util.BitSet;

/**
 * Room for what {@link Request} copies, to be used again: 100 KB for each, made on the guest's thread, would be memory that the host has to
 * find first.
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares them
record CodeCopy(byte[] bytes, BitSet run, BitSet often, BitSet warm, BitSet elsewhere) {
  /** For so many pages. */
  CodeCopy(int pages) {
    this(new byte[pages * CodeBytes.PAGE], new BitSet(pages * CodeBytes.PAGE), new BitSet(pages * CodeBytes.PAGE),
        new BitSet(pages * CodeBytes.PAGE), new BitSet(pages * CodeBytes.PAGE));
  }

  /** The room of a request that is done. */
  static CodeCopy of(Request r) {
    CodeCopy copy = new CodeCopy(r.code().bytes, r.run(), r.often(), r.warm(), r.elsewhere());
    copy.run.clear();
    copy.often.clear();
    copy.warm.clear();
    copy.elsewhere.clear();
    return copy;
  }
}
