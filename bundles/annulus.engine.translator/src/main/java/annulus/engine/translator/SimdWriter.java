package annulus.engine.translator;

import static annulus.engine.translator.Frame.*;

import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;
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
import annulus.cpu.fp.FpContext;
import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Writes instructions on XMM registers, which stay in the processor's array: their elements are constants' fields to HotSpot, and
 * no fault finds them half-way. What is computed are the value functions that the general meanings use too.
 */
final class SimdWriter {
  private static final int XMM = Instruction.XMM;
  private static final int MEMORY = Instruction.MEMORY;
  private static final int GPR = Instruction.GPR;

  /** How an instruction is written. */
  private enum Shape {
    MOVE, MOVE_ALIGNED, SCALAR_MOVE, ELEMENT, LOW_HALF, HIGH_HALF, HIGH_TO_LOW, LOW_TO_HIGH,
    /** Each half of the result from the halves of both operands. */
    HALVES,
    /** Interleaves low or high halves. */
    LOW_PAIR, HIGH_PAIR,
    SHIFT, SHUFFLE, SHUFFLE_BOTH, ALIGN, SHUFFLE_BYTES, SIGNS,
    SCALAR_DOUBLE, SCALAR_SINGLE, PACKED_DOUBLE,
    COMPARE_DOUBLE, COMPARE_SINGLE, INTEGER_TO_DOUBLE, INTEGER_TO_SINGLE, DOUBLE_TO_INTEGER, SINGLE_TO_INTEGER, DOUBLE_TO_SINGLE,
    SINGLE_TO_DOUBLE
  }

  private static final Map<Mnemonic, Shape> SHAPES = new EnumMap<>(Mnemonic.class);
  /** Where the value function is; its name is the mnemonic's unless {@link #NAMES} says another. */
  private static final Map<Mnemonic, Class<?>> OWNERS = new EnumMap<>(Mnemonic.class);
  private static final Map<Mnemonic, String> NAMES = new EnumMap<>(Mnemonic.class);

