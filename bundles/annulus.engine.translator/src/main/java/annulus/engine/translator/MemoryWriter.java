package annulus.engine.translator;

import static annulus.engine.translator.Frame.*;

import annulus.arch.Seg;
import annulus.cpu.Cpu;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;
import annulus.memory.translation.SoftTlb;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes accesses to registers and memory. */
final class MemoryWriter {
  static final long LOW32 = 0xFFFF_FFFFL;

  private final Frame f;
  private final CodeBuilder b;
  private final FlagWriter flags;
  /** Of the instruction at hand, those not yet written. */
  private final List<NearAccesses.Access> near = new ArrayList<>();

  MemoryWriter(Frame f, FlagWriter flags) {
    this.f = f;
    b = f.b;
    this.flags = flags;
  }

  /** The next accesses are those of one instruction, of which {@code accesses} are known. */
  void begin(List<NearAccesses.Access> accesses) {
    near.clear();
    near.addAll(accesses);
  }

  /** The access that is written now, if others share its probe. */
  private NearAccesses.@Nullable Access shared(boolean write, int size) {
    for (int n = 0; n < near.size(); n++) {
      NearAccesses.Access a = near.get(n);
      if (a.write == write && a.size == size) {
        near.remove(n);
        return a.shares() ? a : null;
      }
    }
    return null;
  }

  /**
   * With the address in its local: pushes 0 where the probe of the access' group allows it and anything else where not, and the host
   * offset to use then.
   */
  private void sharedProbe(NearAccesses.Access a) {
    int host = sharedHost(a);
    b.lload(host);
    f.constant(63);
    b.lshr();
    b.lload(host);
    f.constant(a.inGroup());
    b.ladd();
  }

  /** With the address in its local: the local that holds the host address of the lowest byte of the access' group, or a negative number. */
  private int sharedHost(NearAccesses.Access a) {
    NearAccesses.Group g = a.group;
    int host = Frame.host(g.number);
    if (a.begins()) {
      if (f.locals) {
        flags.tell();
      }
      b.lload(ADDRESS); // for afterwards: the probe is for the lowest address
      b.lload(ADDRESS);
      f.constant(a.inGroup());
      b.lsub();
      probe(g.writes() ? SoftTlb.WRITE : SoftTlb.READ, g.size());
      host();
      f.call(ACCESS_TYPE, f.locals ? "hit" : "orNegative", J, J, J);
      b.lstore(host);
      b.lstore(ADDRESS);
    }
    return host;
  }

  /** In regions that are left where the probe does not allow it: address on the stack to host address. */
  void direct(boolean write, int size) {
    NearAccesses.Access a = shared(write, size);
    if (a == null) {
      flags.tell();
      probe(write ? SoftTlb.WRITE : SoftTlb.READ, size);
      host();
      f.call(ACCESS_TYPE, "hit", J, J, J);
      return;
    }
    b.lstore(ADDRESS);
    b.lload(sharedHost(a));
    f.constant(a.inGroup());
    b.ladd();
  }

  /**
   * Address of 16 bytes on the stack to their host address, or a negative number where they must be loaded by the address: only in regions
   * that are not left for that.
   */
  void wide() {
    if (f.locals) {
      direct(false, 16);
      return;
    }
    NearAccesses.Access a = shared(false, 16);
    if (a == null) {
      f.context();
      f.field("TLB", LONGS);
      f.call(ACCESS_TYPE, "wide", J, J, J, LONGS);
    } else {
      b.lstore(ADDRESS);
      int host = sharedHost(a);
      b.lload(host);
      f.constant(a.inGroup());
      b.ladd().lload(host);
      f.constant(63);
      b.lshr().lor();
    }
  }

  /** The same for any access, with the address on the stack. */
  private void probeFor(boolean write, int size) {
    NearAccesses.Access a = shared(write, size);
    if (a == null) {
      probe(write ? SoftTlb.WRITE : SoftTlb.READ, size);
      host();
    } else {
      b.lstore(ADDRESS);
      sharedProbe(a);
    }
  }

  /** Whether {@link #address} can form the address of the memory operand, if {@code i} has one. */
  static boolean addressable(Instruction i) {
    if (!i.hasMemory()) {
      return true;
    }
    if (i.addressSize == 2) {
      return false;
    }
    if (i.segment < Seg.FS || i.mnemonic == Mnemonic.LEA) {
      return i.segment != Seg.CS || i.codeBits == 64;
    }
    return i.codeBits == 64 && i.addressSize == 8;
  }

