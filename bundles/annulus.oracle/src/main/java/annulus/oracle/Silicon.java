package annulus.oracle;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import annulus.arch.Rflags;
import annulus.arch.Seg;
import annulus.arch.SegmentState;
import annulus.arch.Vector;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The processor of the host. A case's state is loaded by {@code stub.asm}, which goes to the instruction by IRETQ with TF set: it
 * ends in the debug trap, or in its own exception, either of which Linux reports as a signal whose handler belongs to the stub. One
 * per process, for the thread that made it; signals that are not the stub's go on to HotSpot.
 */
final class Silicon {
  /** SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV. */
  private static final int[] SIGNALS = {4, 5, 7, 8, 11};
  private static final int SIGNAL_STACK = 1 << 17;
  private static final long LOWEST = 0x1000_0000L;
  private static final long STEP = 0x0110_0000L;
  private static final long HIGHEST = 0x7000_0000L;
  private static final byte INT3 = (byte) 0xCC;
  private static final int PAGE_FAULT = Vector.PF;
  /** Positions of RAX.. R15 in gregs: REG_RAX and its like of sys/ucontext.h. */
  private static final int[] GREGS = {13, 14, 12, 11, 15, 10, 9, 8, 0, 1, 2, 3, 4, 5, 6, 7};
  private static final int REG_RIP = 16;
  private static final int REG_FLAGS = 17;
  private static final int REG_SELECTORS = 18;
  private static final int REG_ERROR = 19;
  private static final int REG_TRAP = 20;
  private static final int REG_CR2 = 22;

  private final long base;
  private final MemorySegment region;
  private final MemorySegment context;
  private final MemorySegment data;
  private final MethodHandle enter;
  private final MethodHandle cpuid;
  private int lastCode;
  private int lastLength;

  private Silicon(long base) throws Throwable {
    this.base = base;
    region = MemorySegment.ofAddress(base).reinterpret(Layout.SIZE);
    context = region.asSlice(Layout.CONTEXT, Layout.PAGE);
    data = region.asSlice(Layout.DATA, Layout.DATA_SIZE);
    Libc.protect(base + Layout.STUB, Layout.CONTEXT + Layout.PAGE, Libc.READ_WRITE);
    Libc.protect(base + Layout.CODE, Layout.PAGE, Libc.READ_WRITE_EXECUTE);
    Libc.protect(base + Layout.DATA, Layout.END - Layout.DATA, Libc.READ_WRITE);
    region.asSlice(Layout.CODE, Layout.PAGE).fill(INT3);
    MemorySegment.copy(State.readOnly(), 0, region, JAVA_BYTE, Layout.READ_ONLY, Layout.PAGE);
    data.fill((byte) 0);
    Libc.lock(base + Layout.DATA, Layout.END - Layout.DATA);
    Libc.protect(base + Layout.READ_ONLY, Layout.PAGE, Libc.READ);
    Bytes code = Stub.code();
    MemorySegment.copy(code.array(), 0, region, JAVA_BYTE, Layout.STUB, code.array().length);
    Libc.protect(base + Layout.STUB, Layout.PAGE, Libc.READ_EXECUTE);
    enter = Libc.code(base + code.i32(0));
    cpuid = Libc.code(base + code.i32(8));
    Libc.code(base + code.i32(12)).invokeExact();
    Libc.signalStack(SIGNAL_STACK);
    Libc.blockSignalsBut(SIGNALS);
    for (int signal : SIGNALS) {
      context.set(JAVA_LONG, Stub.CHAIN + 8L * signal, Libc.handle(signal, base + code.i32(4)));
    }
  }

  /** Why this host's processor cannot be used, or null. */
  static @Nullable String unavailable() {
    String os = System.getProperty("os.name");
    String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    if (!os.equals("Linux") || !arch.equals("amd64") && !arch.equals("x86_64")) {
      return "the host is " + os + " on " + arch + ", not Linux on x86-64";
    }
    try {
      String flags = Files.readString(Path.of("/proc/cpuinfo"));
      return flags.contains(" fsgsbase") ? null : "the kernel does not let programs write the bases of FS and GS";
    } catch (IOException e) {
      return "/proc/cpuinfo cannot be read: " + e.getMessage();
    }
  }