  static {
    shape(Shape.MOVE_ALIGNED, Mnemonic.MOVAPS, Mnemonic.MOVAPD, Mnemonic.MOVDQA, Mnemonic.MOVNTPS, Mnemonic.MOVNTPD, Mnemonic.MOVNTDQ,
        Mnemonic.MOVNTDQA);
    shape(Shape.MOVE, Mnemonic.MOVUPS, Mnemonic.MOVUPD, Mnemonic.MOVDQU, Mnemonic.LDDQU);
    shape(Shape.SCALAR_MOVE, Mnemonic.MOVSS, Mnemonic.MOVSD, Mnemonic.MOVNTSS, Mnemonic.MOVNTSD);
    shape(Shape.ELEMENT, Mnemonic.MOVD, Mnemonic.MOVQ);
    shape(Shape.LOW_HALF, Mnemonic.MOVLPS, Mnemonic.MOVLPD);
    shape(Shape.HIGH_HALF, Mnemonic.MOVHPS, Mnemonic.MOVHPD);
    shape(Shape.HIGH_TO_LOW, Mnemonic.MOVHLPS);
    shape(Shape.LOW_TO_HIGH, Mnemonic.MOVLHPS);
    shape(Shape.HALVES, Mnemonic.PAND, Mnemonic.ANDPS, Mnemonic.ANDPD, Mnemonic.PANDN, Mnemonic.ANDNPS, Mnemonic.ANDNPD, Mnemonic.POR,
        Mnemonic.ORPS, Mnemonic.ORPD, Mnemonic.PXOR, Mnemonic.XORPS, Mnemonic.XORPD, Mnemonic.PADDQ, Mnemonic.PSUBQ);
    called(Shape.HALVES, PackedAdd.class, Mnemonic.PADDB, Mnemonic.PADDW, Mnemonic.PADDD, Mnemonic.PSUBB, Mnemonic.PSUBW, Mnemonic.PSUBD,
        Mnemonic.PADDSB, Mnemonic.PADDSW, Mnemonic.PADDUSB, Mnemonic.PADDUSW, Mnemonic.PSUBSB, Mnemonic.PSUBSW, Mnemonic.PSUBUSB,
        Mnemonic.PSUBUSW, Mnemonic.PAVGB, Mnemonic.PAVGW);
    called(Shape.HALVES, PackedCompare.class, Mnemonic.PCMPEQB, Mnemonic.PCMPEQW, Mnemonic.PCMPEQD, Mnemonic.PCMPGTB, Mnemonic.PCMPGTW,
        Mnemonic.PCMPGTD, Mnemonic.PMINUB, Mnemonic.PMAXUB);
    called(Shape.HALVES, PackedMultiply.class, Mnemonic.PMULLW, Mnemonic.PMULHW, Mnemonic.PMULHUW, Mnemonic.PMULLD, Mnemonic.PMADDWD);
    shape(Shape.LOW_PAIR, Mnemonic.PUNPCKLQDQ, Mnemonic.UNPCKLPD);
    shape(Shape.HIGH_PAIR, Mnemonic.PUNPCKHQDQ, Mnemonic.UNPCKHPD);
    pair(Shape.LOW_PAIR, "bw", Mnemonic.PUNPCKLBW);
    pair(Shape.LOW_PAIR, "wd", Mnemonic.PUNPCKLWD);
    pair(Shape.LOW_PAIR, "dq", Mnemonic.PUNPCKLDQ, Mnemonic.UNPCKLPS);
    pair(Shape.HIGH_PAIR, "bw", Mnemonic.PUNPCKHBW);
    pair(Shape.HIGH_PAIR, "wd", Mnemonic.PUNPCKHWD);
    pair(Shape.HIGH_PAIR, "dq", Mnemonic.PUNPCKHDQ, Mnemonic.UNPCKHPS);
    called(Shape.SHIFT, PackedShift.class, Mnemonic.PSLLW, Mnemonic.PSLLD, Mnemonic.PSLLQ, Mnemonic.PSRLW, Mnemonic.PSRLD, Mnemonic.PSRLQ,
        Mnemonic.PSRAW, Mnemonic.PSRAD);
    shape(Shape.SHUFFLE, Mnemonic.PSHUFD);
    shape(Shape.SHUFFLE_BOTH, Mnemonic.SHUFPS);
    shape(Shape.ALIGN, Mnemonic.PALIGNR);
    shape(Shape.SHUFFLE_BYTES, Mnemonic.PSHUFB);
    shape(Shape.SIGNS, Mnemonic.PMOVMSKB);
    arithmetic("add", Mnemonic.ADDSD, Mnemonic.ADDSS, Mnemonic.ADDPD);
    arithmetic("sub", Mnemonic.SUBSD, Mnemonic.SUBSS, Mnemonic.SUBPD);
    arithmetic("mul", Mnemonic.MULSD, Mnemonic.MULSS, Mnemonic.MULPD);
    arithmetic("div", Mnemonic.DIVSD, Mnemonic.DIVSS, Mnemonic.DIVPD);
    arithmetic("min", Mnemonic.MINSD, Mnemonic.MINSS, Mnemonic.MINPD);
    arithmetic("max", Mnemonic.MAXSD, Mnemonic.MAXSS, Mnemonic.MAXPD);
    arithmetic("sqrt", Mnemonic.SQRTSD, Mnemonic.SQRTSS, Mnemonic.SQRTPD);
    shape(Shape.COMPARE_DOUBLE, Mnemonic.COMISD, Mnemonic.UCOMISD);
    shape(Shape.COMPARE_SINGLE, Mnemonic.COMISS, Mnemonic.UCOMISS);
    shape(Shape.INTEGER_TO_DOUBLE, Mnemonic.CVTSI2SD);
    shape(Shape.INTEGER_TO_SINGLE, Mnemonic.CVTSI2SS);
    shape(Shape.DOUBLE_TO_INTEGER, Mnemonic.CVTSD2SI, Mnemonic.CVTTSD2SI);
    shape(Shape.SINGLE_TO_INTEGER, Mnemonic.CVTSS2SI, Mnemonic.CVTTSS2SI);
    shape(Shape.DOUBLE_TO_SINGLE, Mnemonic.CVTSD2SS);
    shape(Shape.SINGLE_TO_DOUBLE, Mnemonic.CVTSS2SD);
  }

