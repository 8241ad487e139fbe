package annulus.oracle;

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

  /** Instructions that are left out for their operands, before anything runs. */
  static boolean excluded(Instruction i) {
    if (REASONS.containsKey(i.mnemonic)) {
      return true;
    }
    return switch (i.mnemonic) {
      // The kernel's gates for programs: breakpoint, overflow, 32-bit system calls.
      case INT -> i.immediate == 3 || i.immediate == 4 || i.immediate == 0x80;
      default -> false;
    };
  }
}