  /** Takes the calling thread, which must be a platform thread, for good. */
  static Silicon open() {
    try {
      for (long base = LOWEST; base < HIGHEST; base += STEP) {
        if (Libc.reserve(base, Layout.SIZE)) {
          Silicon silicon = new Silicon(base);
          silicon.segments();
          return silicon;
        }
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
    throw new IllegalStateException("no free %d KiB between 0x%x and 0x%x".formatted(Layout.SIZE >> 10, LOWEST, HIGHEST));
  }

  private void segments() throws Throwable {
    for (Segmentation.Local l : Segmentation.LOCAL) {
      int type = l.attributes() & 15;
      int contents = (type & 8) != 0 ? 2 : type >>> 2;
      int flags = (l.attributes() & SegmentState.BIG) != 0 ? 1 : 0;
      if (!Libc.localDescriptor(l.index(), (int) base + l.base(), l.limit(), flags | contents << 1)) {
        throw new IllegalStateException("modify_ldt failed: 16-bit code needs a kernel with CONFIG_MODIFY_LDT_SYSCALL");
      }
    }
  }

  long base() {
    return base;
  }

  /** CPUID: leaf in the high half, sub-leaf in the low one; EAX, EBX, ECX, EDX. */
  int[] cpuid(long leaf) {
    context.set(JAVA_INT, Stub.CPUID, (int) (leaf >>> 32));
    context.set(JAVA_INT, Stub.CPUID + 4, (int) leaf);
    call(cpuid);
    return context.asSlice(Stub.CPUID, 16).toArray(JAVA_INT);
  }

  void run(TestCase c, State in, Outcome out) {
    MemorySegment.copy(in.data.array(), 0, data, JAVA_BYTE, 0, Layout.DATA_SIZE);
    region.asSlice(Layout.CODE + lastCode, lastLength).fill(INT3);
    lastCode = c.codeOffset();
    lastLength = c.code().length;
    MemorySegment.copy(c.code(), 0, region, JAVA_BYTE, (long) Layout.CODE + lastCode, lastLength);
    for (int n = 0; n < 16; n++) {
      context.set(JAVA_LONG, Stub.GPR + 8L * n, in.gpr[n]);
    }
    context.set(JAVA_LONG, Stub.FRAME, in.rip);
    context.set(JAVA_LONG, Stub.FRAME + 8, selector(c, Seg.CS));
    context.set(JAVA_LONG, Stub.FRAME + 16, in.flags | Rflags.TF);
    context.set(JAVA_LONG, Stub.FRAME + 24, in.gpr[4]);
    context.set(JAVA_LONG, Stub.FRAME + 32, selector(c, Seg.SS));
    context.set(JAVA_INT, Stub.SELECTORS, selector(c, Seg.DS));
    context.set(JAVA_INT, Stub.SELECTORS + 4, selector(c, Seg.FS));
    context.set(JAVA_INT, Stub.SELECTORS + 8, selector(c, Seg.GS));
    context.set(JAVA_INT, Stub.FLAT, c.bits() == 64 ? 1 : 0);
    context.set(JAVA_LONG, Stub.BASES, Segmentation.of(c.bits(), Seg.FS, base).base());
    context.set(JAVA_LONG, Stub.BASES + 8, Segmentation.of(c.bits(), Seg.GS, base).base());
    MemorySegment.copy(in.fx.array(), 0, context, JAVA_BYTE, Stub.FX_IN, 512);
    call(enter);
    read(out);
  }

  private int selector(TestCase c, int s) {
    return Segmentation.of(c.bits(), s, base).selector();
  }

  private static void call(MethodHandle code) {
    try {
      code.invokeExact();
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private long greg(int n) {
    return context.get(JAVA_LONG, Stub.GREGS + 8L * n);
  }

  private void read(Outcome out) {
    for (int n = 0; n < 16; n++) {
      out.gpr[n] = greg(GREGS[n]);
    }
    out.rip = greg(REG_RIP);
    out.flags = greg(REG_FLAGS);
    out.vector = (int) greg(REG_TRAP);
    out.errorCode = Vector.hasErrorCode(out.vector) ? (int) greg(REG_ERROR) : 0;
    out.cr2 = out.vector == PAGE_FAULT ? greg(REG_CR2) : 0;
    long selectors = greg(REG_SELECTORS);
    out.selectors[Seg.CS] = (int) selectors & 0xFFFF;
    out.selectors[Seg.SS] = (int) (selectors >>> 48);
    out.selectors[Seg.DS] = context.get(JAVA_SHORT, Stub.SEGMENTS) & 0xFFFF;
    out.selectors[Seg.ES] = context.get(JAVA_SHORT, Stub.SEGMENTS + 4) & 0xFFFF;
    out.selectors[Seg.FS] = context.get(JAVA_SHORT, Stub.SEGMENTS + 8) & 0xFFFF;
    out.selectors[Seg.GS] = context.get(JAVA_SHORT, Stub.SEGMENTS + 12) & 0xFFFF;
    MemorySegment.copy(context, JAVA_BYTE, Stub.FX_OUT, out.fx.array(), 0, 512);
    out.data = data;
  }
}
