package annulus.oracle;

import annulus.arch.CpuFeature;
import annulus.cpu.Cpu;
import annulus.engine.VcpuContext;
import annulus.memory.GuestMemory;
import annulus.vendor.CpuModel;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Runs the cases in a process of their own, with this one's java and class path: a case that brings it down, or keeps it from
 * coming back, is an error that names the case.
 */
final class ChildProcess {
  private static final int LOST = 2;
  private static final int HIGHEST_STATUS = 2;
  /** Longer than any start or report takes. */
  private static final int PATIENCE_SECONDS = 60;

  private ChildProcess() {}

  /** Waits as long as there is progress. @return whether it ended by itself */
  private static boolean ends(Process process, Path progress) throws IOException, InterruptedException {
    long last = seed(progress);
    while (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      long now = seed(progress);
      if (now == last) {
        return false;
      }
      last = now;
    }
    return true;
  }

  private static long seed(Path progress) throws IOException {
    return ByteBuffer.wrap(Files.readAllBytes(progress)).order(ByteOrder.LITTLE_ENDIAN).getLong();
  }

  private static void copy(Process process, PrintStream out) {
    try (InputStream output = process.getInputStream()) {
      output.transferTo(out);
    } catch (IOException e) {
      out.println("oracle: output of the process was lost: " + e.getMessage());
    }
  }

  /** Where this process has its classes from: a test runner's class path may be its own alone. */
  private static String classPath() {
    Set<String> path = new LinkedHashSet<>();
    for (Class<?> c : List.of(Oracle.class, Cpu.class, CpuFeature.class, GuestMemory.class, CpuModel.class, VcpuContext.class)) {
      CodeSource source = c.getProtectionDomain().getCodeSource();
      if (source != null) {
        path.add(Path.of(URI.create(source.getLocation().toString())).toString());
      }
    }
    path.add(System.getProperty("java.class.path"));
    return String.join(File.pathSeparator, path);
  }

  /** @return the child's exit status, 2 if it was lost */
  static int run(String[] arguments, PrintStream out) throws IOException, InterruptedException {
    Path progress = Files.createTempFile("oracle", ".case");
    try {
      Files.write(progress, new byte[Long.BYTES]);
      List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
          "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "-Xshare:auto", "-XX:+UseSerialGC",
          "-Xmx256m", "-Dannulus.pool=64", "-XX:-CreateCoredumpOnCrash", "-XX:+SuppressFatalErrorMessage",
          "-cp", classPath(), Oracle.class.getName(), "--child", "--progress", progress.toString()));
      command.addAll(List.of(arguments));
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      Thread copier = Thread.ofPlatform().daemon().start(() -> copy(process, out));
      boolean hangs = false;
      try {
        hangs = !ends(process, progress);
      } finally {
        process.destroyForcibly();
      }
      int status = process.waitFor();
      copier.join();
      if (hangs || status > HIGHEST_STATUS) {
        out.printf("oracle: the process %s in case --only %x%n", hangs ? "did not come back" : "was lost (exit status " + status + ")",
            seed(progress));
        return LOST;
      }
      return status;
    } finally {
      Files.delete(progress);
    }
  }
}
