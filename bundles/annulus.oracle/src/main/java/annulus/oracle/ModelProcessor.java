package annulus.oracle;

import annulus.arch.CpuFeature;
import annulus.arch.Cr0;
import annulus.arch.Cr4;
import annulus.arch.Efer;
import annulus.arch.Seg;
import annulus.arch.SegmentState;
import annulus.arch.Vector;
import annulus.cpu.Cpu;
import annulus.cpu.Flags;
import annulus.cpu.Fpu;
import annulus.cpu.GuestFault;
import annulus.cpu.decode.Decoder;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;
import annulus.cpu.exec.InstructionSet;
import annulus.engine.PendingEvents;
import annulus.engine.VcpuBus;
import annulus.engine.VcpuContext;
import annulus.memory.FramePool;
import annulus.memory.GuestMemory;
import annulus.memory.MappedGuestMemory;
import annulus.memory.OutOfFramesException;
import annulus.memory.Pool;
import annulus.memory.translation.Translation;
import annulus.vendor.CpuModel;
import annulus.vendor.VendorTrait;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;

/** The model: runs a case by decoding its bytes and executing what they mean, at CPL 3 under Linux' settings. */
final class ModelProcessor {
  static final InstructionSet INSTRUCTIONS = InstructionSet.standard();
  private static final int ERROR_SUMMARY = 0x80;

  private final boolean loadsPointers;
  private final boolean savesPointers;
  private final MappedGuestMemory memory = new MappedGuestMemory(new FramePool());
  private final MemorySegment data;
  private final Cpu cpu;
  private final Decoder decoder;
  /** Of every feature, to tell what is undefined everywhere from what the model lacks. */
  private final Decoder complete =
      new Decoder(EnumSet.allOf(CpuFeature.class), EnumSet.noneOf(VendorTrait.class), INSTRUCTIONS);
  /** By {@link CodeMode}, then segment register. */
  private final SegmentState[][] segments = new SegmentState[CodeMode.values().length][6];

  ModelProcessor(CpuModel model, long base) {
    loadsPointers = !model.traits().contains(VendorTrait.FXSAVE_SKIPS_POINTERS);
    savesPointers = loadsPointers && !model.traits().contains(VendorTrait.FXSAVE_ZEROES_POINTERS);
    try {
      memory.addRam(0, (long) WindowTranslation.PAGES << 12);
    } catch (OutOfFramesException e) {
      throw new IllegalStateException("no machine memory for the model's " + WindowTranslation.PAGES + " pages", e);
    }
    byte[] readOnly = State.readOnly();
    memory.write(WindowTranslation.READ_ONLY, readOnly, 0, readOnly.length);
    byte[] global = Segmentation.globalTable(WindowTranslation.TABLES + Layout.PAGE).array();
    memory.write(WindowTranslation.GLOBAL, global, 0, global.length);
    byte[] local = Segmentation.localTable(base).array();
    memory.write(WindowTranslation.LOCAL, local, 0, local.length);
    data = Pool.MEMORY.asSlice(memory.hostOffset(0), Layout.DATA_SIZE);
    cpu = new Cpu(new Context(model, memory, new WindowTranslation(base)));
    decoder = new Decoder(model.features(), model.traits(), INSTRUCTIONS);
    for (CodeMode mode : CodeMode.values()) {
      Arrays.setAll(segments[mode.ordinal()], s -> Segmentation.of(mode.bits(), s, base));
    }
    control();
  }

  /** What Linux sets, as far as user code can tell. */
  private void control() {
    cpu.paging.cr0 = Cr0.PE | Cr0.MP | Cr0.ET | Cr0.NE | Cr0.WP | Cr0.AM | Cr0.PG;
    cpu.paging.cr4 = (Cr4.PAE | Cr4.OSFXSR | Cr4.OSXSAVE | Cr4.OSXMMEXCPT | Cr4.FSGSBASE | Cr4.UMIP) & cpu.cr4Valid;
    cpu.paging.efer = Efer.LME | Efer.LMA | Efer.NXE | Efer.SCE;
    cpu.gdtBase = WindowTranslation.TABLES;
    cpu.gdtLimit = 8 * Segmentation.GLOBAL.length - 1;
    cpu.seg[Seg.LDTR].set(Segmentation.LOCAL_TABLE, WindowTranslation.TABLES + Layout.PAGE, 8L * Segmentation.LOCAL.length - 1, 0x82);
    // A task state without I/O permission map: every port is refused (SDM 1 19.5.2).
    cpu.seg[Seg.TR].set(0x40, WindowTranslation.TABLES, 0x50, 0x8B);
    // No gate may be used: an interrupt of software is #GP either way (SDM 2A INT n).
    cpu.idtLimit = 0;
  }

