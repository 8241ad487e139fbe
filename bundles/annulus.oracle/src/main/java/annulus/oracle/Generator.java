package annulus.oracle;

import annulus.arch.CpuFeature;
import annulus.arch.Seg;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes cases: a form of the opcode tables, random bytes of that form, then a state in which its memory operand lies in the data,
 * at the edge of what can be accessed, or nowhere on purpose. The same seed makes the same cases on the same model.
 */
final class Generator {
  private static final int RAX = 0;
  private static final int RCX = 1;
  private static final int RDX = 2;
  private static final int RBX = 3;
  private static final int RSP = 4;
  private static final int RBP = 5;
  private static final int RSI = 6;
  private static final int RDI = 7;
  /** Instructions whose operand is a selector. */
  private static final Set<Mnemonic> SELECTORS = EnumSet.of(Mnemonic.LAR, Mnemonic.LSL, Mnemonic.VERR, Mnemonic.VERW, Mnemonic.ARPL,
      Mnemonic.LLDT, Mnemonic.LTR);
  /** Instructions whose memory is addresses or selectors. */
  private static final Set<Mnemonic> POINTERS = EnumSet.of(Mnemonic.LAR, Mnemonic.LSL, Mnemonic.VERR, Mnemonic.VERW, Mnemonic.ARPL,
      Mnemonic.CALL, Mnemonic.JMP, Mnemonic.CALLF, Mnemonic.JMPF, Mnemonic.LDS, Mnemonic.LES, Mnemonic.LFS, Mnemonic.LGS,
      Mnemonic.LSS, Mnemonic.RET, Mnemonic.RETF, Mnemonic.IRET);

  private final ModelProcessor model;
  private final long base;
  private final List<OpcodeLine> forms = new ArrayList<>();
  private final Encoding encoding = new Encoding();
  private final State state = new State();
  private int bits;
  private int overridden;
  private final long[] overrides = new long[16];
  /** The instruction of the last case. */
  private @Nullable Instruction instruction;

  /** @param family one table, a mnemonic in capitals, or null for all */
  Generator(ModelProcessor model, Set<CpuFeature> features, long base, @Nullable String family) {
    this.model = model;
    this.base = base;
    for (OpcodeLine f : OpcodeLine.all()) {
      boolean wanted = family == null || family.equals(f.family()) || family.equals(f.mnemonic().name());
      if (wanted && features.containsAll(f.features()) && Exclusions.reason(f.mnemonic()) == null
          && (!ModelProcessor.INSTRUCTIONS.undefined().contains(f.mnemonic()) || f.mnemonic() == Mnemonic.INVALID)) {
        forms.add(f);
      }
    }
    if (forms.isEmpty()) {
      throw new IllegalArgumentException("no form belongs to " + family
          + ": a family is integer, system, x87, sse or vex, or a mnemonic in capitals that this host has");
    }
  }

  /** Number of forms. */
  int forms() {
    return forms.size();
  }

  Instruction instruction() {
    return java.util.Objects.requireNonNull(instruction);
  }

  /** The case of {@code seed}, or null where the seed makes an excluded instruction. */
  @Nullable TestCase next(long seed, CodeMode mode) {
    Random64 r = new Random64(seed);
    bits = mode.bits();
    return of(r, r.next(), forms.get(r.below(forms.size())));
  }

  /** A case of form {@code n}, or null as above or where the form does not exist in this mode. */
  @Nullable TestCase of(int n, long seed, CodeMode mode) {
    Random64 r = new Random64(seed);
    bits = mode.bits();
    return of(r, r.next(), forms.get(n));
  }

  private @Nullable TestCase of(Random64 r, long stateSeed, OpcodeLine form) {
    if (!(bits == 64 ? form.in64() : form.outside64())) {
      return null;
    }
    encoding.write(r, form, bits);
    Instruction i = model.decode(encoding.code, bits);
    if (Exclusions.excluded(i, encoding.code) || model.lacksFeature(i, encoding.code)) {
      return null;
    }
    state.generate(bits, base, stateSeed);
    overridden = 0;
    // What is undefined has no length: the processor may fetch more.
    boolean atEnd = r.chance(10) && i.mnemonic != Mnemonic.INVALID;
    int codeOffset = atEnd ? Layout.PAGE - i.length : 0x800 + r.below(64);
    Overlay overlay = overlay(r, i);
    int at = aim(r, i, codeOffset);
    at = Math.clamp(at, 0, Layout.DATA_SIZE - overlay.size);
    state.place(overlay, at, stateSeed);
    operands(r, i, at);
    // Aiming may have changed the displacement.
    i = model.decode(encoding.code, bits);
    instruction = i;
    return new TestCase(bits, stateSeed, encoding.bytes(i.length), codeOffset, overlay, at, overridden, overrides.clone());
  }

