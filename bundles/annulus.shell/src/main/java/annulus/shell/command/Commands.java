package annulus.shell.command;

import annulus.machine.Machine;
import annulus.machine.MachineService;
import annulus.machine.MachineService.Axis;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSessionListener;
import org.apache.felix.service.command.Function;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** Registers the commands of scope {@code vm}, and their completions with every session. */
@Component(service = {}, immediate = true)
public final class Commands {
  private static final String MACHINE_FOLDER = "annulus.machines";

  private final List<ServiceRegistration<?>> registrations = new ArrayList<>();
  private final SessionSetup sessions;

  @Activate
  public Commands(@Reference MachineService service, BundleContext context) {
    String folder = context.getProperty(MACHINE_FOLDER);
    Platform platform = new Platform(service, new Models(context), folder == null ? null : Path.of(folder));
    Map<String, Verb> verbs = verbs(platform);
    for (Verb verb : verbs.values()) {
      registrations.add(context.registerService(Function.class, verb, FrameworkUtil.asDictionary(
          Map.of(CommandProcessor.COMMAND_SCOPE, Verb.SCOPE, CommandProcessor.COMMAND_FUNCTION, verb.name()))));
    }
    sessions = new SessionSetup(verbs, new Completion(platform, verbs), () -> {
      context.getBundle(0).stop();
      return null;
    });
    registrations.add(context.registerService(CommandSessionListener.class, sessions, null));
  }

  @Deactivate
  void stop() {
    registrations.forEach(ServiceRegistration::unregister);
    sessions.undo();
  }

  /** All commands by name. */
  static Map<String, Verb> verbs(Platform p) {
    Map<String, Verb> all = new TreeMap<>();
    List.of(
        new Verb(p, "define", "Defines a machine; it takes no memory before it is created.", Define::new),
        new Verb(p, "undefine", "Forgets a machine.", Undefine::new),
        new Verb(p, "create", "Takes memory, plugs in the providers and loads the image.", () -> new MachineVerb(Machine::create)),
        new Verb(p, "start", "Starts a machine; creates it first where needed.", () -> new MachineVerb(Machine::start)),
        new Verb(p, "pause", "Pauses a running machine.", () -> new MachineVerb(Machine::pause)),
        new Verb(p, "resume", "Lets a paused machine go on.", () -> new MachineVerb(Machine::resume)),
        new Verb(p, "reset", "Presses the reset button; the image is loaded anew.", () -> new MachineVerb(Machine::reset)),
        new Verb(p, "shutdown", "Asks the guest to power off, as the power button does.", () -> new MachineVerb(Machine::shutdown)),
        new Verb(p, "destroy", "Ends a machine at once and gives its memory back.", () -> new MachineVerb(Machine::destroy)),
        new Verb(p, "list", "Lists the machines.", ListMachines::new),
        new Verb(p, "info", "Shows what a machine is made of and what is plugged in.", Info::new),
        new Verb(p, "console", "Attaches the terminal to a serial line; Ctrl-] leaves.", ConsoleCommand::new),
        new Verb(p, "send-key", "Types keys on the guest's keyboard.", SendKey::new),
        new Verb(p, "stats", "Shows a machine's figures.", Stats::new),
        new Verb(p, "cpu", "Shows a processor's registers.", Cpu::new),
        new Verb(p, "mem", "Shows guest memory.", Mem::new),
        new Verb(p, "disasm", "Disassembles guest code.", Disasm::new),
        new Verb(p, "save", "Saves a machine with its memory to a file; it is paused then.", Save::new),
        new Verb(p, "restore", "Restores a saved machine; it is paused then.", Restore::new),
        new Verb(p, "save-config", "Writes a machine's definition to the container's folder of machines.", SaveConfig::new),
        new Verb(p, "swap", "Replaces an engine, a translation or a device under a running machine.", Swap::new),
        new Verb(p, "swaps", "Lists the replacements so far, with the time of each phase.", Swaps::new),
        new Verb(p, "engines", "Lists the installed engines.", () -> new ListProviders(Axis.ENGINE)),
        new Verb(p, "vendors", "Lists the installed processor vendors.", () -> new ListProviders(Axis.VENDOR)),
        new Verb(p, "translations", "Lists the installed memory-translation strategies.", () -> new ListProviders(Axis.TRANSLATION)),
        new Verb(p, "devices", "Lists the installed device models.", () -> new ListProviders(Axis.DEVICE)),
        new Verb(p, "loaders", "Lists the installed loaders.", () -> new ListProviders(Axis.LOADER)),
        new Verb(p, "images", "Lists the installed image sources.", () -> new ListProviders(Axis.IMAGE)),
        new Verb(p, "help", "Lists the commands, or explains one.", () -> new Help(all)))
        .forEach(verb -> all.put(verb.name(), verb));
    return all;
  }
}
