package annulus.engine.translator;

import annulus.arch.Seg;
import annulus.cpu.Cpu;
import annulus.cpu.LinearMemory;
import annulus.cpu.block.LeaveRegion;
import annulus.cpu.block.Region;
import annulus.cpu.block.RegionRunner;
import annulus.cpu.block.op.Op;
import annulus.cpu.decode.Instruction;
import annulus.cpu.exec.Semantics;
import annulus.engine.PendingEvents;
import annulus.memory.Ram;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.List;

/**
 * What the writers of a region's method share: where the processor's registers are in the method's locals, and the names of what
 * it calls.
 *
 * <pre>
 * 0 this   1 start   3 entry   4 rest   8 TLB context   11 a of the flags' form   13 b   15 result   17 carries   19 target
 * 21-30 five temporary longs   31 FS base   33 GS base   36 + 2n general register n
 * 101 an int   102 address, 104 value and 106 TLB index of an access   108 modes of SSE arithmetic
 * 70 - 99 and 174 - 216 x87 registers, see {@link StackSlots}   110 - 237 XMM registers, see {@link XmmOperands}
 * 240 + 2n host address of group n of accesses, the last that of {@link StackWindow}
 * 290 - 337 factors of products, see {@link WideProducts}
 * 217 what is left of the budget when the next look at events is due
 * for where the region is left: 100 number of the instruction   10 form of flags that the processor does not have, or 0   6 a   238 b
 * </pre>
 */
final class Frame {
  static final int START = 1;
  static final int ENTRY = 3;
  static final int REST = 4;
  static final int CONTEXT = 8;
  static final int LEFT_FORM = 10;
  static final int LEFT_A = 6;
  static final int LEFT_B = 238;
  static final int LOOK = 217;
  static final int FLAG_A = 11;
  static final int FLAG_B = 13;
  static final int RESULT = 15;
  static final int CARRIES = 17;
  static final int TARGET = 19;
  static final int T0 = 21;
  static final int T1 = 23;
  static final int T2 = 25;
  static final int T3 = 27;
  static final int T4 = 29;
  static final int FS = 31;
  static final int GS = 33;
  static final int AT = 100;
  static final int INT = 101;
  /** Of the access at hand: address, value, index into the TLB. */
  static final int ADDRESS = 102;
  static final int VALUE = 104;
  static final int INDEX = 106;
  /** Of MXCSR, see {@link QuickMode}. */
  static final int MODES = 108;
  private static final int REGISTERS = 36;
  private static final int HOSTS = 240;
  private static final int FACTORS = 290;

  static final ClassDesc CPU_TYPE = type(Cpu.class);
  static final ClassDesc MEMORY_TYPE = type(LinearMemory.class);
  static final ClassDesc PENDING_TYPE = type(PendingEvents.class);
  static final ClassDesc INSTRUCTION_TYPE = type(Instruction.class);
  static final ClassDesc SEMANTICS_TYPE = type(Semantics.class);
  static final ClassDesc ACCESS_TYPE = type(GuestAccess.class);
  static final ClassDesc RAM_TYPE = type(Ram.class);
  static final ClassDesc LEAVE_TYPE = type(LeaveRegion.class);
  static final ClassDesc REGION_TYPE = type(Region.class);
  static final ClassDesc RUNNER_TYPE = type(RegionRunner.class);
  static final ClassDesc FORM_TYPE = type(FlagForm.class);
  static final ClassDesc LONGS = ConstantDescs.CD_long.arrayType();
  static final ClassDesc J = ConstantDescs.CD_long;
  static final ClassDesc I = ConstantDescs.CD_int;
  static final ClassDesc Z = ConstantDescs.CD_boolean;
  static final ClassDesc V = ConstantDescs.CD_void;

  /** {@link Form#locals}, see {@link RegionWriter}. */
  final boolean locals;
  /** {@link Form#calls}: and not to be inlined. */
  final boolean calls;
  final CodeBuilder b;
  final ClassDesc self;
  final RegisterUse use;
  /** Instructions that the method refers to: constants I0, I1, ... of its class, with their semantics S0, S1, ... */
  final List<Instruction> constants;
  /** Their numbers. */
  final List<Integer> constantNumbers = new ArrayList<>();
  /** Where control leaves to {@link #TARGET} with the registers in locals. */
  final Label exit;
  /** Where the method returns when control has left the region in a call. */
  final Label gone;
  /** Where control goes to {@link #TARGET}, inside the region if that is one of its entries. */
  final Label indirect;
  boolean goesIndirect;
  /** Control leaves the region and comes back: {@link RegionRunner#call}. */
  boolean callsOut;
  /** Offsets behind calls of which the region keeps where they go. */
  final List<Integer> indirectCalls = new ArrayList<>();
  /** Of the instruction that is written. */
  int number;
  final long mask;
  /** Of {@link #copies}, behind the general registers. */
  private static final int FS_BIT = 16;
  private static final int GS_BIT = 17;
  /** What a local holds a copy of in this block, where not all are in {@link #locals}: general registers by number, segment bases. */
  private int copies;

  Frame(CodeBuilder b, ClassDesc self, RegisterUse use, List<Instruction> constants, int bits, Form form) {
    this.b = b;
    locals = form.locals();
    calls = form.calls();
    this.self = self;
    this.use = use;
    this.constants = constants;
    exit = b.newLabel();
    gone = b.newLabel();
    indirect = b.newLabel();
    mask = bits == 64 ? -1L : 0xFFFF_FFFFL;
  }

  static ClassDesc type(Class<?> c) {
    return c.describeConstable().orElseThrow();
  }

  /** Host address that accesses of group {@code n} of an extended block are relative to, or a negative number: {@link NearAccesses}. */
  static int host(int n) {
    return HOSTS + 2 * n;
  }