  private static Overlay overlay(Random64 r, Instruction i) {
    if (POINTERS.contains(i.mnemonic)) {
      return Overlay.FRAME;
    }
    return switch (i.mnemonic) {
      case FXRSTOR -> r.chance(90) ? Overlay.FXSAVE : Overlay.VALUES;
      case LDMXCSR -> Overlay.MXCSR;
      case FBLD -> Overlay.DECIMAL;
      default -> i.kind0 == Instruction.GPR || i.kind1 == Instruction.GPR ? Overlay.INTEGERS : Overlay.VALUES;
    };
  }

  private void set(int register, long wanted) {
    // The rest of a 16-bit stack's pointer is not the oracle's to choose, see State.
    long value = bits == 16 && register == RSP ? state.gpr[RSP] & ~0xFFFFL | wanted & 0xFFFF : wanted;
    overridden |= 1 << register;
    overrides[register] = value;
    state.gpr[register] = value;
  }

  /** Sets the low {@code size} bytes of a register that is used as an address. */
  private void address(int register, int size, long value) {
    long mask = size == 8 ? -1 : (1L << 8 * size) - 1;
    set(register, (state.gpr[register] & ~mask | value & mask) & (bits == 64 ? -1 : 0xFFFF_FFFFL));
  }

  // ---- where the memory operand lies ----------------------------------------------------------------------------------------------

  /** Offset from the base of the mapping that an access of some bytes is aimed at. */
  private static long target(Random64 r) {
    int within = r.below(Layout.DATA_SIZE - 0x400);
    int few = r.below(24);
    return switch (r.below(20)) {
      case 0 -> Layout.DATA + Layout.PAGE - few;
      case 1 -> Layout.READ_ONLY - few;
      case 2 -> r.chance(50) ? Layout.READ_ONLY + r.below(Layout.PAGE) : Layout.END - few;
      case 3 -> r.chance(50) ? Layout.DATA - few : Layout.END + r.below(0x4000);
      case 4, 5, 6, 7, 8, 9, 10 -> Layout.DATA + (within & ~15);
      default -> Layout.DATA + within;
    };
  }

  /** Linear address of what an access is aimed at; in 64-bit code sometimes not a canonical one. */
  private long linearTarget(Random64 r, long[] offset) {
    offset[0] = target(r);
    if (bits == 64 && r.chance(2)) {
      return (r.chance(50) ? 0x0000_8000_0000_0000L : 0xFFFF_7FFF_FFFF_FFF0L) + r.below(16) - (r.chance(30) ? 8 : 0);
    }
    return base + offset[0];
  }

  /** Lets the operand lie there. @return offset within the data where it lies, or where the stack is */
  private int aim(Random64 r, Instruction i, int codeOffset) {
    long[] offset = {stackOffset()};
    if (i.kind0 == Instruction.STRING_DESTINATION || i.kind1 == Instruction.STRING_DESTINATION) {
      long linear = linearTarget(r, offset);
      address(RDI, i.addressSize, linear - Segmentation.of(bits, Seg.ES, base).base());
    }
    if (i.kind0 == Instruction.STRING_SOURCE || i.kind1 == Instruction.STRING_SOURCE) {
      long linear = linearTarget(r, offset);
      address(RSI, i.addressSize, linear - segmentBase(i.segment));
    }
    if (i.repeat != 0) {
      address(RCX, i.addressSize, r.chance(70) ? r.below(4) : state.gpr[RCX]);
    }
    if (i.mnemonic == Mnemonic.XLATB) {
      long linear = linearTarget(r, offset);
      address(RBX, i.addressSize, linear - segmentBase(i.segment) - (state.gpr[RAX] & 0xFF));
    } else if (i.mnemonic == Mnemonic.CLZERO) {
      address(RAX, i.addressSize, linearTarget(r, offset) - segmentBase(i.segment));
    } else if (i.hasMemory()) {
      long linear = linearTarget(r, offset);
      if (i.mnemonic == Mnemonic.MASKMOVQ || i.mnemonic == Mnemonic.MASKMOVDQU) {
        // Whether bytes that the mask leaves out can fault is up to the implementation (SDM 2B MASKMOVDQU).
        offset[0] = Layout.DATA + r.below(Layout.DATA_SIZE - 16);
        linear = base + offset[0];
      }
      operand(r, i, codeOffset, linear - segmentBase(i.segment));
    } else if (r.chance(8)) {
      long linear = linearTarget(r, offset);
      address(RSP, bits == 16 ? 2 : bits / 8, linear - Segmentation.of(bits, Seg.SS, base).base());
    }
    return (int) (offset[0] - Layout.DATA);
  }

