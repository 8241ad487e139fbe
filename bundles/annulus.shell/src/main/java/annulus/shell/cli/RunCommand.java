package annulus.shell.cli;

import annulus.loader.GuestImage;
import annulus.loader.ImageSource;
import annulus.machine.Console;
import annulus.machine.Machine;
import annulus.machine.MachineException;
import annulus.machine.MachineException.Reason;
import annulus.machine.MachineService;
import annulus.machine.MachineStatus;
import annulus.machine.MachineStatus.Phase;
import annulus.machine.SpecProperties;
import annulus.shell.console.Attachment;
import java.io.FileOutputStream;
import java.io.FileDescriptor;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code annulus run}: boots one guest, attaches its serial line, and ends when the machine does. */
@Command(name = "run", mixinStandardHelpOptions = true, versionProvider = Version.class, sortOptions = false,
    description = "Boots a guest and attaches its serial console; ends when the machine does.",
    footer = {"", "On a terminal Ctrl-] ends the machine. Exit status: 0 powered off, 2 wrong arguments or",
        "something missing, 3 triple fault, 4 held, 5 reset (with --on-reset stop), 130 ended by",
        "the user or because nobody reads its output any more; a debug-exit device sets its own."})
final class RunCommand implements Callable<Integer> {
  private static final Duration FOREVER = Duration.ofDays(36_500);
  private static final long PROVIDER_WAIT_NANOS = 20_000_000_000L;
  private static final String CONSOLE = "serial0";

  private final MachineService service;
  private final Function<String, Optional<ImageSource>> images;
  private final PrintStream messages;
  private @Nullable GuestImage resolved;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Parameters(arity = "0..1", paramLabel = "IMAGE", description = "demo (the default) or linux, where no --kernel is given")
  @Nullable String image;

  @Option(names = "--kernel", paramLabel = "FILE", description = "kernel: Linux bzImage, ELF with PVH note, Multiboot, boot sector, raw bytes")
  @Nullable Path kernel;

  @Option(names = "--initrd", paramLabel = "FILE", description = "initial RAM disk, or a module; can be repeated")
  List<Path> initrd = new ArrayList<>();

  @Option(names = "--append", paramLabel = "TEXT", description = "the guest's command line")
  @Nullable String append;

  @Option(names = "--memory", paramLabel = "SIZE", description = "RAM, for instance 512M or 2G (default: 256M, linux 512M)")
  @Nullable String memory;

  @Option(names = "--cpus", paramLabel = "N", description = "virtual processors, 1 to 64 (default: 1)")
  @Nullable String cpus;

  @Option(names = "--engine", paramLabel = "NAME", description = "execution engine (default: translator)")
  @Nullable String engine;

  @Option(names = "--vendor", paramLabel = "NAME", description = "processor vendor: intel or amd (default: intel)")
  @Nullable String vendor;

  @Option(names = "--model", paramLabel = "NAME", description = "the vendor's CPU model (default: its first)")
  @Nullable String model;

  @Option(names = "--translation", paramLabel = "NAME", description = "memory-translation strategy (default: direct)")
  @Nullable String translation;

  @Option(names = "--loader", paramLabel = "NAME", description = "loader (default: the one that knows the image best)")
  @Nullable String loader;

  @Option(names = "--loader-option", paramLabel = "KEY=VALUE", description = "option of the loader or image; can be repeated")
  Map<String, String> loaderOptions = new LinkedHashMap<>();

  @Option(names = "--device", paramLabel = "NAME=MODEL", description = "adds a device; MODEL none leaves out one every PC has")
  Map<String, String> devices = new LinkedHashMap<>();

  @Option(names = "--device-option", paramLabel = "NAME.KEY=VALUE", description = "option of a device; can be repeated")
  Map<String, String> deviceOptions = new LinkedHashMap<>();

  @Option(names = "--testdev", description = "adds the test machine's devices")
  boolean testdev;

