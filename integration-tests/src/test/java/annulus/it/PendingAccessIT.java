package annulus.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.machine.Machine;
import annulus.machine.MachineException;
import annulus.machine.SwapReport;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Replacements that are asked for while a device serves an access of the guest. */
class PendingAccessIT {
  private static final int ROUNDS = 0x90000;
  private static final int WRONG = 0x90004;
  /** Accesses of the guest in a round: any of them is the pending one. */
  private static final int ACCESSES = 23;
  private static final int LONGEST_MILLIS = 10;

  @RegisterExtension final Machines machines = new Machines();
  @TempDir Path folder;

  @Test void replacementWaitsForThePendingAccessWhichHappensOnce() throws Exception {
    int count = Swaps.count(100);
    Random random = new Random(1);
    try (Turnstile turnstile = new Turnstile()) {
      Machine machine = machines.start("turnstile", "kernel", Programs.assembled(folder, "turnstile.bin").toString(),
          "memory", "8M", "device.gate", Turnstile.MODEL);
      List<String[]> parts = Swaps.parts(machine).stream().flatMap(List::stream)
          .filter(p -> !p[0].startsWith("device.") || p[0].equals("device.gate")).toList();
      for (int i = 0; i < count; i++) {
        String[] part = parts.get(random.nextInt(parts.size()));
        int before = counter(machine, ROUNDS);
        Turnstile.Visit visit = turnstile.expect(random.nextInt(2 * ACCESSES));
        visit.await();
        FutureTask<SwapReport> swap = new FutureTask<>(() -> machine.swap(part[0], part[1]));
        Thread.ofPlatform().name("swap").start(swap);
        Thread.sleep(random.nextInt(LONGEST_MILLIS));
        assertFalse(swap.isDone(), "replaced in the middle of an access");
        visit.end();
        assertTrue(swap.get(30, TimeUnit.SECONDS).succeeded());
        // The next number is not taken before a whole round under the new part
        while (counter(machine, ROUNDS) - before < 2) {
          Thread.onSpinWait();
        }
      }
      machine.pause();
      assertEquals(0, counter(machine, WRONG), "numbers read twice, not at all or not as they were");
      assertEquals(0, turnstile.wrong(), "numbers given back twice or not at all");
      System.out.println("pending accesses: " + counter(machine, ROUNDS) + " rounds; " + Swaps.figures(machine.swaps()));
    }
  }

  private static int counter(Machine machine, int address) throws MachineException {
    return ByteBuffer.wrap(machine.readMemory(address, 4)).order(ByteOrder.LITTLE_ENDIAN).getInt();
  }
}