  private long segmentBase(int s) {
    return bits == 64 && s < Seg.FS ? 0 : Segmentation.of(bits, s, base).base();
  }

  private long stackOffset() {
    return bits == 16 ? Layout.DATA_BASE + (state.gpr[RSP] & 0xFFFF) : state.gpr[RSP] - base;
  }

  private void operand(Random64 r, Instruction i, int codeOffset, long want) {
    boolean hasBase = i.base != Instruction.NO_REGISTER && i.base != Instruction.RIP;
    boolean hasIndex = i.index != Instruction.NO_REGISTER;
    if (i.base == Instruction.RIP) {
      encoding.displace(want - (base + Layout.CODE + codeOffset + i.length));
    } else if (hasBase && i.index != i.base) {
      long index = hasIndex ? state.gpr[i.index] << i.scale : 0;
      address(i.base, i.addressSize, want - index - i.displacement);
    } else if (hasBase) {
      set(i.base, r.below(64));
      encoding.displace(want - (state.gpr[i.base] + (state.gpr[i.base] << i.scale)));
    } else {
      if (hasIndex) {
        set(i.index, r.below(64));
      }
      encoding.displace(want - (hasIndex ? state.gpr[i.index] << i.scale : 0));
    }
  }

  // ---- operands that make the instruction do something --------------------------------------------------------------------------------

  private void operands(Random64 r, Instruction i, int at) {
    if (SELECTORS.contains(i.mnemonic) && r.chance(75)) {
      int n = i.kind1 == Instruction.GPR && i.mnemonic != Mnemonic.ARPL ? i.reg1 : i.kind0 == Instruction.GPR ? i.reg0 : RDX;
      replace(n, state.gpr[n] & ~0xFFFFL | Overlay.selector(r), i);
    }
    switch (i.mnemonic) {
      case MOV -> {
        if (i.kind0 == Instruction.SEGMENT && i.kind1 == Instruction.GPR) {
          replace(i.reg1, Overlay.selector(r), i);
        }
      }
      case BT, BTC, BTR, BTS -> {
        if (i.kind0 == Instruction.MEMORY && i.kind1 == Instruction.GPR && r.chance(95)) {
          long mask = i.size1 == 8 ? -1 : (1L << 8 * i.size1) - 1;
          replace(i.reg1, state.gpr[i.reg1] & ~mask | r.below(256) - 128 & mask, i);
        }
      }
      case CMPXCHG -> {
        if (r.chance(50)) {
          replace(RAX, i.kind0 == Instruction.GPR ? state.gpr[i.reg0] : state.data.i64(at), i);
        }
      }
      case CMPXCHG8B -> {
        if (r.chance(60)) {
          replace(RAX, state.data.i32(at) & 0xFFFF_FFFFL, i);
          replace(RDX, state.data.i32(at + 4) & 0xFFFF_FFFFL, i);
        }
      }
      case CMPXCHG16B -> {
        if (r.chance(60)) {
          replace(RAX, state.data.i64(at), i);
          replace(RDX, state.data.i64(at + 8), i);
        }
      }
      case DIV, IDIV -> {
        if (r.chance(75)) {
          boolean signed = i.mnemonic == Mnemonic.IDIV && i.codeBits == 64;
          replace(RDX, r.chance(30) ? r.below(16) : signed ? state.gpr[RAX] >> 63 : 0, i);
        }
      }
      default -> { }
    }
  }

  /** Sets a register unless the address of the operand needs it. */
  private void replace(int register, long value, Instruction i) {
    if (register != i.base && register != i.index && register != RSP && register != RBP) {
      set(register, i.codeBits == 64 ? value : value & 0xFFFF_FFFFL);
    }
  }
}
