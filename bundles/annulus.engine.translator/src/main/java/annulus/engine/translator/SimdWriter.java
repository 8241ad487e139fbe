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
import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes moves and integer instructions of XMM registers. What is computed are the value functions that the general meanings use too. */
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
    SHIFT, SHIFT_ALL, SHUFFLE, SHUFFLE_LOW, SHUFFLE_HIGH, SHUFFLE_BOTH, ALIGN, SHUFFLE_BYTES, SIGNS
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
    called(Shape.HALVES, PackedMultiply.class, Mnemonic.PMULLW, Mnemonic.PMULHW, Mnemonic.PMULHUW, Mnemonic.PMULLD, Mnemonic.PMULUDQ,
        Mnemonic.PMADDWD);
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
    shape(Shape.SHIFT_ALL, Mnemonic.PSLLDQ, Mnemonic.PSRLDQ);
    shape(Shape.SHUFFLE, Mnemonic.PSHUFD);
    shape(Shape.SHUFFLE_LOW, Mnemonic.PSHUFLW);
    shape(Shape.SHUFFLE_HIGH, Mnemonic.PSHUFHW);
    shape(Shape.SHUFFLE_BOTH, Mnemonic.SHUFPS);
    shape(Shape.ALIGN, Mnemonic.PALIGNR);
    shape(Shape.SHUFFLE_BYTES, Mnemonic.PSHUFB);
    shape(Shape.SIGNS, Mnemonic.PMOVMSKB);
  }

  /** What is kept of a pair of multiplications, two halves each: the operand that both have in common and the other ones. */
  private static final int COMMON = 0;
  private static final int OF_LOW = 1;
  private static final int OF_HIGH = 2;
  private static final int FACTORS = 6;

  private final Frame f;
  private final CodeBuilder b;
  private final MemoryWriter memory;
  private final XmmOperands xmm;
  /** Of the block, if it has any and registers are in locals. */
  private @Nullable WideProducts products;

  SimdWriter(Frame f, MemoryWriter memory, XmmOperands xmm) {
    this.f = f;
    b = f.b;
    this.memory = memory;
    this.xmm = xmm;
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

  /** Whether {@link #write} knows {@code i}. */
  static boolean knows(Instruction i) {
    Shape s = SHAPES.get(i.mnemonic);
    if (s == null || i.vectorLength != 0 || !MemoryWriter.addressable(i)) {
      return false;
    }
    return switch (s) {
      case ELEMENT -> (i.kind0 == XMM || i.kind1 == XMM) && general(i.kind0) && general(i.kind1);
      case SIGNS -> i.kind0 == GPR && i.kind1 == XMM;
      case SHIFT, SHIFT_ALL -> i.kind0 == XMM && i.kind1 == Instruction.IMMEDIATE;
      default -> vector(i.kind0) && vector(i.kind1);
    };
  }

  /** Whether {@code i} computes with its XMM operands as longs; clearing one does not. */
  static boolean computes(Instruction i) {
    Shape s = SHAPES.get(i.mnemonic);
    return s != null && switch (s) {
      case MOVE, MOVE_ALIGNED, SCALAR_MOVE, LOW_HALF, HIGH_HALF, HIGH_TO_LOW, LOW_TO_HIGH -> false;
      case LOW_PAIR, HIGH_PAIR -> !name(i).isEmpty();
      case HALVES -> !clears(i);
      default -> true;
    };
  }

  /** Which halves of a register {@code i} takes over from another one: a bit for each. */
  static int copies(Instruction i) {
    Shape s = SHAPES.get(i.mnemonic);
    if (s == null || i.kind0 != XMM || i.kind1 != XMM) {
      return 0;
    }
    return switch (s) {
      case MOVE, MOVE_ALIGNED -> 3;
      case SCALAR_MOVE -> i.mnemonic == Mnemonic.MOVSD ? 1 : 0;
      default -> 0;
    };
  }

  /** Whether {@code i} makes a register zero. */
  static boolean clears(Instruction i) {
    return (i.mnemonic == Mnemonic.PXOR || i.mnemonic == Mnemonic.XORPS || i.mnemonic == Mnemonic.XORPD) && i.kind1 == XMM
        && i.reg0 == i.reg1;
  }

  private static boolean general(int kind) {
    return vector(kind) || kind == GPR;
  }

  private static boolean vector(int kind) {
    return kind == XMM || kind == MEMORY;
  }

  /** At the start of a block. */
  void begin(List<Instruction> block) {
    products = f.locals ? WideProducts.of(block) : null;
  }

  /**
   * Writes {@code i}, which is number {@code at} of its block.
   *
   * @param next distance of the next instruction from the entry
   */
  void write(Instruction i, int at, long next) {
    WideProducts.Role role = products == null ? null : products.role(at);
    xmm.require();
    if (products != null && products.spread(at) >= 0) {
      xmm.half(i.reg0, 0);
      b.lstore(factor(products.spread(at), COMMON, 0));
    }
    switch (shapeOf(i)) {
      case MOVE -> move(i, next, false);
      case MOVE_ALIGNED -> move(i, next, true);
      case SCALAR_MOVE -> scalarMove(i, next);
      case ELEMENT -> element(i, next);
      case LOW_HALF -> halfMove(i, next, 0);
      case HIGH_HALF -> halfMove(i, next, 1);
      case HIGH_TO_LOW -> xmm.copy(i.reg0, 0, i.reg1, 1);
      case LOW_TO_HIGH -> xmm.copy(i.reg0, 1, i.reg1, 0);
      case HALVES -> {
        if (clears(i)) {
          xmm.clear(i.reg0);
          return;
        }
        xmm.source(i, next, true);
        for (int h = 0; h < 2; h++) {
          if (role != null) {
            keepFactors(i, h, role);
          }
          if (role != null && role.byWord()) {
            b.lload(factor(role.pair(), own(i), h)).lload(factor(role.word(), COMMON, 0));
            f.call(owner(i), name(i) + "ByWord", J, J, J);
          } else {
            combine(i, h);
          }
          xmm.set(i.reg0, h);
        }
      }
      case LOW_PAIR -> pair(i, next, 0, role);
      case HIGH_PAIR -> pair(i, next, 1, role);
      case SHIFT -> shift(i);
      case SHIFT_ALL -> shiftAll(i);
      case SHUFFLE -> shuffle(i, next);
      case SHUFFLE_LOW -> shuffleWords(i, next, 0);
      case SHUFFLE_HIGH -> shuffleWords(i, next, 1);
      case SHUFFLE_BOTH -> shuffleBoth(i, next);
      case ALIGN -> align(i, next);
      case SHUFFLE_BYTES -> shuffleBytes(i, next);
      case SIGNS -> {
        for (int h = 0; h < 2; h++) {
          xmm.half(i.reg1, h);
          f.call(type(SimdElement.class), "pmovmskb", J, J);
        }
        f.constant(8);
        b.lshl().lor();
        memory.toRegister(GPR, i.reg0, i.size0);
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

  // ---- moves --------------------------------------------------------------------------------------------------------------------

  private void move(Instruction i, long next, boolean aligned) {
    if (i.kind0 == XMM && i.kind1 == XMM) {
      xmm.copy(i.reg0, 0, i.reg1, 0);
      xmm.copy(i.reg0, 1, i.reg1, 1);
    } else if (i.kind0 == XMM) {
      xmm.source(i, next, aligned);
      b.lload(T0);
      xmm.set(i.reg0, 0);
      b.lload(T1);
      xmm.set(i.reg0, 1);
    } else {
      xmm.address(i, next, aligned);
      if (f.locals) {
        storeDirectly(i.reg1);
        return;
      }
      xmm.half(i.reg1, 0);
      xmm.half(i.reg1, 1);
      f.context();
      f.field("TLB", LONGS);
      f.field("MEMORY", MEMORY_TYPE);
      f.call(ACCESS_TYPE, "store128", V, J, J, J, J, LONGS, MEMORY_TYPE);
    }
  }

  private void storeDirectly(int n) {
    memory.direct(true, 16);
    b.lstore(T3);
    for (int h = 0; h < 2; h++) {
      b.lload(T3);
      f.constant(8L * h);
      b.ladd();
      xmm.half(n, h);
      f.ramStore(8);
    }
  }

  /** Between registers the rest stays, a load clears it. */
  private void scalarMove(Instruction i, long next) {
    int size = i.mnemonic == Mnemonic.MOVSS || i.mnemonic == Mnemonic.MOVNTSS ? 4 : 8;
    if (i.kind0 == MEMORY) {
      memory.address(i, next);
      xmm.half(i.reg1, 0);
      memory.store(size);
      return;
    }
    if (i.kind1 == MEMORY) {
      memory.address(i, next);
      memory.load(size);
      xmm.set(i.reg0, 0);
      f.constant(0L);
      xmm.set(i.reg0, 1);
    } else if (size == 4) {
      xmm.half(i.reg1, 0);
      memory.zeroExtend(4);
      xmm.setLowSingle(i.reg0);
    } else {
      xmm.copy(i.reg0, 0, i.reg1, 0);
    }
  }

  private void element(Instruction i, long next) {
    if (i.kind0 == XMM) {
      if (i.kind1 == XMM) {
        xmm.copy(i.reg0, 0, i.reg1, 0);
      } else {
        memory.operand(i, 1, next, i.size1);
        xmm.set(i.reg0, 0);
      }
      f.constant(0L);
      xmm.set(i.reg0, 1);
    } else if (i.kind0 == GPR) {
      xmm.half(i.reg1, 0);
      memory.toRegister(GPR, i.reg0, i.size0);
    } else {
      memory.address(i, next);
      xmm.half(i.reg1, 0);
      memory.store(i.size0);
    }
  }

  private void halfMove(Instruction i, long next, int h) {
    if (i.kind0 == XMM) {
      memory.address(i, next);
      memory.load(8);
      xmm.set(i.reg0, h);
    } else {
      memory.address(i, next);
      xmm.half(i.reg1, h);
      memory.store(8);
    }
  }

  // ---- integers -----------------------------------------------------------------------------------------------------------------

  /** Pushes half {@code h} of the result: the register's with T0 or T1. */
  private void combine(Instruction i, int h) {
    xmm.half(i.reg0, h);
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

  /** Keeps half {@code h} of what multiplication {@code i} multiplies, see {@link WideProducts}: what both have in common for PMULLW only. */
  private void keepFactors(Instruction i, int h, WideProducts.Role role) {
    for (int operand = 0; operand < 2; operand++) {
      boolean own = operand == role.own();
      if (own || i.mnemonic == Mnemonic.PMULLW && !role.byWord()) {
        if (operand == 0) {
          xmm.half(i.reg0, h);
        } else {
          b.lload(h == 0 ? T0 : T1);
        }
        b.lstore(factor(role.pair(), own ? own(i) : COMMON, h));
      }
    }
  }

  private static int own(Instruction i) {
    return i.mnemonic == Mnemonic.PMULLW ? OF_LOW : OF_HIGH;
  }

  private static int factor(int pair, int which, int h) {
    return Frame.factor(FACTORS * pair + 2 * which + h);
  }

  /** Both halves of the result from half {@code h} of each operand. */
  private void pair(Instruction i, long next, int h, WideProducts.@Nullable Role role) {
    xmm.source(i, next, true);
    int other = h == 0 ? T0 : T1;
    xmm.half(i.reg0, h);
    b.lstore(T2);
    String name = name(i);
    if (name.isEmpty()) {
      b.lload(T2);
      xmm.set(i.reg0, 0);
      b.lload(other);
      xmm.set(i.reg0, 1);
      return;
    }
    for (int n = 0; n < 2; n++) {
      if (role == null) {
        b.lload(T2).lload(other);
        f.call(type(PackedPack.class), (n == 0 ? "punpckl" : "punpckh") + name, J, J, J);
      } else {
        if (role.byWord()) {
          b.lload(factor(role.word(), COMMON, 0));
        } else {
          b.lload(factor(role.pair(), COMMON, h));
        }
        b.lload(factor(role.pair(), OF_LOW, h)).lload(factor(role.pair(), OF_HIGH, h)).lload(T2).lload(other);
        f.call(type(PackedMultiply.class), (n == 0 ? "lowProducts" : "highProducts") + (role.byWord() ? "ByWord" : ""), J, J, J, J, J, J);
      }
      xmm.set(i.reg0, n);
    }
  }

  private void shift(Instruction i) {
    for (int h = 0; h < 2; h++) {
      xmm.half(i.reg0, h);
      f.constant(i.immediate & 0xFF);
      f.call(owner(i), name(i), J, J, J);
      xmm.set(i.reg0, h);
    }
  }

  /** By bytes: part of the register between zeros. */
  private void shiftAll(Instruction i) {
    int bytes = Math.min((int) i.immediate & 0xFF, 16);
    boolean left = i.mnemonic == Mnemonic.PSLLDQ;
    for (int h = 0; h < 2; h++) {
      if (left) {
        xmm.half(i.reg0, 0);
        xmm.half(i.reg0, 1);
      }
      f.constant(0L);
      f.constant(0L);
      if (!left) {
        xmm.half(i.reg0, 0);
        xmm.half(i.reg0, 1);
      }
      f.constant((left ? 16 - bytes : bytes) + 8 * h);
      f.call(type(PackedShuffle.class), "palignr", J, J, J, J, J, I);
    }
    twoHalves(i);
  }

  /** The words of half {@code h} by the order, the other half as it is. */
  private void shuffleWords(Instruction i, long next, int h) {
    xmm.source(i, next, true);
    b.lload(h == 0 ? T0 : T1);
    f.constant((int) i.immediate & 0xFF);
    f.call(type(PackedShuffle.class), "words", J, J, I);
    xmm.set(i.reg0, h);
    b.lload(h == 0 ? T1 : T0);
    xmm.set(i.reg0, 1 - h);
  }

  private void shuffle(Instruction i, long next) {
    xmm.source(i, next, true);
    int order = (int) i.immediate & 0xFF;
    for (int h = 0; h < 2; h++) {
      b.lload(T0).lload(T1);
      f.constant(order >>> 4 * h);
      f.call(type(PackedShuffle.class), "doublewords", J, J, J, I);
      xmm.set(i.reg0, h);
    }
  }

  /** The low half from the destination, the high half from the source. */
  private void shuffleBoth(Instruction i, long next) {
    xmm.source(i, next, true);
    int order = (int) i.immediate & 0xFF;
    xmm.half(i.reg0, 0);
    xmm.half(i.reg0, 1);
    f.constant(order);
    f.call(type(PackedShuffle.class), "doublewords", J, J, J, I);
    b.lstore(T2);
    b.lload(T2);
    xmm.set(i.reg0, 0);
    b.lload(T0).lload(T1);
    f.constant(order >>> 4);
    f.call(type(PackedShuffle.class), "doublewords", J, J, J, I);
    xmm.set(i.reg0, 1);
  }

  private void align(Instruction i, long next) {
    xmm.source(i, next, true);
    int distance = (int) i.immediate & 0xFF;
    for (int h = 0; h < 2; h++) {
      xmm.half(i.reg0, 0);
      xmm.half(i.reg0, 1);
      b.lload(T0).lload(T1);
      f.constant(distance + 8 * h);
      f.call(type(PackedShuffle.class), "palignr", J, J, J, J, J, I);
    }
    twoHalves(i);
  }

  private void shuffleBytes(Instruction i, long next) {
    xmm.source(i, next, true);
    for (int h = 0; h < 2; h++) {
      xmm.half(i.reg0, 0);
      xmm.half(i.reg0, 1);
      b.lload(h == 0 ? T0 : T1);
      f.call(type(PackedShuffle.class), "pshufb", J, J, J, J);
    }
    twoHalves(i);
  }

  /** Both halves of the result are on the stack. */
  private void twoHalves(Instruction i) {
    b.lstore(T1).lstore(T0);
    b.lload(T0);
    xmm.set(i.reg0, 0);
    b.lload(T1);
    xmm.set(i.reg0, 1);
  }
}