  /** Operations of {@link QuickDouble}. */
  private static final Set<String> QUICK = Set.of("add", "sub", "mul", "div", "sqrt");
  private static final ClassDesc STATE = type(SimdState.class);
  private static final ClassDesc CONTEXT_TYPE = type(FpContext.class);
  private static final ClassDesc DOUBLES = type(SseDouble.class);
  private static final ClassDesc SINGLES = type(SseSingle.class);

  private final Frame f;
  private final CodeBuilder b;
  private final FlagWriter flags;
  private final MemoryWriter memory;
  /** The block has found SSE enabled: what changes that ends blocks. */
  private boolean enabled;

  SimdWriter(Frame f, FlagWriter flags, MemoryWriter memory) {
    this.f = f;
    b = f.b;
    this.flags = flags;
    this.memory = memory;
  }

  private static void shape(Shape shape, Mnemonic... mnemonics) {
    for (Mnemonic m : mnemonics) {
      SHAPES.put(m, shape);
    }
  }

  private static void called(Shape shape, Class<?> owner, Mnemonic... mnemonics) {
    shape(shape, mnemonics);
    for (Mnemonic m : mnemonics) {
      OWNERS.put(m, owner);
      NAMES.put(m, m.name().toLowerCase(Locale.ROOT));
    }
  }

  /** {@code name}: what follows PUNPCKL and PUNPCKH. */
  private static void pair(Shape shape, String name, Mnemonic... mnemonics) {
    shape(shape, mnemonics);
    for (Mnemonic m : mnemonics) {
      NAMES.put(m, name);
    }
  }

  private static void arithmetic(String name, Mnemonic scalarDouble, Mnemonic scalarSingle, Mnemonic packedDouble) {
    shape(Shape.SCALAR_DOUBLE, scalarDouble);
    shape(Shape.SCALAR_SINGLE, scalarSingle);
    shape(Shape.PACKED_DOUBLE, packedDouble);
    for (Mnemonic m : new Mnemonic[] {scalarDouble, scalarSingle, packedDouble}) {
      NAMES.put(m, name);
    }
  }

  /** Whether {@link #write} knows {@code i}. */
  static boolean knows(Instruction i) {
    Shape s = SHAPES.get(i.mnemonic);
    if (s == null || i.vectorLength != 0 || !MemoryWriter.addressable(i)) {
      return false;
    }
    return switch (s) {
      case ELEMENT -> (i.kind0 == XMM || i.kind1 == XMM) && general(i.kind0) && general(i.kind1);
      case INTEGER_TO_DOUBLE, INTEGER_TO_SINGLE -> i.kind0 == XMM && (i.kind1 == GPR || i.kind1 == MEMORY);
      case DOUBLE_TO_INTEGER, SINGLE_TO_INTEGER -> i.kind0 == GPR && vector(i.kind1);
      case SIGNS -> i.kind0 == GPR && i.kind1 == XMM;
      case SHIFT -> i.kind0 == XMM && i.kind1 == Instruction.IMMEDIATE;
      default -> vector(i.kind0) && vector(i.kind1);
    };
  }

  private static boolean general(int kind) {
    return vector(kind) || kind == GPR;
  }

  private static boolean vector(int kind) {
    return kind == XMM || kind == MEMORY;
  }

  /** Whether {@code i} sets the status flags, all of them. */
  static boolean setsFlags(Instruction i) {
    Shape s = SHAPES.get(i.mnemonic);
    return s == Shape.COMPARE_DOUBLE || s == Shape.COMPARE_SINGLE;
  }

  /** At the start of a block. */
  void join() {
    enabled = false;
  }

