package annulus.cpu.realmode;

import annulus.arch.Vector;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What processors of today do otherwise than the captured ones (SDM 3B 22, IA-32 architecture compatibility). A captured test that
 * differs must be explained by one of these.
 */
enum Generation {
  WRAP_AT_64K("8086: a word at offset FFFFh wraps to offset 0; later ones raise #GP or #SS (SDM 3B 22.32)", 86,
      r -> (r.raised == Vector.GP || r.raised == Vector.SS) && !r.capturedException()),
  ALIASES_86("8086: opcodes 60-6F, C0, C1, C8, C9 repeat others; D0-D3 /6 are SETMO and SETMOC; FF /7 is PUSH", 86,
      r -> r.opcode >>> 4 == 6 || List.of(0xC0, 0xC1, 0xC8, 0xC9).contains(r.opcode) || r.opcode >>> 2 == 0xD0 >>> 2 && r.extension == 6
          || r.opcode == 0xFF && r.extension == 7),
  IGNORED_EXTENSION("8086: the opcode extension of 8F, C6, C7 and the upper bit of a segment register's number are ignored", 86,
      r -> List.of(0x8F, 0xC6, 0xC7).contains(r.opcode) && r.extension != 0
          || (r.opcode == 0x8C || r.opcode == 0x8E) && r.extension > 3),
  PUSH_SP("8086: PUSH SP pushes the new value (SDM 3B 22.17)", 86, r -> r.opcode == 0x54),
  UNMASKED_COUNT("8086: shift counts are not taken modulo 32 (SDM 3B 22.33)", 86,
      r -> (r.opcode == 0xD2 || r.opcode == 0xD3) && (r.vector.before()[CapturedVector.CX] & 0xFF) > 31),
  DIVIDE_ERROR_AFTER("8086: a divide error returns to the next instruction, and leaves other undefined flags after AAM 0", 86,
      r -> r.raised == Vector.DE && (r.opcode == 0xD4 || r.onlyMemory())),
  DIVIDE_ERROR_MORE("8086: the quotient 80h or 8000h raises a divide error; a REP prefix changes its sign", 86,
      r -> r.opcode >>> 1 == 0xF6 >>> 1 && r.extension == 7
          && (r.capturedException() && r.raised < 0 || r.vector.hasPrefix(0xF2) || r.vector.hasPrefix(0xF3))),
  ADJUSTS_AL_ALONE("8086: AAA and AAS add to AL and AH by themselves, later ones to AX (SDM 2A AAA)", 86,
      r -> r.opcode == 0x37 || r.opcode == 0x3F),
  COPROCESSOR_ABSENT("no x87 was there: ESC opcodes and WAIT do next to nothing", 0, r -> r.opcode >>> 3 == 0xD8 >>> 3 || r.opcode == 0x9B),
  LOCK_ANYWHERE("80286: LOCK is allowed with any instruction (SDM 3B 22.33)", 286,
      r -> r.vector.hasPrefix(0xF0) && r.raised == Vector.UD && r.vector.exception() != Vector.UD),
  TEN_BYTES("80286: instructions have at most 10 bytes, later ones 15 (SDM 3B 22.33)", 286,
      r -> r.vector.exception() == Vector.GP && r.raised < 0),
  ONE_VECTOR("80286: in real mode the stack segment's limit raises vector 13, later 12", 286,
      r -> r.vector.exception() == Vector.GP && r.raised == Vector.SS),
  STRING_FAULT_LATE("80286: a string instruction that faults has moved its pointers and counter already", 286,
      r -> r.vector.exception() == Vector.GP && r.raised == Vector.GP && (r.opcode >>> 2 == 0x6C >>> 2 || r.opcode >= 0xA4 && r.opcode <= 0xAF)),
  FS_AND_GS("80286: segment registers 4 and 5 are undefined", 286,
      r -> (r.opcode == 0x8C || r.opcode == 0x8E) && (r.extension == 4 || r.extension == 5));

  /** A captured test that came out differently. */
  record Result(CapturedVector vector, int opcode, int extension, int raised, List<String> differences) {
    /** Whether the 8086 took an exception: its divide error goes to 0000:0400. */
    boolean capturedException() {
      return vector.after()[CapturedVector.CS] == 0 && vector.after()[CapturedVector.IP] == 0x400;
    }

    boolean onlyMemory() {
      return differences.stream().allMatch(d -> d.startsWith("["));
    }
  }

  final String reason;
  private final int processor;
  private final Predicate<Result> explains;

  /** @param processor 86, 286, or 0 for both */
  Generation(String reason, int processor, Predicate<Result> explains) {
    this.reason = reason;
    this.processor = processor;
    this.explains = explains;
  }

  boolean concerns(int capturedProcessor) {
    return processor == 0 || processor == capturedProcessor;
  }

  static Optional<Generation> explaining(int capturedProcessor, Result result) {
    return Arrays.stream(values()).filter(g -> g.concerns(capturedProcessor) && g.explains.test(result)).findFirst();
  }
}