  /** Whether {@code i} is undefined for want of a feature, which the host may well have. */
  boolean lacksFeature(Instruction i, byte[] code) {
    Instruction defined = i.mnemonic == Mnemonic.INVALID ? complete.decode(code, 0, code.length, i.codeBits) : i;
    return defined != null && defined.mnemonic != i.mnemonic;
  }

  Instruction decode(byte[] code, int bits) {
    Instruction i = decoder.decode(code, 0, code.length, bits);
    if (i == null) {
      throw new IllegalArgumentException("instruction " + HexFormat.of().formatHex(code) + " is cut short");
    }
    return i;
  }

  /** Runs {@code i} from {@code in}. */
  void run(Instruction i, State in, Outcome out) {
    load(i.codeBits, in);
    out.vector = Outcome.COMPLETED;
    out.errorCode = 0;
    out.cr2 = 0;
    long start = cpu.rip;
    cpu.rip = start + i.length & cpu.ipMask;
    try {
      i.semantics.execute(cpu, i);
    } catch (GuestFault f) {
      cpu.rip = start;
      out.vector = f.vector;
      out.errorCode = Vector.hasErrorCode(f.vector) ? f.errorCode : 0;
      out.cr2 = f.vector == Vector.PF ? cpu.cr2 : 0;
    }
    store(out);
  }

  private void load(int bits, State in) {
    MemorySegment.copy(in.data.array(), 0, data, ValueLayout.JAVA_BYTE, 0, Layout.DATA_SIZE);
    SegmentState[] s = segments[CodeMode.of(bits).ordinal()];
    for (int n = 0; n < s.length; n++) {
      cpu.seg[n].set(s[n]);
    }
    System.arraycopy(in.gpr, 0, cpu.gpr, 0, 16);
    cpu.rip = in.rip;
    cpu.cpl = 3;
    Flags.setRflags(cpu, in.flags);
    cpu.stiShadow = false;
    cpu.movSsShadow = false;
    cpu.pendingDebug = 0;
    cpu.memory.nonCanonical = false;
    cpu.modeChanged();
    Fpu f = cpu.fpu;
    Bytes fx = in.fx;
    f.initialise();
    f.control = fx.u16(0);
    f.setStatusWord(fx.u16(2));
    f.valid = fx.u8(4);
    if (loadsPointers || (fx.u16(2) & ERROR_SUMMARY) != 0) {
      f.opcode = fx.u16(6);
      f.instructionPointer = fx.i64(8);
      f.dataPointer = fx.i64(16);
    }
    for (int n = 0; n < 8; n++) {
      int r = f.physical(n);
      f.significand[r] = fx.i64(32 + 16 * n);
      f.signExponent[r] = fx.u16(40 + 16 * n);
    }
    cpu.mxcsr = fx.i32(24);
    for (int n = 0; n < 32; n++) {
      cpu.xmm[n] = fx.i64(160 + 8 * n);
    }
  }

  private void store(Outcome out) {
    System.arraycopy(cpu.gpr, 0, out.gpr, 0, 16);
    out.rip = cpu.rip;
    out.flags = Flags.rflags(cpu);
    for (int n = 0; n < 6; n++) {
      out.selectors[n] = cpu.seg[n].selector;
    }
    Fpu f = cpu.fpu;
    Bytes fx = out.fx;
    boolean pointers = savesPointers || (f.status & ERROR_SUMMARY) != 0;
    fx.putShort(0, f.control);
    fx.putShort(2, f.statusWord());
    fx.putShort(4, f.valid);
    fx.putShort(6, pointers ? f.opcode : 0);
    fx.putLong(8, pointers ? f.instructionPointer : 0);
    fx.putLong(16, pointers ? f.dataPointer : 0);
    fx.putInt(24, cpu.mxcsr);
    for (int n = 0; n < 8; n++) {
      int r = f.physical(n);
      fx.putLong(32 + 16 * n, f.significand[r]);
      fx.putLong(40 + 16 * n, f.signExponent[r] & 0xFFFF);
    }
    for (int n = 0; n < 32; n++) {
      fx.putLong(160 + 8 * n, cpu.xmm[n]);
    }
    out.data = data;
  }

  private record Context(CpuModel model, GuestMemory memory, Translation translation, PendingEvents pending, VcpuBus bus)
      implements VcpuContext {
    Context(CpuModel model, GuestMemory memory, Translation translation) {
      this(model, memory, translation, new PendingEvents(), new NoBus());
    }

    @Override public int index() {
      return 0;
    }

    @Override public int processors() {
      return 1;
    }

    @Override public long tsc() {
      return 0;
    }
  }
}
