package annulus.machine;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a machine is made of.
 *
 * @param name 1 to 64 letters, digits, dots, dashes and underscores
 * @param memory RAM in bytes, a multiple of 1 MiB, 1 MiB to 64 GiB
 * @param processors virtual processors, 1 to 64
 * @param engine name of the engine
 * @param vendor name of the processor vendor
 * @param model name of the vendor's CPU model, or empty for its default
 * @param translation name of the translation strategy
 * @param image image source to boot from ({@code demo}, {@code linux}), or empty where {@code kernel} is given
 * @param kernel kernel file, or null
 * @param modules initial RAM disk or Multiboot modules
 * @param commandLine the guest's command line, or null for the image's default
 * @param loader name of a loader, or empty to let them probe
 * @param loaderOptions options for it
 * @param devices devices beyond the platform's: name to model; a platform device's name with model {@code none} leaves it out
 * @param deviceOptions options by device name
 * @param onReset what happens when the guest resets: restart or stop
 * @param autostart started as soon as it is defined
 */
public record MachineSpec(
    String name, long memory, int processors, String engine, String vendor, String model, String translation, String image,
    @Nullable Path kernel, List<Path> modules, @Nullable String commandLine, String loader, Map<String, String> loaderOptions,
    Map<String, String> devices, Map<String, Map<String, String>> deviceOptions, OnReset onReset, boolean autostart) {
  public MachineSpec {
    modules = List.copyOf(modules);
    loaderOptions = Map.copyOf(loaderOptions);
    devices = Map.copyOf(devices);
    deviceOptions = Map.copyOf(deviceOptions);
  }

  /** What a guest's reset does. */
  public enum OnReset { RESTART, STOP }

  /** A specification with every default, to be changed by the {@code with} methods. */
  public static MachineSpec named(String name) {
    return new MachineSpec(name, 256L << 20, 1, "translator", "intel", "", "direct", "", null, List.of(), null, "", Map.of(),
        Map.of(), Map.of(), OnReset.RESTART, false);
  }
}
