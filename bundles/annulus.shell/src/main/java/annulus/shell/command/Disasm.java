package annulus.shell.command;

import annulus.arch.CpuFeature;
import annulus.arch.Seg;
import annulus.cpu.decode.Decoder;
import annulus.cpu.exec.InstructionSet;
import annulus.machine.Machine;
import annulus.machine.MachineException;
import annulus.vendor.CpuModel;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vm:disasm}. */
final class Disasm extends VmCommand {
  private static final int MOST = 4096;

  @Option(names = {"-p", "--physical"}, description = "ADDRESS is guest-physical, not guest-virtual")
  boolean physical;

  @Option(names = {"-c", "--cpu"}, paramLabel = "N", description = "as this processor sees it (default 0)")
  String processor = "";

  @Option(names = {"-b", "--bits"}, paramLabel = "BITS", description = "16, 32 or 64; else what the processor runs")
  String bits = "";

  @Parameters(index = "0", paramLabel = "NAME", description = "the machine")
  String name = "";

  @Parameters(index = "1", arity = "0..1", paramLabel = "ADDRESS",
      description = "hexadecimal, or a register: 7c00, 0x7c00, rip, rip+20, cs:100 (default rip)")
  String address = "";

  @Parameters(index = "2", arity = "0..1", paramLabel = "COUNT", description = "instructions (default 16)")
  String count = "16";

  @Override void run(Invocation in) throws MachineException {
    Machine machine = in.platform().machine(name);
    int n = Cpu.processor(processor, machine);
    Registers registers = new Registers(machine.vcpu(n));
    long codeBase = registers.base(Seg.CS);
    long next = registers.rip() + codeBase;
    View view = new View(machine, n, physical);
    // Without an address the code at RIP is meant, and with --physical where that is in memory
    long from = !address.isEmpty() ? Addresses.parse(address, registers, physical) : physical ? machine.translate(n, next) : next;
    new Listing(view, decoder(in.platform().models().apply(machine.spec())), codeBits(registers), codeBase, next)
        .lines(from, Mem.count(count, MOST, "instructions")).forEach(in.out()::println);
  }

  private int codeBits(Registers registers) throws MachineException {
    if (bits.isEmpty()) {
      return registers.codeBits();
    }
    if (Set.of("16", "32", "64").contains(bits)) {
      return Integer.parseInt(bits);
    }
    throw new MachineException(MachineException.Reason.BAD_SPECIFICATION, "\"" + bits + "\" bits: code has 16, 32 or 64");
  }

  /** As the machine's own processor decodes; while its vendor is not installed, with every feature that is known. */
  private static Decoder decoder(Optional<CpuModel> model) {
    return new Decoder(model.map(CpuModel::features).orElse(EnumSet.allOf(CpuFeature.class)),
        model.map(CpuModel::traits).orElse(Set.of()), InstructionSet.standard());
  }
}