  /**
   * Pushes the linear address of the memory operand: in flat segments, the offset.
   *
   * @param next distance of the next instruction from the entry
   */
  void address(Instruction i, long next) {
    long displacement = i.displacement;
    boolean pushed = true;
    if (i.base == Instruction.RIP) {
      b.lload(START);
      displacement += next;
    } else if (i.base != Instruction.NO_REGISTER) {
      f.get(i.base);
    } else {
      pushed = false;
    }
    if (i.index != Instruction.NO_REGISTER) {
      f.get(i.index);
      if (i.scale != 0) {
        f.constant(i.scale);
        b.lshl();
      }
      if (pushed) {
        b.ladd();
      }
      pushed = true;
    }
    if (displacement != 0 || !pushed) {
      f.constant(displacement);
      if (pushed) {
        b.ladd();
      }
    }
    if (i.addressSize == 4) {
      f.constant(LOW32);
      b.land();
    }
    if (i.segment >= Seg.FS && i.mnemonic != Mnemonic.LEA) {
      f.base(i.segment);
      b.ladd();
    }
  }

  /** Address on the stack to value, zero-extended. */
  void load(int size) {
    if (f.calls) {
      where();
      f.call(ACCESS_TYPE, "load" + 8 * size, J, J, CPU_TYPE, I);
      return;
    }
    if (f.locals) {
      direct(false, size);
      f.ramLoad(size);
      return;
    }
    probeFor(false, size);
    b.lload(ADDRESS);
    where();
    f.call(ACCESS_TYPE, "loaded" + 8 * size, J, J, J, J, CPU_TYPE, I, J, J, J);
  }

  /** Address and value on the stack; stores. */
  void store(int size) {
    if (f.calls) {
      where();
      f.call(ACCESS_TYPE, "store" + 8 * size, V, J, J, CPU_TYPE, I);
      return;
    }
    b.lstore(VALUE);
    if (f.locals) {
      direct(true, size);
      b.lload(VALUE);
      f.ramStore(size);
      return;
    }
    probeFor(true, size);
    b.lload(VALUE).lload(ADDRESS);
    where();
    f.call(ACCESS_TYPE, "stored" + 8 * size, V, J, J, J, J, CPU_TYPE, I, J, J, J);
  }

  /** Whether 8 bytes are pushed to the guest's stack and popped by calls, which see to RSP too. */
  boolean callsForStack(int size) {
    return f.calls && f.mask == -1L && size == 8;
  }

  /** PUSH of {@code size} bytes, which {@code value} pushes. */
  void push(int size, Runnable value) {
    if (callsForStack(size)) {
      value.run();
      where();
      f.call(ACCESS_TYPE, "push64", V, J, CPU_TYPE, I);
      return;
    }
    f.get(Cpu.RSP);
    f.constant((long) size);
    b.lsub();
    f.masked();
    b.lstore(T1);
    b.lload(T1);
    value.run();
    store(size);
    b.lload(T1);
    f.set(Cpu.RSP);
  }

  /** Pushes {@code size} bytes of the guest's stack, which register {@code pointer} points to; keeps their address for {@link #release}. */
  void top(int pointer, int size) {
    f.get(pointer);
    f.masked();
    b.lstore(T1);
    b.lload(T1);
    load(size);
  }

  /** RSP becomes the address of {@link #top} and {@code bytes} more. */
  void release(long bytes) {
    b.lload(T1);
    f.constant(bytes);
    b.ladd();
    f.masked();
    f.set(Cpu.RSP);
  }

  /** Pushes what POP takes off the guest's stack, where {@link #callsForStack}. */
  void pop() {
    where();
    f.call(ACCESS_TYPE, "pop64", J, CPU_TYPE, I);
  }

  /** Pushes where RET goes to, which takes {@code release} bytes off the guest's stack, where {@link #callsForStack}. */
  void returns(int release) {
    f.constant(release);
    where();
    f.call(ACCESS_TYPE, "return64", J, I, CPU_TYPE, I);
  }

  /** Pushes the processor and the number of the instruction, with all that the slow path of an access in place needs to know. */
  private void where() {
    f.cpu();
    if (f.calls) {
      f.constant(f.number);
    } else {
      flags.where();
    }
  }