  /** Writes {@code i}; {@code needed}: whether anybody can see its flags. */
  void write(Instruction i, long next, boolean needed) {
    if (!enabled) {
      f.cpu();
      f.call(STATE, "requireSse", V, CPU_TYPE);
      enabled = true;
    }
    switch (shapeOf(i)) {
      case MOVE -> move(i, next, false);
      case MOVE_ALIGNED -> move(i, next, true);
      case SCALAR_MOVE -> scalarMove(i, next);
      case ELEMENT -> element(i, next);
      case LOW_HALF -> halfMove(i, next, 0);
      case HIGH_HALF -> halfMove(i, next, 1);
      case HIGH_TO_LOW -> set(i.reg0, 0, () -> half(i.reg1, 1));
      case LOW_TO_HIGH -> set(i.reg0, 1, () -> half(i.reg1, 0));
      case HALVES -> {
        source(i, next, true);
        for (int h = 0; h < 2; h++) {
          int n = h;
          set(i.reg0, h, () -> combine(i, n));
        }
      }
      case LOW_PAIR -> pair(i, next, 0);
      case HIGH_PAIR -> pair(i, next, 1);
      case SHIFT -> shift(i);
      case SHUFFLE -> shuffle(i, next);
      case SHUFFLE_BOTH -> shuffleBoth(i, next);
      case ALIGN -> align(i, next);
      case SHUFFLE_BYTES -> shuffleBytes(i, next);
      case SIGNS -> {
        for (int h = 0; h < 2; h++) {
          half(i.reg1, h);
          f.call(type(SimdElement.class), "pmovmskb", J, J);
        }
        f.constant(8);
        b.lshl().lor();
        memory.toRegister(GPR, i.reg0, i.size0);
      }
      case SCALAR_DOUBLE -> {
        operand(i, next, 8);
        if (QUICK.contains(name(i))) {
          f.cpu();
          half(i.reg0, 0);
          b.lload(T0);
          f.call(type(QuickDouble.class), name(i), J, CPU_TYPE, J, J);
          b.lstore(T1);
        } else {
          begin();
          operation(i, DOUBLES, J, () -> half(i.reg0, 0), () -> b.lload(T0));
          b.lstore(T1);
          end();
        }
        set(i.reg0, 0, () -> b.lload(T1));
      }
      case SCALAR_SINGLE -> {
        operand(i, next, 4);
        begin();
        operation(i, SINGLES, I, () -> {
          half(i.reg0, 0);
          b.l2i();
        }, () -> b.lload(T0).l2i());
        b.i2l().lstore(T1);
        end();
        lowSingle(i.reg0);
      }
      case PACKED_DOUBLE -> {
        source(i, next, true);
        begin();
        operation(i, DOUBLES, J, () -> half(i.reg0, 0), () -> b.lload(T0));
        b.lstore(T2);
        operation(i, DOUBLES, J, () -> half(i.reg0, 1), () -> b.lload(T1));
        b.lstore(T3);
        end();
        set(i.reg0, 0, () -> b.lload(T2));
        set(i.reg0, 1, () -> b.lload(T3));
      }
      case COMPARE_DOUBLE -> {
        operand(i, next, 8);
        begin();
        f.cpu();
        half(i.reg0, 0);
        b.lload(T0);
        f.constant(i.mnemonic == Mnemonic.COMISD ? 1 : 0);
        f.call(DOUBLES, "compare", I, CPU_TYPE, J, J, Z);
        compared(needed);
      }
      case COMPARE_SINGLE -> {
        operand(i, next, 4);
        begin();
        f.cpu();
        half(i.reg0, 0);
        b.l2i().lload(T0).l2i();
        f.constant(i.mnemonic == Mnemonic.COMISS ? 1 : 0);
        f.call(SINGLES, "compare", I, CPU_TYPE, I, I, Z);
        compared(needed);
      }
      case INTEGER_TO_DOUBLE -> {
        fromInteger(i, next, DOUBLES, J);
        set(i.reg0, 0, () -> b.lload(T1));
      }
      case INTEGER_TO_SINGLE -> {
        fromInteger(i, next, SINGLES, I);
        lowSingle(i.reg0);
      }
      case DOUBLE_TO_INTEGER -> toInteger(i, next, DOUBLES, J, i.mnemonic == Mnemonic.CVTTSD2SI);
      case SINGLE_TO_INTEGER -> toInteger(i, next, SINGLES, I, i.mnemonic == Mnemonic.CVTTSS2SI);
      case DOUBLE_TO_SINGLE -> {
        operand(i, next, 8);
        begin();
        f.cpu().lload(T0);
        f.call(DOUBLES, "toSingle", I, CPU_TYPE, J);
        b.i2l().lstore(T1);
        end();
        lowSingle(i.reg0);
      }
      case SINGLE_TO_DOUBLE -> {
        operand(i, next, 4);
        begin();
        f.cpu().lload(T0).l2i();
        f.call(SINGLES, "toDouble", J, CPU_TYPE, I);
        b.lstore(T1);
        end();
        set(i.reg0, 0, () -> b.lload(T1));
      }
    }
  }

