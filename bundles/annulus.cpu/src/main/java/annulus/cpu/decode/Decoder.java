package annulus.cpu.decode;

import annulus.arch.CpuFeature;
import annulus.arch.Seg;
import annulus.cpu.exec.InstructionSet;
import annulus.vendor.VendorTrait;
import java.lang.foreign.MemorySegment;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decodes instructions for a processor with given features (SDM 2A chapter 2, SDM 2D appendix A). Forms of absent
 * features are undefined, or what older processors make of them. Undefined bytes decode as {@link Mnemonic#INVALID},
 * instructions of more than 15 bytes as {@link Mnemonic#TOO_LONG}: no bytes make it throw. Reusable, one per user, not
 * thread-safe.
 */
public final class Decoder {
  private final InstructionSet instructions;
  private final boolean nearBranchOperandSize;
  private final boolean noFarBranch64;
  private final boolean lockMovCr0;
  private final FeatureForms forms;
  private final CodeReader in = new CodeReader();
  private final InstructionBuilder b = new InstructionBuilder();
  private final OperandDecoder operands = new OperandDecoder(in, b);

  public Decoder(Set<CpuFeature> features, Set<VendorTrait> traits, InstructionSet instructions) {
    this.instructions = instructions;
    nearBranchOperandSize = traits.contains(VendorTrait.NEAR_BRANCH_OPERAND_SIZE);
    noFarBranch64 = traits.contains(VendorTrait.NO_FAR_BRANCH_64);
    lockMovCr0 = traits.contains(VendorTrait.LOCK_MOV_CR0_IS_CR8);
    forms = FeatureForms.of(features);
  }

  /**
   * Decodes the instruction at {@code offset} of {@code code}.
   *
   * @param available bytes that may be read there
   * @param codeBits 16, 32 or 64
   * @return null when the instruction needs more bytes than are available (never with 15 or more)
   */
  public @Nullable Instruction decode(MemorySegment code, long offset, int available, int codeBits) {
    in.open(code, offset, available);
    return decode(codeBits);
  }

  /** The same for bytes in an array. */
  public @Nullable Instruction decode(byte[] code, int offset, int available, int codeBits) {
    in.open(code, offset, available);
    return decode(codeBits);
  }

  private @Nullable Instruction decode(int codeBits) {
    b.clear(codeBits);
    int opcode = prefixes();
    boolean valid = in.overrun() || body(opcode);
    if (in.overrun()) {
      return in.complete() ? invalid(Mnemonic.TOO_LONG) : null;
    }
    if (!valid) {
      return invalid(Mnemonic.INVALID);
    }
    b.length = in.position();
    return new Instruction(b, instructions.semantics(b.mnemonic));
  }

  private Instruction invalid(Mnemonic mnemonic) {
    b.clearOperands();
    b.mnemonic = mnemonic;
    b.lock = false;
    b.repeat = 0;
    b.length = in.position();
    return new Instruction(b, instructions.semantics(mnemonic));
  }

  /** Consumes prefixes and returns the byte after them. A REX prefix counts only directly before the opcode (SDM 2A 2.2.1). */
  private int prefixes() {
    boolean is64 = b.codeBits == 64;
    int rex = 0;
    for (;;) {
      int octet = in.u8();
      switch (octet) {
        case 0x26 -> override(Seg.ES);
        case 0x2E -> override(Seg.CS);
        case 0x36 -> override(Seg.SS);
        case 0x3E -> override(Seg.DS);
        case 0x64 -> b.override = Seg.FS;
        case 0x65 -> b.override = Seg.GS;
        case 0x66 -> b.operandPrefix = true;
        case 0x67 -> b.addressSize = b.codeBits == 32 ? 2 : 4;
        case 0xF0 -> b.lockPrefix = true;
        case 0xF2 -> b.repeatPrefix = Instruction.REPNE;
        case 0xF3 -> b.repeatPrefix = Instruction.REP;
        default -> {
          if (is64 && (octet & 0xF0) == 0x40) {
            rex = octet;
            continue;
          }
          rex(rex);
          return octet;
        }
      }
      rex = 0;
      if (in.overrun()) {
        return 0;
      }
    }
  }

  /** The segments that 64-bit mode treats as flat are ignored there, and do not undo FS or GS. */
  private void override(int segment) {
    if (b.codeBits != 64) {
      b.override = segment;
    }
  }

  private void rex(int rex) {
    b.rex = rex != 0;
    b.wide = (rex & 8) != 0;
    b.extendReg = (rex & 4) << 1;
    b.extendIndex = (rex & 2) << 2;
    b.extendBase = (rex & 1) << 3;
    b.segment = b.override < 0 ? Seg.DS : b.override;
  }

  /** From the first opcode byte to the end; false when it is undefined. */
  private boolean body(int first) {
    int map = 0;
    int opcode = first;
    if (first == 0x0F) {
      opcode = in.u8();
      map = 1;
      if (opcode == 0x38 || opcode == 0x3A) {
        map = opcode == 0x38 ? 2 : 3;
        opcode = in.u8();
      }
    } else if ((first & 0xFE) == 0xC4 && (b.codeBits == 64 || in.peek() >= 0xC0)) {
      // Elsewhere C4 and C5 are LES and LDS, which have no register form.
      map = vex(first);
      if (map <= OpcodeTable.VEX_MAPS) {
        return false;
      }
      opcode = in.u8();
    }
    if (in.overrun()) {
      return true;
    }
    b.opcode = opcode;
    Form[] candidates = forms.at(map << 8 | opcode, b.codeBits == 64);
    if (candidates.length == 0) {
      return false;
    }
    Form form = match(candidates);
    return form == null ? in.overrun() : apply(form, map);
  }

  /**
   * Reads a VEX prefix after its first byte (SDM 2A 2.3.5) and returns the map, or 0.
   *
   * <pre>
   *  C5: ~R vvvv L pp          C4: ~R ~X ~B mmmmm   W vvvv L pp
   * </pre>
   */
  private int vex(int first) {
    if (b.lockPrefix || b.operandPrefix || b.repeatPrefix != 0 || b.rex) {
      return 0;
    }
    int p = in.u8();
    int map = 1;
    b.extendReg = (~p & 0x80) >>> 4;
    if (first == 0xC4) {
      b.extendIndex = (~p & 0x40) >>> 3;
      b.extendBase = (~p & 0x20) >>> 2;
      map = p & 0x1F;
      p = in.u8();
      b.wide = (p & 0x80) != 0;
    }
    b.vvvv = ~p >>> 3 & 15;
    b.vectorLength = (p & 4) != 0 ? 32 : 16;
    b.operandPrefix = (p & 3) == 1;
    b.repeatPrefix = (p & 3) == 2 ? Instruction.REP : (p & 3) == 3 ? Instruction.REPNE : 0;
    if (b.codeBits != 64) {
      // R and X are part of what tells VEX from LDS and LES; B and the top bit of vvvv are ignored.
      b.extendReg = 0;
      b.extendIndex = 0;
      b.extendBase = 0;
    }
    return map >= 1 && map <= 3 ? OpcodeTable.VEX_MAPS + map : 0;
  }

  private @Nullable Form match(Form[] forms) {
    int key = b.extendBase << 8
        | (b.vectorLength == 32 ? Form.L : 0)
        | (b.wide ? Form.W : 0)
        | (b.repeatPrefix != 0 ? b.repeatPrefix + 1 : b.operandPrefix ? 1 : 0) << Form.PREFIX_SHIFT;
    if (forms[0].has(Form.MODRM)) {
      b.modRm = in.u8();
      if (in.overrun()) {
        return null;
      }
      key |= b.modRm & 0x3F | (b.modRm >= 0xC0 ? Form.MOD_3 : 0);
    }
    for (Form form : forms) {
      if ((key & form.mask()) == form.value()) {
        return form;
      }
    }
    return null;
  }

  private boolean apply(Form form, int map) {
    b.mnemonic = form.mnemonic();
    if (b.mnemonic == Mnemonic.INVALID) {
      return false;
    }
    b.condition = form.condition();
    b.operandSize = operandSize(form);
    if (map == 0 && (b.opcode & 0xF8) == 0xD8) {
      // What the x87 last-instruction opcode register holds (SDM 1 8.1.9); no x87 instruction has an immediate.
      b.immediate = (b.opcode & 7L) << 8 | b.modRm;
    }
    if (map > OpcodeTable.VEX_MAPS && !vvvv(form)) {
      return false;
    }
    if (b.repeatPrefix != 0 && form.has(Form.REP | Form.REPE)) {
      b.repeat = form.has(Form.REP) ? Instruction.REP : b.repeatPrefix;
    }
    return operands.read(form) && lock(form) && (!form.has(Form.GATHER) || distinct());
  }

  /** Checks vvvv, whose top bit does not exist outside 64-bit mode. */
  private boolean vvvv(Form form) {
    if (form.has(Form.NO_VVVV) && b.vvvv != 0) {
      return false;
    }
    if (b.codeBits != 64) {
      b.vvvv &= 7;
    }
    return true;
  }

  private boolean distinct() {
    return b.reg[0] != b.index && b.reg[2] != b.index && b.reg[0] != b.reg[2];
  }

  private boolean lock(Form form) {
    boolean memory = b.kind[0] == Instruction.MEMORY;
    if (b.lockPrefix && form.has(Form.LOCK_CR8) && lockMovCr0) {
      return control8();
    }
    b.lock = memory && (b.lockPrefix && form.has(Form.LOCK) || form.has(Form.XCHG));
    return b.lock || !b.lockPrefix;
  }

  /** LOCK MOV CR0 is MOV CR8 (APM 3, MOV CRn). */
  private boolean control8() {
    int n = b.kind[0] == Instruction.CONTROL ? 0 : 1;
    if (b.reg[n] != 0) {
      return false;
    }
    b.reg[n] = 8;
    return true;
  }

  private int operandSize(Form form) {
    if (form.has(Form.BYTE)) {
      return 1;
    }
    boolean prefix = b.operandPrefix && !form.has(Form.MANDATORY_66);
    int size = (b.codeBits == 16) == prefix ? 4 : 2;
    if (form.has(Form.NATIVE)) {
      return b.codeBits == 64 ? 8 : 4;
    }
    if (b.codeBits != 64) {
      return size;
    }
    if (form.has(Form.N64)) {
      return 8;
    }
    if (form.has(Form.F64)) {
      return nearBranchOperandSize && prefix && !b.wide ? 2 : 8;
    }
    if (form.has(Form.D64)) {
      return prefix && !b.wide ? 2 : 8;
    }
    if (b.wide && form.has(Form.AT_MOST_32)) {
      return 4;
    }
    if (b.wide) {
      // REX.W overrides 66 even where it does not reach 64 bits.
      return form.has(Form.FAR) && noFarBranch64 ? 4 : 8;
    }
    return size;
  }
}