  /** Keeps the address on the stack and the TLB's index for it; pushes 0 where it allows the access. */
  private void probe(int kind, int size) {
    b.lstore(ADDRESS);
    f.field("TLB", LONGS);
    b.lload(ADDRESS);
    f.constant(SoftTlb.INDEX_SHIFT);
    b.lushr().l2i();
    f.constant(SoftTlb.INDEX_MASK);
    b.iand().dup().istore(INDEX);
    if (kind != 0) {
      f.constant(kind);
      b.iadd();
    }
    b.laload().lload(ADDRESS);
    if (size > 1) {
      f.constant((long) size - 1);
      b.ladd();
    }
    f.constant(-4096L);
    b.land();
    f.context();
    b.lor().lxor();
  }

  /** Pushes the host address of the address that was probed for. */
  private void host() {
    b.lload(ADDRESS);
    f.field("TLB", LONGS);
    b.iload(INDEX);
    f.constant(SoftTlb.ADDEND);
    b.iadd().laload().ladd();
  }

  /** Address of the lowest byte of {@code g} on the stack: its host address goes to the group's local, or control to {@code miss}. */
  void probe(NearAccesses.Group g, Label miss) {
    probe(g.writes() ? SoftTlb.WRITE : SoftTlb.READ, g.size());
    host();
    f.call(ACCESS_TYPE, "orNegative", J, J, J);
    b.lstore(Frame.host(g.number)).lload(Frame.host(g.number));
    f.constant(0L);
    b.lcmp().iflt(miss);
  }

  /** Address on the stack; begins a read-modify-write in T2 and T3 and pushes the old value. */
  void open(int size) {
    if (f.locals) {
      direct(true, size);
      b.lstore(T3);
      b.lload(T3);
      f.ramLoad(size);
      return;
    }
    b.lstore(T2);
    b.lload(T2);
    if (f.calls) {
      where();
      f.call(ACCESS_TYPE, "open" + 8 * size, J, J, CPU_TYPE, I);
    } else {
      probeFor(true, size);
      b.lload(ADDRESS);
      f.constant(size);
      where();
      f.call(ACCESS_TYPE, "opened", J, J, J, J, I, CPU_TYPE, I, J, J, J);
    }
    b.lstore(T3);
    b.lload(T3).lload(T2);
    f.field("MEMORY", MEMORY_TYPE);
    f.call(ACCESS_TYPE, "fetch" + 8 * size, J, J, J, MEMORY_TYPE);
  }

  /** Ends a read-modify-write with the value on the stack. */
  void put(int size) {
    b.lstore(T1);
    if (f.locals) {
      b.lload(T3).lload(T1);
      f.ramStore(size);
      return;
    }
    b.lload(T3).lload(T2).lload(T1);
    f.field("MEMORY", MEMORY_TYPE);
    f.call(ACCESS_TYPE, "put" + 8 * size, V, J, J, J, MEMORY_TYPE);
  }

  /** Pushes a register, zero-extended from its size. */
  void register(int kind, int n, int size) {
    f.get(n);
    if (kind == Instruction.HIGH_BYTE) {
      f.constant(8);
      b.lushr();
    }
    zeroExtend(size);
  }

  /** Stores the low {@code size} bytes on the stack to a register; a 32-bit result is zero-extended. */
  void toRegister(int kind, int n, int size) {
    if (kind == Instruction.HIGH_BYTE) {
      f.constant(0xFFL);
      b.land();
      f.constant(8);
      b.lshl();
      merge(n, ~0xFF00L);
    } else if (size == 8) {
      f.set(n);
    } else if (size == 4) {
      zeroExtend(4);
      f.set(n);
    } else {
      zeroExtend(size);
      merge(n, size == 2 ? ~0xFFFFL : ~0xFFL);
    }
  }

  private void merge(int n, long keep) {
    f.get(n);
    f.constant(keep);
    b.land().lor();
    f.set(n);
  }

  void zeroExtend(int size) {
    if (size < 8) {
      f.constant(mask(size));
      b.land();
    }
  }

  static long mask(int size) {
    return -1L >>> 64 - 8 * size;
  }

  void signExtend(int size) {
    switch (size) {
      case 4 -> b.l2i().i2l();
      case 2 -> b.l2i().i2s().i2l();
      case 1 -> b.l2i().i2b().i2l();
      default -> { }
    }
  }

  /** Pushes operand {@code n}, zero-extended from its size: register, immediate or memory. */
  void operand(Instruction i, int n, long next, int size) {
    int kind = annulus.cpu.Operands.kind(i, n);
    switch (kind) {
      case Instruction.GPR, Instruction.HIGH_BYTE -> register(kind, annulus.cpu.Operands.reg(i, n), size);
      case Instruction.MEMORY -> {
        address(i, next);
        load(size);
      }
      default -> f.constant(i.immediate & mask(size));
    }
  }
}