  private static Shape shapeOf(Instruction i) {
    Shape s = SHAPES.get(i.mnemonic);
    if (s == null) {
      throw new IllegalArgumentException(i.mnemonic + " is not among the SIMD instructions that are written");
    }
    return s;
  }

  // ---- registers and operands ---------------------------------------------------------------------------------------------------

  /** Pushes half {@code h} of XMM register {@code n}. */
  private void half(int n, int h) {
    f.field("XMM", LONGS);
    f.constant(2 * n + h);
    b.laload();
  }

  private void set(int n, int h, Runnable value) {
    f.field("XMM", LONGS);
    f.constant(2 * n + h);
    value.run();
    b.lastore();
  }

  /** T1, a 32-bit pattern, becomes the lowest element of register {@code n}. */
  private void lowSingle(int n) {
    set(n, 0, () -> {
      half(n, 0);
      f.constant(0xFFFF_FFFF_0000_0000L);
      b.land().lload(T1);
      memory.zeroExtend(4);
      b.lor();
    });
  }

  /** The low {@code size} bytes of operand 1 in T0. */
  private void operand(Instruction i, long next, int size) {
    if (i.kind1 == XMM) {
      half(i.reg1, 0);
    } else {
      memory.address(i, next);
      memory.load(size);
    }
    b.lstore(T0);
  }

  /** Operand 1, all 16 bytes, in T0 and T1. */
  private void source(Instruction i, long next, boolean aligned) {
    if (i.kind1 == XMM) {
      half(i.reg1, 0);
      b.lstore(T0);
      half(i.reg1, 1);
      b.lstore(T1);
      return;
    }
    address(i, next, aligned);
    b.lstore(T2);
    b.lload(T2);
    f.field("MEMORY", MEMORY_TYPE);
    f.call(ACCESS_TYPE, "wide", J, J, MEMORY_TYPE);
    b.lstore(T3);
    loadHalf(0);
    b.lstore(T0);
    loadHalf(8);
    b.lstore(T1);
  }

  private void loadHalf(int distance) {
    b.lload(T3).lload(T2);
    f.constant(distance);
    f.field("MEMORY", MEMORY_TYPE);
    f.call(ACCESS_TYPE, "half", J, J, J, I, MEMORY_TYPE);
  }

  private void address(Instruction i, long next, boolean aligned) {
    memory.address(i, next);
    if (aligned) {
      f.cpu();
      f.call(ACCESS_TYPE, "aligned", J, J, CPU_TYPE);
    }
  }

  // ---- moves --------------------------------------------------------------------------------------------------------------------

  private void move(Instruction i, long next, boolean aligned) {
    if (i.kind0 == XMM) {
      source(i, next, aligned);
      set(i.reg0, 0, () -> b.lload(T0));
      set(i.reg0, 1, () -> b.lload(T1));
    } else {
      address(i, next, aligned);
      half(i.reg1, 0);
      half(i.reg1, 1);
      f.field("MEMORY", MEMORY_TYPE);
      f.call(ACCESS_TYPE, "store128", V, J, J, J, MEMORY_TYPE);
    }
  }

  /** Between registers the rest stays, a load clears it. */
  private void scalarMove(Instruction i, long next) {
    int size = i.mnemonic == Mnemonic.MOVSS || i.mnemonic == Mnemonic.MOVNTSS ? 4 : 8;
    if (i.kind0 == MEMORY) {
      memory.address(i, next);
      half(i.reg1, 0);
      memory.store(size);
      return;
    }
    operand(i, next, size);
    if (i.kind1 == XMM && size == 4) {
      b.lload(T0).lstore(T1);
      lowSingle(i.reg0);
      return;
    }
    set(i.reg0, 0, () -> b.lload(T0));
    if (i.kind1 == MEMORY) {
      set(i.reg0, 1, () -> f.constant(0L));
    }
  }

