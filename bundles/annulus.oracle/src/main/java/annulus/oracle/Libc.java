package annulus.oracle;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Functions of the C library on x86-64 Linux. Failures are exceptions. */
final class Libc {
  static final int READ = 1;
  static final int READ_WRITE = 3;
  static final int READ_EXECUTE = 5;
  static final int READ_WRITE_EXECUTE = 7;
  private static final int MAP_PRIVATE_ANONYMOUS_FIXED_NOREPLACE = 0x100022;
  private static final int SYS_MODIFY_LDT = 154;
  private static final int SA_RESETHAND = 0x8000_0000;
  private static final int SA_SIGINFO_ONSTACK_NODEFER = 0x4800_0004;
  private static final int SIGACTION_SIZE = 152;
  private static final int SIGACTION_MASK = 8;
  private static final int SIGACTION_FLAGS = 136;
  private static final int SIG_SETMASK = 2;
  private static final Linker LINKER = Linker.nativeLinker();

  private Libc() {}

  private static MethodHandle function(String name, MemoryLayout result, MemoryLayout... arguments) {
    return LINKER.downcallHandle(LINKER.defaultLookup().find(name).orElseThrow(), FunctionDescriptor.of(result, arguments));
  }

  /** A handle on machine code at {@code address} without arguments or result. */
  static MethodHandle code(long address) {
    return LINKER.downcallHandle(MemorySegment.ofAddress(address), FunctionDescriptor.ofVoid());
  }

  /** Reserves inaccessible memory at exactly {@code address}. @return whether it was free */
  static boolean reserve(long address, long size) throws Throwable {
    long at = (long) function("mmap", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG)
        .invokeExact(address, size, 0, MAP_PRIVATE_ANONYMOUS_FIXED_NOREPLACE, -1, 0L);
    if (at != address && at != -1) {
      int freed = (int) function("munmap", JAVA_INT, JAVA_LONG, JAVA_LONG).invokeExact(at, size);
      check("munmap", freed);
    }
    return at == address;
  }

  static void protect(long address, long size, int access) throws Throwable {
    check("mprotect", (int) function("mprotect", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT).invokeExact(address, size, access));
  }

  /** Keeps pages present: a page that is not would fault with another error code. */
  static void lock(long address, long size) throws Throwable {
    check("mlock", (int) function("mlock", JAVA_INT, JAVA_LONG, JAVA_LONG).invokeExact(address, size));
  }

  /** Gives the calling thread a stack for signal handlers, for good. */
  static void signalStack(int size) throws Throwable {
    MemorySegment stack = Arena.global().allocate(24, 8);
    stack.set(ADDRESS, 0, Arena.global().allocate(size, Layout.PAGE));
    stack.set(JAVA_LONG, 16, size);
    check("sigaltstack", (int) function("sigaltstack", JAVA_INT, ADDRESS, ADDRESS).invokeExact(stack, MemorySegment.NULL));
  }

  /** Blocks all signals of the calling thread but these, which are below 64. */
  static void blockSignalsBut(int[] signals) throws Throwable {
    long open = 0;
    for (int s : signals) {
      open |= 1L << s - 1;
    }
    MemorySegment set = Arena.global().allocate(128, 8);
    set.set(JAVA_LONG, 0, ~open);
    check("pthread_sigmask",
        (int) function("pthread_sigmask", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS).invokeExact(SIG_SETMASK, set, MemorySegment.NULL));
  }

  /** Makes {@code handler} see a signal first. @return the handler before, whose flags stay */
  static long handle(int signal, long handler) throws Throwable {
    MethodHandle sigaction = function("sigaction", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
    MemorySegment action = Arena.global().allocate(SIGACTION_SIZE, 8);
    check("sigaction", (int) sigaction.invokeExact(signal, MemorySegment.NULL, action));
    long before = action.get(JAVA_LONG, 0);
    action.set(JAVA_LONG, 0, handler);
    action.asSlice(SIGACTION_MASK, SIGACTION_FLAGS - SIGACTION_MASK).fill((byte) 0);
    action.set(JAVA_INT, SIGACTION_FLAGS, action.get(JAVA_INT, SIGACTION_FLAGS) & ~SA_RESETHAND | SA_SIGINFO_ONSTACK_NODEFER);
    check("sigaction", (int) sigaction.invokeExact(signal, action, MemorySegment.NULL));
    return before;
  }

  /** Sets a descriptor of the process's local table: {@code user_desc} of modify_ldt(2). @return whether the kernel has local tables */
  static boolean localDescriptor(int index, int base, int limit, int flags) throws Throwable {
    MemorySegment description = Arena.global().allocate(16, 4);
    description.set(JAVA_INT, 0, index);
    description.set(JAVA_INT, 4, base);
    description.set(JAVA_INT, 8, limit);
    description.set(JAVA_INT, 12, flags);
    long result = (long) function("syscall", JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG)
        .invokeExact((long) SYS_MODIFY_LDT, 0x11L, description, 16L);
    return (int) result == 0;
  }

  private static void check(String call, int result) {
    if (result != 0) {
      throw new IllegalStateException(call + " failed");
    }
  }
}
