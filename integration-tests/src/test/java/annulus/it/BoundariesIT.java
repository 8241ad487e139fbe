package annulus.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.machine.Machine;
import annulus.machine.MachineException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Replacements where state is easily lost: in REP MOVS, the shadows of STI and MOV SS, single step, and HLT. */
class BoundariesIT {
  private static final int ROUNDS = 0x500;
  private static final int COPIES = 0x504;
  private static final int SHADOWS = 0x508;
  private static final int STEPS = 0x50C;
  private static final int TICKS = 0x510;
  private static final int WHERE = 0x518;
  private static final int CAME = 0x51C;
  private static final double TICKS_PER_SECOND = 500;

  @RegisterExtension final Machines machines = new Machines();
  @TempDir Path folder;

  @Test void guestThatChecksEveryBoundaryFindsNothingWrong() throws Exception {
    Machine machine = machines.start("boundaries", "kernel", Programs.assembled(folder, "boundaries.bin").toString(),
        "loader", "raw", "loader.mode", "real", "memory", "1M", "device.testdev", "testdev");
    try (Swaps swaps = Swaps.ofAll(machine, Swaps.count(300))) {
      swaps.await();
    }
    machine.pause();
    double seconds = machine.statistics().get("machine.nanos") / 1e9;
    assertTrue(counter(machine, ROUNDS) > 50, "only " + counter(machine, ROUNDS) + " rounds");
    assertEquals(0, counter(machine, COPIES), "bytes wrong after REP MOVS");
    assertEquals(0, counter(machine, SHADOWS), "interrupts inside a shadow, late or lost; the last wrong one at 0x"
        + Integer.toHexString(counter(machine, WHERE)) + ", and of 500 came " + counter(machine, CAME));
    assertEquals(0, counter(machine, STEPS), "rounds with an instruction not stepped, or twice");
    // Two edges that come while the guest cannot take one are one interrupt: fewer are right on a busy host, more never
    double ticks = counter(machine, TICKS) / TICKS_PER_SECOND;
    assertTrue(ticks > seconds / 4 && ticks <= seconds + 0.1, ticks + " s of ticks in " + seconds + " s");
    System.out.println("boundaries: " + counter(machine, ROUNDS) + " rounds, " + counter(machine, TICKS) + " ticks in " + seconds + " s; "
        + Swaps.figures(machine.swaps()));
  }

  private static int counter(Machine machine, int address) throws MachineException {
    return ByteBuffer.wrap(machine.readMemory(address, 4)).order(ByteOrder.LITTLE_ENDIAN).getInt();
  }
}