  private void element(Instruction i, long next) {
    if (i.kind0 == XMM) {
      if (i.kind1 == XMM) {
        half(i.reg1, 0);
      } else {
        memory.operand(i, 1, next, i.size1);
      }
      b.lstore(T0);
      set(i.reg0, 0, () -> b.lload(T0));
      set(i.reg0, 1, () -> f.constant(0L));
    } else if (i.kind0 == GPR) {
      half(i.reg1, 0);
      memory.toRegister(GPR, i.reg0, i.size0);
    } else {
      memory.address(i, next);
      half(i.reg1, 0);
      memory.store(i.size0);
    }
  }

  private void halfMove(Instruction i, long next, int h) {
    if (i.kind0 == XMM) {
      memory.address(i, next);
      memory.load(8);
      b.lstore(T0);
      set(i.reg0, h, () -> b.lload(T0));
    } else {
      memory.address(i, next);
      half(i.reg1, h);
      memory.store(8);
    }
  }

  // ---- integers -----------------------------------------------------------------------------------------------------------------

  /** Pushes half {@code h} of the result: the register's with T0 or T1. */
  private void combine(Instruction i, int h) {
    half(i.reg0, h);
    int other = h == 0 ? T0 : T1;
    switch (i.mnemonic) {
      case PAND, ANDPS, ANDPD -> b.lload(other).land();
      case PANDN, ANDNPS, ANDNPD -> {
        f.constant(-1L);
        b.lxor().lload(other).land();
      }
      case POR, ORPS, ORPD -> b.lload(other).lor();
      case PXOR, XORPS, XORPD -> b.lload(other).lxor();
      case PADDQ -> b.lload(other).ladd();
      case PSUBQ -> b.lload(other).lsub();
      default -> {
        b.lload(other);
        f.call(owner(i), name(i), J, J, J);
      }
    }
  }

  private static ClassDesc owner(Instruction i) {
    Class<?> owner = OWNERS.get(i.mnemonic);
    if (owner == null) {
      throw new IllegalArgumentException("no value function for " + i.mnemonic);
    }
    return type(owner);
  }

  private static String name(Instruction i) {
    return NAMES.getOrDefault(i.mnemonic, "");
  }

  /** Both halves of the result from half {@code h} of each operand. */
  private void pair(Instruction i, long next, int h) {
    source(i, next, true);
    int other = h == 0 ? T0 : T1;
    half(i.reg0, h);
    b.lstore(T2);
    String name = name(i);
    if (name.isEmpty()) {
      set(i.reg0, 0, () -> b.lload(T2));
      set(i.reg0, 1, () -> b.lload(other));
      return;
    }
    for (int n = 0; n < 2; n++) {
      String function = (n == 0 ? "punpckl" : "punpckh") + name;
      set(i.reg0, n, () -> {
        b.lload(T2).lload(other);
        f.call(type(PackedPack.class), function, J, J, J);
      });
    }
  }

  private void shift(Instruction i) {
    for (int h = 0; h < 2; h++) {
      int n = h;
      set(i.reg0, h, () -> {
        half(i.reg0, n);
        f.constant(i.immediate & 0xFF);
        f.call(owner(i), name(i), J, J, J);
      });
    }
  }

  private void shuffle(Instruction i, long next) {
    source(i, next, true);
    int order = (int) i.immediate & 0xFF;
    for (int h = 0; h < 2; h++) {
      int n = h;
      set(i.reg0, h, () -> {
        b.lload(T0).lload(T1);
        f.constant(order >>> 4 * n);
        f.call(type(PackedShuffle.class), "doublewords", J, J, J, I);
      });
    }
  }

