package annulus.loader;

import annulus.arch.VcpuState;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;

/**
 * What has to be in memory and in the boot processor.
 *
 * @param placements contents of guest memory, not overlapping, all within RAM
 * @param entry state of the boot processor
 * @param description one line for people: what was found and how it is entered
 * @param facts figures and names for people, in order: kernel version, entry point, sizes
 */
public record LoadPlan(List<Placement> placements, VcpuState entry, String description, Map<String, String> facts) {
  public LoadPlan {
    placements = List.copyOf(placements);
    facts = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(facts));
  }

  /**
   * A piece of memory.
   *
   * @param gpa where it goes
   * @param bytes what goes there
   * @param size bytes to fill in all; beyond {@code bytes} they are zero
   */
  public record Placement(String what, long gpa, MemorySegment bytes, long size) {}
}