  @Option(names = "--on-reset", paramLabel = "ACTION", description = "what the guest's reset does: restart or stop (default: restart)")
  @Nullable String onReset;

  @Option(names = "--restore", paramLabel = "FILE", description = "goes on with a saved machine instead of booting")
  @Nullable Path restore;

  @Option(names = "--stats", description = "prints the machine's figures at the end, on standard error")
  boolean stats;

  /** @param images finds an image source by name */
  RunCommand(MachineService service, Function<String, Optional<ImageSource>> images, PrintStream messages) {
    this.service = service;
    this.images = images;
    this.messages = messages;
  }

  @Override public Integer call() throws IOException, InterruptedException {
    Machine machine;
    try {
      machine = boot();
    } catch (MachineException e) {
      messages.println("annulus: " + e.getMessage());
      return ExitStatus.USAGE;
    }
    return attend(machine);
  }

  private Machine boot() throws MachineException, InterruptedException {
    long end = System.nanoTime() + PROVIDER_WAIT_NANOS;
    for (;;) {
      try {
        return tryBoot();
      } catch (MachineException e) {
        // The container may still be starting the bundle that is asked for.
        if (e.reason() != Reason.NO_PROVIDER || System.nanoTime() > end || Container.settled()) {
          throw e;
        }
        Thread.sleep(20);
      }
    }
  }

  private Machine tryBoot() throws MachineException {
    Path saved = restore;
    if (saved != null) {
      refuseCompany(saved);
      Machine machine = service.restore(saved.toAbsolutePath(), "");
      machine.resume();
      return machine;
    }
    Machine machine = service.define(SpecProperties.read(properties()));
    try {
      machine.start();
      return machine;
    } catch (MachineException e) {
      service.undefine(machine.name(), true);
      throw e;
    }
  }

  /** A saved machine brings its own definition: whoever asks for another one would not get it. */
  private void refuseCompany(Path saved) throws MachineException {
    List<String> others = spec.commandLine().getParseResult().matchedArgs().stream()
        .map(a -> a.isOption() ? ((OptionSpec) a).longestName() : a.paramLabel())
        .filter(a -> !a.equals("--restore") && !a.equals("--stats")).toList();
    if (!others.isEmpty()) {
      throw new MachineException(Reason.BAD_SPECIFICATION, "--restore " + saved + " goes on with the machine as it was saved: leave out "
          + String.join(", ", others));
    }
  }

  /** The files of an image, fetched now, with a progress bar, where they are not there yet. */
  private GuestImage resolve(String name) throws MachineException {
    GuestImage known = resolved;
    if (known != null) {
      return known;
    }
    ImageSource source = images.apply(name).orElseThrow(() -> new MachineException(Reason.NO_PROVIDER,
        "no image is called \"" + name + "\"; the container has demo and linux, and what other bundles provide"));
    try (ProgressBar bar = new ProgressBar(messages)) {
      GuestImage image = source.resolve(loaderOptions, bar);
      resolved = image;
      return image;
    } catch (IOException e) {
      throw new MachineException(Reason.IMAGE, String.valueOf(e.getMessage()), e);
    }
  }

