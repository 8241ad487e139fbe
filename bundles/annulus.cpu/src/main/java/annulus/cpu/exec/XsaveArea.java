package annulus.cpu.exec;

import annulus.arch.VcpuState.Extended;
import annulus.cpu.Cpu;
import annulus.cpu.Fpu;
import annulus.vendor.VendorTrait;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Layout of the FXSAVE and XSAVE areas (SDM 1 10.5.1 table 10-2, 13.4; SDM 2A FXSAVE).
 *
 * <pre>
 *   0 FCW  2 FSW  4 FTW (abridged)  6 FOP  8 FIP or EIP, FCS  16 FDP or EDP, FDS  24 MXCSR  28 MXCSR_MASK
 *  32 ST0-ST7, 16 bytes each  160 XMM0-XMM15  464 software's  512 XSTATE_BV  520 XCOMP_BV  576 upper halves of YMM0-YMM15
 * </pre>
 */
public final class XsaveArea {
  /** State components: bits of XCR0 and XSTATE_BV. */
  public static final int X87 = 1;
  public static final int SSE = 2;
  public static final int AVX = 4;

  static final int MXCSR = 24;
  static final int XSTATE_BV = 512;
  static final int XCOMP_BV = 520;
  static final int EXTENDED = Extended.AVX_OFFSET;
  private static final int MXCSR_MASK = 28;
  private static final int REGISTERS = 32;
  private static final int XMM = 160;
  /** In exported images: FCS and FDS beside the 64-bit pointers, which leave no room for them, in bytes that are software's. */
  private static final int SELECTORS = 464;
  private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /** Bytes an area lies in. */
  interface Bytes {
    /** Loads 1, 2, 4 or 8 bytes, zero-extended. */
    long load(int offset, int size);

    void store(int offset, int size, long value);
  }

  private record Image(byte[] bytes) implements Bytes {
    @Override public long load(int offset, int size) {
      if (size == 8) {
        return (long) LONG.get(bytes, offset);
      }
      long value = 0;
      for (int n = 0; n < size; n++) {
        value |= (bytes[offset + n] & 0xFFL) << 8 * n;
      }
      return value;
    }

    @Override public void store(int offset, int size, long value) {
      for (int n = 0; n < size; n++) {
        bytes[offset + n] = (byte) (value >>> 8 * n);
      }
    }
  }

  private XsaveArea() {}

  /** The whole extended state in standard format, all three components present. */
  public static Extended export(Cpu c) {
    Image image = new Image(new byte[Extended.SIZE]);
    storeX87(c, image, true, true);
    storeMxcsr(c, image);
    storeXmm(c, image, 16);
    storeYmmHigh(c, image, EXTENDED, 16);
    image.store(XSTATE_BV, 8, X87 | SSE | AVX);
    image.store(SELECTORS, 2, c.fpu.instructionSelector);
    image.store(SELECTORS + 2, 2, c.fpu.dataSelector);
    return new Extended(image.bytes);
  }

  /**
   * Takes the extended state from an image in standard format; components that XSTATE_BV leaves out become initial.
   *
   * @throws IllegalArgumentException when MXCSR has reserved bits or XSTATE_BV names components beyond x87, SSE and AVX
   */
  public static void load(Cpu c, Extended state) {
    Image image = new Image(state.xsave());
    long components = image.load(XSTATE_BV, 8);
    int mxcsr = (int) image.load(MXCSR, 4);
    if ((components & ~(X87 | SSE | AVX)) != 0) {
      throw new IllegalArgumentException("XSTATE_BV 0x%x where only x87, SSE and AVX (7) are known".formatted(components));
    }
    if ((mxcsr & ~SimdState.mxcsrMask(c)) != 0) {
      throw new IllegalArgumentException(
          "MXCSR 0x%x where only the bits 0x%x may be set".formatted(mxcsr, SimdState.mxcsrMask(c)));
    }
    if ((components & X87) != 0) {
      loadX87(c, image, true, true);
      c.fpu.instructionSelector = (int) image.load(SELECTORS, 2);
      c.fpu.dataSelector = (int) image.load(SELECTORS + 2, 2);
    } else {
      initialiseX87(c);
    }
    c.mxcsr = (components & (SSE | AVX)) != 0 ? mxcsr : SimdState.MXCSR_RESET;
    if ((components & SSE) != 0) {
      loadXmm(c, image, 16);
    } else {
      Arrays.fill(c.xmm, 0);
    }
    if ((components & AVX) != 0) {
      loadYmmHigh(c, image, EXTENDED, 16);
    } else {
      Arrays.fill(c.ymmHigh, 0);
    }
  }

  /** XINUSE: components that are not in their initial configuration (SDM 1 13.6). MXCSR does not count. */
  public static int inUse(Cpu c) {
    return (initial(c.fpu) ? 0 : X87) | (allZero(c.xmm) ? 0 : SSE) | (allZero(c.ymmHigh) ? 0 : AVX);
  }

