package annulus.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.machine.Machine;
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A guest with nothing to do, as its host sees it. */
class IdleIT {
  private static final int SECONDS = 10;
  private static final double MOST_CPU = 0.05;
  private static final long MOST_HEAP = 256L << 20;

  @RegisterExtension final Machines machines = new Machines();

  @Test void idleLinuxTakesLessThanATwentiethOfACoreAndLittleHeap() throws Exception {
    Machine machine = Linux.restored(machines, "idle");
    try (SerialLine line = new SerialLine(machine, false)) {
      line.type("\n");
      line.expect(Linux.PROMPT);
      Thread.sleep(3000); // what the restore and the JVM's own compilers still have to do
      OperatingSystemMXBean process = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
      long cpu = process.getProcessCpuTime();
      long start = System.nanoTime();
      Thread.sleep(SECONDS * 1000);
      double share = (double) (process.getProcessCpuTime() - cpu) / (System.nanoTime() - start);
      System.gc();
      long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
      System.out.printf("idle: %.2f %% of a core, %d MiB of heap%n", share * 100, heap >> 20);
      assertTrue(share < MOST_CPU, () -> "%.2f %% of a core".formatted(share * 100));
      assertTrue(heap < MOST_HEAP, () -> (heap >> 20) + " MiB of heap");
      // It has not stopped altogether
      double before = uptime(line);
      Thread.sleep(1000);
      assertTrue(uptime(line) - before > 0.5, "the guest's time goes on");
    }
  }

  private static double uptime(SerialLine line) throws InterruptedException {
    return Double.parseDouble(line.run("cut -d' ' -f1 /proc/uptime"));
  }
}