  private Map<String, String> properties() throws MachineException {
    if (image != null && kernel != null) {
      throw new MachineException(Reason.BAD_SPECIFICATION, "both the image " + image + " and --kernel " + kernel + ": give one of them");
    }
    Map<String, String> p = new TreeMap<>();
    p.put("name", "guest");
    String source = image == null ? "demo" : image;
    List<Path> modules = initrd;
    if (kernel != null) {
      p.put("kernel", kernel.toAbsolutePath().toString());
      put(p, "append", append);
      loaderOptions.forEach((k, v) -> p.put("loader." + k, v));
      put(p, "loader", loader);
    } else {
      GuestImage files = resolve(source);
      p.put("kernel", files.kernel().toString());
      p.put("append", append == null ? files.defaultCommandLine() : append);
      files.options().forEach((k, v) -> p.put("loader." + k, v));
      put(p, "loader", loader == null ? files.loader() : loader);
      modules = initrd.isEmpty() ? files.modules() : initrd;
    }
    put(p, "memory", memory == null && source.equals("linux") ? "512M" : memory);
    put(p, "cpus", cpus);
    put(p, "engine", engine);
    put(p, "vendor", vendor);
    put(p, "model", model);
    put(p, "translation", translation);
    put(p, "onReset", onReset);
    if (!modules.isEmpty()) {
      p.put("initrd", String.join(",", modules.stream().map(f -> f.toAbsolutePath().toString()).toList()));
    }
    if (testdev) {
      p.put("device.testdev", "testdev");
      p.put("device.debugexit", "none");
    }
    devices.forEach((k, v) -> p.put("device." + k, v));
    deviceOptions.forEach((k, v) -> p.put("device." + k, v));
    return p;
  }

  private static void put(Map<String, String> p, String key, @Nullable String value) {
    if (value != null) {
      p.put(key, value);
    }
  }

  /** Serves the console until the machine ends. */
  private int attend(Machine machine) throws IOException, InterruptedException {
    int status;
    try (Terminal terminal = terminal()) {
      status = terminal == null ? piped(machine) : interactive(machine, terminal);
    }
    MachineStatus end = machine.status();
    if (stats) {
      machine.statistics().forEach((k, v) -> messages.println(k + " = " + v));
    }
    if (end.phase() == Phase.HELD) {
      if (Container.stopping()) {
        return ExitStatus.INTERRUPTED;
      }
      messages.println("annulus: the machine is held: " + end.reason());
    }
    machine.destroy();
    return status;
  }

  /** The user's terminal, or null where standard input or output is none. */
  private static @Nullable Terminal terminal() throws IOException {
    if (System.console() == null || !System.console().isTerminal()) {
      return null;
    }
    Terminal terminal = TerminalBuilder.builder().system(true).dumb(true).build();
    if (Terminal.TYPE_DUMB.equals(terminal.getType())) {
      terminal.close();
      return null;
    }
    return terminal;
  }

  private int piped(Machine machine) throws InterruptedException, IOException {
    try (FileOutputStream out = new FileOutputStream(FileDescriptor.out)) {
      Console console = console(machine);
      if (console == null) {
        return machine.await(FOREVER).exitStatus();
      }
      AtomicBoolean unread = new AtomicBoolean();
      try (AutoCloseable copy = Attachment.copy(console, out, why -> {
        unread.set(true);
        messages.println("annulus: standard output cannot be written (" + why.getMessage() + "): the machine is ended");
        // Not here: this is the console's own thread, for which the machine waits when it ends
        Thread.ofPlatform().name("annulus-end").start(machine::destroy);
      })) {
        Attachment.type(System.in, console);
        int status = machine.await(FOREVER).exitStatus();
        return unread.get() ? ExitStatus.INTERRUPTED : status;
      } catch (InterruptedException | RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IOException("the console could not be closed", e);
      }
    }
  }

  private int interactive(Machine machine, Terminal terminal) throws InterruptedException, IOException {
    Console console = console(machine);
    if (console == null) {
      return machine.await(FOREVER).exitStatus();
    }
    Attachment.End end = Attachment.terminal(terminal, console, true, () -> machine.status().ended());
    return switch (end) {
      case LEFT -> ExitStatus.INTERRUPTED;
      case INPUT_ENDED, CONDITION -> machine.await(FOREVER).exitStatus();
    };
  }

  /** The first serial line; a machine without one runs unattended, one that has ended already has none any more. */
  private @Nullable Console console(Machine machine) {
    try {
      return machine.console(CONSOLE);
    } catch (MachineException e) {
      if (!machine.status().ended()) {
        messages.println("annulus: " + e.getMessage());
      }
      return null;
    }
  }
}
