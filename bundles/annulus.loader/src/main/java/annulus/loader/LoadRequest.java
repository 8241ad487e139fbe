package annulus.loader;

import annulus.memory.GuestMemory;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;

/**
 * What a user wants started.
 *
 * @param name the image's name, for messages
 * @param image its bytes, read-only
 * @param modules initial RAM disk or Multiboot modules, in order
 * @param commandLine the guest's command line, possibly empty
 * @param options loader-specific settings, for instance {@code address=0x100000} and {@code mode=real} for a raw image; an
 *     unknown one is an error
 * @param memory RAM and ROM ranges of the machine in ascending order
 * @param reserved ranges of RAM that hold firmware tables and must neither be used nor reported as free
 * @param rootPointer guest-physical address of the ACPI root pointer, or 0 where the machine has no tables
 */
public record LoadRequest(
    String name, MemorySegment image, List<Module> modules, String commandLine, Map<String, String> options,
    List<GuestMemory.Range> memory, List<GuestMemory.Range> reserved, long rootPointer) {
  public LoadRequest {
    modules = List.copyOf(modules);
    options = Map.copyOf(options);
    memory = List.copyOf(memory);
    reserved = List.copyOf(reserved);
  }

  /** A further file. @param arguments what the user wrote behind its name */
  public record Module(String name, MemorySegment bytes, String arguments) {}
}
