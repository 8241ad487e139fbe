package annulus.core.provider;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceReference;

/**
 * The installed providers of one axis. A machine selects by name; where two bundles provide one name, the higher service ranking
 * wins. Thread-safe.
 */
public final class ProviderRegistry<T> {
  /** One installed provider. */
  public record Entry<T>(String name, T service, ServiceReference<T> reference) implements Comparable<Entry<T>> {
    /** Symbolic name and version of the providing bundle. */
    public String bundle() {
      Bundle b = reference.getBundle();
      return b == null ? "(gone)" : b.getSymbolicName() + " " + b.getVersion();
    }

    /** A boolean service property. */
    public boolean flag(String property) {
      return Boolean.TRUE.equals(reference.getProperty(property));
    }

    @Override public int compareTo(Entry<T> o) {
      return o.reference.compareTo(reference);
    }
  }

  private final String nameProperty;
  private final List<Entry<T>> entries = new CopyOnWriteArrayList<>();
  private final List<Consumer<String>> came = new CopyOnWriteArrayList<>();
  private final List<Consumer<T>> gone = new CopyOnWriteArrayList<>();

  public ProviderRegistry(String nameProperty) {
    this.nameProperty = nameProperty;
  }

  /** A provider appeared. One without a name cannot be selected and is refused. */
  public void add(T service, ServiceReference<T> reference) {
    if (!(reference.getProperty(nameProperty) instanceof String name) || name.isBlank()) {
      throw new IllegalArgumentException(
          "service of " + reference.getBundle() + " has no property " + nameProperty + " that names it");
    }
    entries.add(new Entry<>(name, service, reference));
    came.forEach(l -> l.accept(name));
  }

  /** A provider disappears; returns once nobody uses it any more. */
  public void remove(T service) {
    entries.removeIf(e -> e.service() == service);
    gone.forEach(l -> l.accept(service));
  }

  /** Calls {@code listener} with the name of every provider that appears from now on. */
  public void onCame(Consumer<String> listener) {
    came.add(listener);
  }

  /** Calls {@code listener} with every provider that is about to disappear. */
  public void onGone(Consumer<T> listener) {
    gone.add(listener);
  }

  /** The provider of this name. */
  public Optional<Entry<T>> find(String name) {
    return entries.stream().filter(e -> e.name().equals(name)).sorted().findFirst();
  }

  /** All of them, by name, the ones in effect first. */
  public List<Entry<T>> all() {
    List<Entry<T>> sorted = new ArrayList<>(entries);
    sorted.sort(java.util.Comparator.comparing((Entry<T> e) -> e.name()).thenComparing(e -> e));
    return sorted;
  }

  /** Names to choose from, for messages. */
  public String names() {
    List<String> names = entries.stream().map(Entry::name).distinct().sorted().toList();
    return names.isEmpty() ? "none is installed" : "installed: " + String.join(", ", names);
  }

  /** The first of each name. */
  public Map<String, Entry<T>> effective() {
    Map<String, Entry<T>> map = new java.util.TreeMap<>();
    all().forEach(e -> map.putIfAbsent(e.name(), e));
    return map;
  }
}