  private static boolean initial(Fpu f) {
    int signExponents = 0;
    for (int e : f.signExponent) {
      signExponents |= e;
    }
    return f.control == 0x37F && f.statusWord() == 0 && f.valid == 0 && f.opcode == 0 && f.instructionPointer == 0
        && f.instructionSelector == 0 && f.dataPointer == 0 && f.dataSelector == 0 && signExponents == 0
        && allZero(f.significand);
  }

  private static boolean allZero(long[] values) {
    long any = 0;
    for (long v : values) {
      any |= v;
    }
    return any == 0;
  }

  static void initialiseX87(Cpu c) {
    c.fpu.initialise();
    Arrays.fill(c.fpu.significand, 0);
    Arrays.fill(c.fpu.signExponent, 0);
  }

  /** Whether this processor leaves the pointers of the last x87 instruction alone while no exception is pending (APM 2 11.4.4). */
  static boolean skipsPointers(Cpu c, int statusWord) {
    return c.is(VendorTrait.FXSAVE_SKIPS_POINTERS) && (statusWord & 0x80) == 0;
  }

  /** The x87 part as the guest's own instructions save it. */
  static void saveX87(Cpu c, Bytes b, boolean wide) {
    storeX87(c, b, wide, !skipsPointers(c, c.fpu.status));
    if (c.is(VendorTrait.FXSAVE_ZEROES_POINTERS) && (c.fpu.status & 0x80) == 0) {
      b.store(6, 2, 0);
      b.store(8, 8, 0);
      b.store(16, 8, 0);
    }
  }

  /** The x87 part. Narrow pointers are 32 bits with a selector. */
  static void storeX87(Cpu c, Bytes b, boolean wide, boolean pointers) {
    Fpu f = c.fpu;
    b.store(0, 2, f.control);
    b.store(2, 2, f.statusWord());
    b.store(4, 2, f.valid);
    if (pointers) {
      b.store(6, 2, f.opcode);
      b.store(8, 8, wide ? f.instructionPointer : f.instructionPointer & 0xFFFF_FFFFL | (long) f.instructionSelector << 32);
      b.store(16, 8, wide ? f.dataPointer : f.dataPointer & 0xFFFF_FFFFL | (long) f.dataSelector << 32);
    }
    for (int n = 0; n < 8; n++) {
      int r = f.physical(n);
      b.store(REGISTERS + 16 * n, 8, f.significand[r]);
      b.store(REGISTERS + 16 * n + 8, 8, f.signExponent[r] & 0xFFFF);
    }
  }

  static void loadX87(Cpu c, Bytes b, boolean wide, boolean pointers) {
    Fpu f = c.fpu;
    // Bit 6 of the control word reads as one, 7 and 13-15 as zero (SDM 1 8.1.5).
    f.control = (int) b.load(0, 2) & 0x1F7F | 0x40;
    f.setStatusWord((int) b.load(2, 2));
    // ES and B say whether an unmasked exception is flagged, whatever the image says.
    f.status = (f.status & ~f.control & 0x3F) != 0 ? f.status | 0x8080 : f.status & ~0x8080;
    f.valid = (int) b.load(4, 1);
    if (pointers) {
      f.opcode = (int) b.load(6, 2) & 0x7FF;
      long instruction = b.load(8, 8);
      long data = b.load(16, 8);
      f.instructionPointer = wide ? instruction : instruction & 0xFFFF_FFFFL;
      f.instructionSelector = wide ? 0 : (int) (instruction >>> 32) & 0xFFFF;
      f.dataPointer = wide ? data : data & 0xFFFF_FFFFL;
      f.dataSelector = wide ? 0 : (int) (data >>> 32) & 0xFFFF;
    }
    for (int n = 0; n < 8; n++) {
      int r = f.physical(n);
      f.significand[r] = b.load(REGISTERS + 16 * n, 8);
      f.signExponent[r] = (int) b.load(REGISTERS + 16 * n + 8, 2);
    }
  }

  static void storeMxcsr(Cpu c, Bytes b) {
    b.store(MXCSR, 4, c.mxcsr);
    b.store(MXCSR_MASK, 4, SimdState.mxcsrMask(c));
  }

  static void storeXmm(Cpu c, Bytes b, int registers) {
    for (int n = 0; n < 2 * registers; n++) {
      b.store(XMM + 8 * n, 8, c.xmm[n]);
    }
  }

  static void loadXmm(Cpu c, Bytes b, int registers) {
    for (int n = 0; n < 2 * registers; n++) {
      c.xmm[n] = b.load(XMM + 8 * n, 8);
    }
  }

  static void storeYmmHigh(Cpu c, Bytes b, int offset, int registers) {
    for (int n = 0; n < 2 * registers; n++) {
      b.store(offset + 8 * n, 8, c.ymmHigh[n]);
    }
  }

  static void loadYmmHigh(Cpu c, Bytes b, int offset, int registers) {
    for (int n = 0; n < 2 * registers; n++) {
      c.ymmHigh[n] = b.load(offset + 8 * n, 8);
    }
  }
}
