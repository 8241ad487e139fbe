package annulus.shell.command;

import annulus.machine.Machine;
import annulus.machine.MachineException;
import annulus.machine.MachineException.Reason;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vm:mem}. */
final class Mem extends VmCommand {
  private static final int MOST = 1 << 16;

  @Option(names = {"-p", "--physical"}, description = "ADDRESS is guest-physical, not guest-virtual")
  boolean physical;

  @Option(names = {"-c", "--cpu"}, paramLabel = "N", description = "as this processor sees it (default 0)")
  String processor = "";

  @Parameters(index = "0", paramLabel = "NAME", description = "the machine")
  String name = "";

  @Parameters(index = "1", paramLabel = "ADDRESS", description = "hexadecimal, or a register: 7c00, 0x7c00, rsp, rsp+20, fs:28")
  String address = "";

  @Parameters(index = "2", arity = "0..1", paramLabel = "LENGTH", description = "bytes, decimal or 0x... (default 128)")
  String length = "128";

  @Override void run(Invocation in) throws MachineException {
    Machine machine = in.platform().machine(name);
    int n = Cpu.processor(processor, machine);
    long from = Addresses.parse(address, new Registers(machine.vcpu(n)), physical);
    View view = new View(machine, n, physical);
    HexDump.lines(from, view.read(from, count(length, MOST, "bytes")), view.absence()).forEach(in.out()::println);
  }

  /** A number from 1 to {@code most}. */
  static int count(String text, int most, String what) throws MachineException {
    try {
      int n = Integer.decode(text);
      if (n >= 1 && n <= most) {
        return n;
      }
    } catch (NumberFormatException e) {
      throw bad(text, most, what);
    }
    throw bad(text, most, what);
  }

  private static MachineException bad(String text, int most, String what) {
    return new MachineException(Reason.BAD_SPECIFICATION, "\"" + text + "\" " + what + ": 1 to " + most + " are possible");
  }
}
