package annulus.cpu.exec;

import annulus.cpu.Cpu;
import annulus.cpu.decode.Instruction;

/**
 * What an instruction does to a processor.
 *
 * <p>On entry {@code cpu.rip} is the address of the next instruction, truncated to the width of the instruction pointer; branches
 * overwrite it. A fault is thrown ({@link Cpu#fault}) before any architectural state has changed; partial progress exists only
 * where the architecture defines it (repeated string instructions, which leave {@code cpu.rip} at their own start to go on).
 */
@FunctionalInterface
public interface Semantics {
  void execute(Cpu cpu, Instruction i);
}
