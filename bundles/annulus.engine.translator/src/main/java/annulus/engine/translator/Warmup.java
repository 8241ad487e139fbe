package annulus.engine.translator;

import annulus.cpu.Flags;
import annulus.cpu.block.Region;
import annulus.cpu.exec.PackedAdd;
import annulus.cpu.exec.PackedCompare;
import annulus.cpu.exec.PackedMultiply;
import annulus.cpu.exec.PackedPack;
import annulus.cpu.exec.PackedShift;
import annulus.cpu.exec.PackedShuffle;
import annulus.cpu.exec.SimdElement;
import annulus.cpu.exec.SimdState;
import annulus.cpu.exec.SseDouble;
import annulus.cpu.exec.SseSingle;
import annulus.cpu.exec.X87Quick;
import annulus.cpu.fp.Exact;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.FieldRefEntry;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Has HotSpot compile a region before the guest runs it: in HotSpot's interpreter it would be slower than what it replaces. A JVM without
 * {@link HotSpot} is made to by calls for no entry, which end at once and count as any others. They look into no branch of the guest's
 * code, so it is compiled whole and need not be given up when the guest takes another way than at first. They end by an exception, because
 * C2 leaves out what follows a branch that has always gone the other way, but not what follows a call.
 */
final class Warmup {
  private static final Logger LOG = System.getLogger(Warmup.class.getName());
  /** Calls between two looks at what HotSpot does, which by its own thresholds has C1 compile after 200 calls and C2 after 5,000. */
  private static final int CALLS = 400;
  private static final int CALLS_FOR_C1 = 250;
  private static final int MOST_ROUNDS = 50;
  private static final long C1_MILLISECONDS = 4;

  /** What regions call that may not have been called before. */
  private static final List<Class<?>> CALLED = List.of(Exact.class, FlagForm.class, Flags.class, GuestAccess.class, PackedAdd.class,
      PackedCompare.class, PackedMultiply.class, PackedPack.class, PackedShift.class, PackedShuffle.class, Quick80.class, QuickDouble.class,
      QuickMode.class, QuickSingle.class, SimdElement.class, SimdState.class, SseDouble.class, SseSingle.class, X87Calls.class,
      X87Quick.class);
  private static boolean initialised;

  private Warmup() {}

  /**
   * Initialises classes that regions call, and loads what these name: where C2 finds one that its loader does not know yet, it ends the code
   * there, to be given up when the guest comes by.
   */
  static synchronized void initialise() {
    if (initialised) {
      return;
    }
    initialised = true;
    for (Class<?> c : CALLED) {
      try {
        MethodHandles.lookup().ensureInitialized(c);
        loadNamed(c);
      } catch (IllegalAccessException e) {
        throw new IllegalStateException(e);
      } catch (IOException e) {
        LOG.log(Level.WARNING, "hot regions are compiled more than once: what {0} names is not known: {1}", c.getName(), e);
      }
    }
  }

  /** Loads all classes in the constant pool of {@code c}, types of fields and parameters too, by the loader of {@code c}. */
  private static void loadNamed(Class<?> c) throws IOException {
    Set<ClassDesc> named = new HashSet<>();
    try (InputStream in = c.getResourceAsStream(c.getSimpleName() + ".class")) {
      if (in == null) {
        throw new IOException("no class file");
      }
      for (PoolEntry e : ClassFile.of().parse(in.readAllBytes()).constantPool()) {
        if (e instanceof ClassEntry entry) {
          named.add(entry.asSymbol());
        } else if (e instanceof MemberRefEntry member) {
          if (member instanceof FieldRefEntry field) {
            named.add(field.typeSymbol());
          } else {
            MethodTypeDesc type = MethodTypeDesc.ofDescriptor(member.type().stringValue());
            named.add(type.returnType());
            named.addAll(type.parameterList());
          }
        }
      }
    }
    for (ClassDesc type : named) {
      if (type.isClassOrInterface()) {
        load(type.descriptorString(), c.getClassLoader());
      }
    }
  }

  private static void load(String descriptor, @Nullable ClassLoader loader) {
    String name = descriptor.substring(1, descriptor.length() - 1).replace('/', '.');
    try {
      Class.forName(name, false, loader);
    } catch (ClassNotFoundException e) {
      // Of some classes only constants are used, which the compiler has put in their place: bundles need not import these.
      LOG.log(Level.DEBUG, "{0} is not there for regions", name);
    }
  }

  /**
   * Has C2 compile {@code region}: asks for it, which waits for it where HotSpot's options say so, or calls the region until C2 is at it;
   * {@code queue} tells when it is done.
   *
   * @return whether C2 does: it refuses what grows too large for it
   */
  static boolean compile(Region region, CompileQueue queue) {
    HotSpot hotSpot = HotSpot.here();
    if (hotSpot != null) {
      return hotSpot.compileHot(region.getClass());
    }
    try {
      for (int round = 0; round < MOST_ROUNDS && !queue.has(region.getClass()); round++) {
        call(region, CALLS);
        Thread.sleep(C1_MILLISECONDS);
      }
    } catch (InterruptedException e) {
      // The provider goes: nobody waits for the region any more.
      Thread.currentThread().interrupt();
    }
    return true;
  }

  /** Has C1 compile {@code region}: asks for it, or calls the region until HotSpot wants to. */
  static void compile(Region region) {
    HotSpot hotSpot = HotSpot.here();
    if (hotSpot == null || !hotSpot.compileWarm(region.getClass())) {
      call(region, CALLS_FOR_C1);
    }
  }

  private static void call(Region region, int times) {
    int refused = 0;
    while (refused < times) {
      try {
        region.run(0, -1, 0);
      } catch (NoEntry e) {
        refused++;
      }
    }
  }

  /** At the start of each region. */
  static void enter(int entry) {
    if (entry < 0) {
      throw NoEntry.INSTANCE;
    }
  }

  private static final class NoEntry extends RuntimeException {
    private static final long serialVersionUID = 1;
    @SuppressWarnings("StaticAssignmentOfThrowable") // stackless and immutable
    static final NoEntry INSTANCE = new NoEntry();

    private NoEntry() {
      super(null, null, false, false);
    }
  }
}