  /** The low half from the destination, the high half from the source. */
  private void shuffleBoth(Instruction i, long next) {
    source(i, next, true);
    int order = (int) i.immediate & 0xFF;
    half(i.reg0, 0);
    half(i.reg0, 1);
    f.constant(order);
    f.call(type(PackedShuffle.class), "doublewords", J, J, J, I);
    b.lstore(T2);
    set(i.reg0, 0, () -> b.lload(T2));
    set(i.reg0, 1, () -> {
      b.lload(T0).lload(T1);
      f.constant(order >>> 4);
      f.call(type(PackedShuffle.class), "doublewords", J, J, J, I);
    });
  }

  private void align(Instruction i, long next) {
    source(i, next, true);
    int distance = (int) i.immediate & 0xFF;
    for (int h = 0; h < 2; h++) {
      half(i.reg0, 0);
      half(i.reg0, 1);
      b.lload(T0).lload(T1);
      f.constant(distance + 8 * h);
      f.call(type(PackedShuffle.class), "palignr", J, J, J, J, J, I);
    }
    twoHalves(i);
  }

  private void shuffleBytes(Instruction i, long next) {
    source(i, next, true);
    for (int h = 0; h < 2; h++) {
      half(i.reg0, 0);
      half(i.reg0, 1);
      b.lload(h == 0 ? T0 : T1);
      f.call(type(PackedShuffle.class), "pshufb", J, J, J, J);
    }
    twoHalves(i);
  }

  /** Both halves of the result are on the stack. */
  private void twoHalves(Instruction i) {
    b.lstore(T1).lstore(T0);
    set(i.reg0, 0, () -> b.lload(T0));
    set(i.reg0, 1, () -> b.lload(T1));
  }

  // ---- floating point -----------------------------------------------------------------------------------------------------------

  /** Starts collecting exceptions: after the operands, whose faults come first, as SSE has been found enabled. */
  private void begin() {
    f.cpu().getfield(CPU_TYPE, "sse", CONTEXT_TYPE);
    f.constant(0);
    b.putfield(CONTEXT_TYPE, "flags", I);
  }

  private void end() {
    f.cpu();
    f.call(STATE, "endFloat", V, CPU_TYPE);
  }

  private void operation(Instruction i, ClassDesc owner, ClassDesc value, Runnable first, Runnable second) {
    f.cpu();
    String name = name(i);
    if (name.equals("sqrt")) {
      second.run();
      f.call(owner, name, value, CPU_TYPE, value);
    } else {
      first.run();
      second.run();
      f.call(owner, name, value, CPU_TYPE, value, value);
    }
  }

  /** Flags from the order on the stack. */
  private void compared(boolean needed) {
    b.istore(INT);
    end();
    if (needed) {
      b.iload(INT);
      f.call(FORM_TYPE, "comparedResult", J, I);
      b.lstore(RESULT).iload(INT);
      f.call(FORM_TYPE, "comparedCarries", J, I);
      b.lstore(CARRIES);
      flags.set(FlagForm.WORDS, 0);
    }
  }

  private void fromInteger(Instruction i, long next, ClassDesc owner, ClassDesc value) {
    memory.operand(i, 1, next, i.size1);
    memory.signExtend(i.size1);
    b.lstore(T0);
    begin();
    f.cpu().lload(T0);
    f.call(owner, "fromInt64", value, CPU_TYPE, J);
    if (value.equals(I)) {
      b.i2l();
    }
    b.lstore(T1);
    end();
  }

  private void toInteger(Instruction i, long next, ClassDesc owner, ClassDesc value, boolean truncate) {
    operand(i, next, value.equals(J) ? 8 : 4);
    begin();
    f.cpu().lload(T0);
    if (value.equals(I)) {
      b.l2i();
    }
    if (truncate) {
      f.constant(FpContext.ZERO);
    } else {
      f.cpu().getfield(CPU_TYPE, "mxcsr", I);
      f.constant(13);
      b.iushr();
      f.constant(3);
      b.iand();
    }
    if (i.size0 == 8) {
      f.call(owner, "toInt64", J, CPU_TYPE, value, I);
    } else {
      f.call(owner, "toInt32", I, CPU_TYPE, value, I);
      b.i2l();
    }
    b.lstore(T1);
    end();
    b.lload(T1);
    memory.toRegister(GPR, i.reg0, i.size0);
  }
}
