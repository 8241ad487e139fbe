package annulus.oracle;

import annulus.arch.Seg;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is not compared, each with the reason. */
final class Exclusions {
  private static final Map<Mnemonic, String> REASONS = new EnumMap<>(Mnemonic.class);

  static {
    put("is a system call: the kernel runs on", Mnemonic.SYSCALL, Mnemonic.SYSENTER);
    put("may reach a live vector of the kernel, whose signals look like the oracle's own", Mnemonic.INT1, Mnemonic.INT3, Mnemonic.INTO);
    put("reads what no two processors agree on", Mnemonic.CPUID, Mnemonic.RDTSC, Mnemonic.RDTSCP, Mnemonic.RDPID, Mnemonic.RDPMC,
        Mnemonic.RDRAND, Mnemonic.RDSEED);
    put("depends on state components and settings that are the kernel's", Mnemonic.XSAVE, Mnemonic.XSAVEC, Mnemonic.XSAVEOPT,
        Mnemonic.XRSTOR, Mnemonic.XGETBV, Mnemonic.RDPKRU, Mnemonic.WRPKRU, Mnemonic.MONITOR, Mnemonic.MWAIT);
    put("is emulated by the kernel under CR4.UMIP", Mnemonic.SGDT, Mnemonic.SIDT, Mnemonic.SLDT, Mnemonic.SMSW, Mnemonic.STR);
    put("calls the hypervisor the host runs under", Mnemonic.VMCALL, Mnemonic.VMMCALL);
  }

  private static final String PREFIXES = "\u0026\u002E\u0036\u003E\u0064\u0065\u0066\u0067\u00F0\u00F2\u00F3";

  private Exclusions() {}

  private static void put(String reason, Mnemonic... mnemonics) {
    for (Mnemonic m : mnemonics) {
      REASONS.put(m, reason);
    }
  }

  /** Why {@code m} is never run, or null. */
  static @Nullable String reason(Mnemonic m) {
    return REASONS.get(m);
  }

  static Map<Mnemonic, String> all() {
    return REASONS;
  }

  /** Outcomes of the model that the host need not share. */
  static boolean excluded(Instruction i, Outcome model) {
    // AMD's go by the 64-bit stack pointer already when 16-bit code goes to 64-bit code; Intel documents no such case.
    return i.codeBits == 16 && model.selectors[Seg.CS] == Segmentation.USER_CODE_64;
  }

  private static boolean newer(Instruction i, byte[] code) {
    int bits = i.codeBits;
    int n = 0;
    while (n < i.length && (PREFIXES.indexOf(code[n] & 0xFF) >= 0 || bits == 64 && (code[n] & 0xF0) == 0x40)) {
      n++;
    }
    int first = code[n] & 0xFF;
    int second = code[n + 1] & 0xFF;
    int third = code[n + 2] & 0xFF;
    // LOCK VERW, which has to be undefined (SDM 2B VERR), is not on AMD's.
    boolean verify = first == 0x0F && second == 0x00;
    // With more operand bytes to come it may be too long rather than undefined.
    boolean tooLong = i.length > 8;
    return tooLong || verify || first == 0x62 || first == 0x8F || (first & 0xFE) == 0xC4 || first == 0x0F && second == 0x01 && third >= 0xC0;
  }

  private static boolean prefixed(Instruction i, byte[] code, int prefix) {
    for (int n = 0; n < i.length - 2; n++) {
      if ((code[n] & 0xFF) == prefix) {
        return true;
      }
    }
    return false;
  }

  /** Instructions that are left out for their operands, before anything runs. */
  static boolean excluded(Instruction i, byte[] code) {
    if (REASONS.containsKey(i.mnemonic)) {
      return true;
    }
    return switch (i.mnemonic) {
      // Whether bytes that the mask leaves out can fault is up to the implementation (SDM 2B MASKMOVDQU); 64 KiB are not the oracle's.
      case MASKMOVQ, MASKMOVDQU -> i.addressSize == 2 || i.codeBits == 16;
      // Newer extensions, which the decoder does not know: EVEX, VEX and XOP encodings, and groups that grew.
      case INVALID -> newer(i, code);
      // F2 turns LOOPE into LOOPNE on some processors: a prefix without a meaning here (SDM 2A 2.1.1).
      case LOOPE, LOOPNE -> prefixed(i, code, 0xF2) || prefixed(i, code, 0xF3);
      // AMD's do not look at the alignment of memory operands here, Intel's do (SDM 2B SHA1MSG1, exceptions of type 4).
      case SHA1MSG1, SHA1MSG2, SHA1NEXTE, SHA1RNDS4, SHA256MSG1, SHA256MSG2, SHA256RNDS2 -> i.hasMemory();
      // The kernel's gates for programs: breakpoint, overflow, 32-bit system calls.
      case INT -> i.immediate == 3 || i.immediate == 4 || i.immediate == 0x80;
      default -> false;
    };
  }
}
