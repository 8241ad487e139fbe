package annulus.image.debian;

import annulus.loader.ImageSource.Progress;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Fetches packages with the system's own client, {@code apt-get download}, from the sources it is configured with. All state lies
 * in the cache folder, so neither root nor a change of the system is needed.
 */
final class AptPackages {
  private static final long LIMIT_MINUTES = 10;
  private static final int STEPS = 4;
  private static final int MOST_OUTPUT = 1 << 20;
  private static final Pattern DEPENDS = Pattern.compile("(?m)^ *Depends: (linux-image-[0-9][^ :\\n]*)");

  private final Path folder;
  private final String architecture;
  private final Progress progress;

  /** @param architecture Debian's name of it, {@code amd64} or {@code i386}; the host's own does not matter */
  AptPackages(Path folder, String architecture, Progress progress) {
    this.folder = folder;
    this.architecture = architecture;
    this.progress = progress;
  }

  /** Downloads the first of {@code names} that exists, or the kernel it stands for. @return the package file */
  Path download(List<String> names) throws IOException {
    if (!available("apt-get")) {
      throw new IOException("no kernel or static busybox on this host, and no apt-get to fetch them with: give --kernel and --initrd");
    }
    progress.step("reading the package lists", 0, STEPS);
    Path lists = Files.createDirectories(folder.resolve("apt/lists"));
    Files.createDirectories(lists.resolve("partial"));
    Files.createDirectories(folder.resolve("apt/archives/partial"));
    Files.writeString(folder.resolve("apt/status"), "");
    IOException incomplete = update();
    progress.step("looking for " + names.get(0), 1, STEPS);
    String name;
    try {
      name = real(names);
    } catch (IOException e) {
      throw incomplete == null ? e : incomplete;
    }
    Path into = Files.createTempDirectory(folder, "download");
    progress.step("fetching " + name, 2, STEPS);
    try {
      run(into, "apt-get", "-q", "download", name);
      Path deb = only(into);
      Path kept = folder.resolve(deb.getFileName());
      Files.move(deb, kept, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      progress.step("unpacking " + name, 3, STEPS);
      return kept;
    } finally {
      Files.deleteIfExists(into);
      progress.step("done", STEPS, STEPS);
    }
  }

  /** @return why the lists are not complete, or null: a mirror can be out of step for one source, and the others are enough */
  private @Nullable IOException update() {
    try {
      run(folder, "apt-get", "-q", "update");
      return null;
    } catch (IOException e) {
      return e;
    }
  }

  private static Path only(Path folder) throws IOException {
    try (DirectoryStream<Path> debs = Files.newDirectoryStream(folder, "*.deb")) {
      for (Path deb : debs) {
        return deb;
      }
    }
    throw new IOException("apt-get download left no package file in " + folder);
  }

  /** The package itself, or for a metapackage the kernel it depends on. */
  private String real(List<String> names) throws IOException {
    for (String name : names) {
      String found = run(folder, "apt-cache", "depends", "--important", name);
      Matcher kernel = DEPENDS.matcher(found);
      if (kernel.find()) {
        return kernel.group(1);
      }
      if (!found.isBlank()) {
        return name;
      }
    }
    throw new IOException("the distribution has none of the packages " + String.join(", ", names) + ": give --kernel and --initrd");
  }

  private String run(Path in, String program, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(program,
        "-o", "Dir::State=" + folder.resolve("apt"), "-o", "Dir::State::lists=" + folder.resolve("apt/lists"),
        "-o", "Dir::State::status=" + folder.resolve("apt/status"), "-o", "Dir::Cache=" + folder.resolve("apt"),
        "-o", "APT::Architecture=" + architecture, "-o", "APT::Architectures=" + architecture, "-o", "APT::Sandbox::User=", "-o", "Debug::NoLocking=1",
        "-o", "APT::Update::Error-Mode=any")); // else an update without any network succeeds
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).directory(in.toFile()).redirectErrorStream(true)
        .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null"))).start();
    String output;
    try (InputStream out = process.getInputStream()) {
      output = new String(out.readNBytes(MOST_OUTPUT), StandardCharsets.UTF_8);
      if (!process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES)) {
        throw new IOException(program + " did not end within " + LIMIT_MINUTES + " minutes");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(program + " was interrupted", e);
    } finally {
      process.destroy();
    }
    if (process.exitValue() != 0 && !program.equals("apt-cache")) {
      String last = output.strip();
      throw new IOException(program + " " + String.join(" ", arguments) + " failed: " + last.substring(last.lastIndexOf('\n') + 1)
          + " (is the network there? else give --kernel and --initrd)");
    }
    return process.exitValue() == 0 ? output : "";
  }

  private static boolean available(String program) {
    for (String folder : String.valueOf(System.getenv("PATH")).split(":")) {
      if (Files.isExecutable(Path.of(folder, program))) {
        return true;
      }
    }
    return false;
  }
}