  /** Place {@code n} for an operand of a product. */
  static int factor(int n) {
    return FACTORS + 2 * n;
  }

  static int gpr(int n) {
    return REGISTERS + 2 * n;
  }

  /** What follows of the instruction that is written has the next number. */
  void nextAccess() {
    number++;
  }

  void goIndirect() {
    goesIndirect = true;
    b.goto_(indirect);
  }

  /** Calls a static method of {@code owner}; only where accesses are calls may it change registers. */
  void call(ClassDesc owner, String name, ClassDesc result, ClassDesc... arguments) {
    b.invokestatic(owner, name, MethodTypeDesc.of(result, arguments));
    called(0);
  }

  /**
   * A call has been written that may change the general registers {@code changed}. Where accesses are calls, all registers are read again
   * behind one: what C1 keeps over a call it stores to the stack and loads from there, for each value at another place, by eight bytes each.
   */
  void called(int changed) {
    forget(calls ? -1 : changed);
  }

  void constant(long value) {
    b.loadConstant(value);
  }

  void constant(int value) {
    b.loadConstant(value);
  }

  /** Pushes the processor. */
  CodeBuilder cpu() {
    field("CPU", CPU_TYPE);
    return b;
  }

  /** Pushes the TLB context of accesses, as a long. */
  CodeBuilder context() {
    if (calls) {
      field("MEMORY", MEMORY_TYPE);
      return b.getfield(MEMORY_TYPE, "dataContext", I).i2l();
    }
    return b.lload(CONTEXT);
  }

  /** Pushes what is left of the budget. */
  CodeBuilder rest() {
    if (calls) {
      field("GPR", LONGS);
      constant(Op.REST);
      return b.laload();
    }
    return b.lload(REST);
  }

  /** Takes {@code instructions} from the budget. */
  void spend(long instructions) {
    if (instructions == 0) {
      return;
    }
    if (calls) {
      field("GPR", LONGS);
      constant(Op.REST);
      b.dup2().laload();
    } else {
      b.lload(REST);
    }
    constant(instructions);
    b.lsub();
    if (calls) {
      b.lastore();
    } else {
      b.lstore(REST);
    }
  }

  /** Pushes {@code size} bytes of memory at the host address that is on the stack, zero-extended. */
  void ramLoad(int size) {
    call(RAM_TYPE, "getAt" + 8 * size, size == 8 ? J : I, J);
    if (size < 8) {
      b.i2l();
    }
    if (size == 4) {
      constant(MemoryWriter.LOW32);
      b.land();
    }
  }

  /** Stores the low {@code size} bytes of the long on the stack at the host address below it. */
  void ramStore(int size) {
    if (size < 8) {
      b.l2i();
    }
    call(RAM_TYPE, "putAt" + 8 * size, V, J, size == 8 ? J : I);
  }

  /** Pushes a constant of the region's class. */
  void field(String name, ClassDesc type) {
    b.getstatic(self, name, type);
  }

  /** Pushes {@code start + offset}, as an instruction pointer. */
  void pointer(long offset) {
    b.lload(START);
    if (offset != 0) {
      constant(offset);
      b.ladd();
    }
    masked();
  }

  /** Truncates the instruction pointer or stack pointer on the stack to the mode's width. */
  void masked() {
    if (mask != -1L) {
      constant(mask);
      b.land();
    }
  }

  /** Pushes general register {@code n}. */
  void get(int n) {
    touch(n);
    b.lload(gpr(n));
  }

  /** What is on the stack becomes general register {@code n}. */
  void set(int n) {
    b.lstore(gpr(n));
    if (!locals) {
      copies |= 1 << n;
      field("GPR", LONGS);
      constant(n);
      b.lload(gpr(n)).lastore();
    }
  }

  /** Sees to it that the local of register {@code n} holds it: before code that only runs under a condition and uses it. */
  void touch(int n) {
    copy(n, n, gpr(n));
  }

  /** Pushes the base of FS or GS. */
  void base(int segment) {
    boolean fs = segment == Seg.FS;
    copy(fs ? Op.FS_BASE : Op.GS_BASE, fs ? FS_BIT : GS_BIT, fs ? FS : GS);
    b.lload(fs ? FS : GS);
  }

  private void copy(int register, int bit, int local) {
    if (!locals && (copies >>> bit & 1) == 0) {
      copies |= 1 << bit;
      field("GPR", LONGS);
      constant(register);
      b.laload().lstore(local);
    }
  }

  /** Copies of those general registers of {@code which} hold no longer. */
  private void forget(int which) {
    copies &= ~which;
  }

  /** Copies of segment bases hold no longer. */
  void forgetBases() {
    forget(1 << FS_BIT | 1 << GS_BIT);
  }

  /** At the start of a block that control reaches in several ways. */
  void join() {
    copies = 0;
  }

  /** Stores the general registers that the region may have changed to the processor, from {@link #locals}. */
  void spill() {
    for (int n = 0; n < 16; n++) {
      if (use.writes(n)) {
        field("GPR", LONGS);
        constant(n);
        b.lload(gpr(n));
        b.lastore();
      }
    }
  }

  /** Loads the general registers that the region names to {@link #locals}. */
  void load() {
    for (int n = 0; n < 16; n++) {
      if (use.reads(n)) {
        field("GPR", LONGS);
        constant(n);
        b.laload();
        b.lstore(gpr(n));
      }
    }
  }

  /** The number of {@code i} among the class's constants. */
  int constantOf(Instruction i) {
    constants.add(i);
    constantNumbers.add(number);
    return constants.size() - 1;
  }

  static List<Instruction> newConstants() {
    return new ArrayList<>();
  }
}
