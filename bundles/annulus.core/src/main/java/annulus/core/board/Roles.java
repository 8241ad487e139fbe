package annulus.core.board;

import annulus.device.Role;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which device of the machine offers which role now. Guarded by the device lock. */
final class Roles {
  private record Offer(String owner, Object implementation) {}

  private final Map<Class<?>, Slot<?>> slots = new HashMap<>();

  private static final class Slot<T> implements Role<T> {
    private final Class<T> type;
    private final List<Offer> offers = new ArrayList<>();
    private List<T> all = List.of();

    Slot(Class<T> type) {
      this.type = type;
    }

    @Override public @Nullable T get() {
      return all.isEmpty() ? null : all.get(0);
    }

    @Override public List<T> all() {
      return all;
    }

    void update() {
      all = offers.stream().map(o -> type.cast(o.implementation())).toList();
    }
  }

  @SuppressWarnings("unchecked") // a slot's type parameter is its key
  <T> Role<T> role(Class<T> type) {
    return (Role<T>) slots.computeIfAbsent(type, Slot::new);
  }

  <T> void provide(String owner, Class<T> type, T implementation) {
    Slot<T> slot = (Slot<T>) role(type);
    slot.offers.add(new Offer(owner, type.cast(implementation)));
    slot.update();
  }

  /** Takes an owner's offers back. @return them by role, for {@link #reattach} */
  Map<Class<?>, Object> withdraw(String owner) {
    Map<Class<?>, Object> withdrawn = new HashMap<>();
    slots.forEach((type, slot) -> {
      slot.offers.stream().filter(o -> o.owner().equals(owner)).forEach(o -> withdrawn.put(type, o.implementation()));
      slot.offers.removeIf(o -> o.owner().equals(owner));
      slot.update();
    });
    return withdrawn;
  }

  void reattach(String owner, Map<Class<?>, Object> withdrawn) {
    withdrawn.forEach((type, implementation) -> {
      Slot<?> slot = (Slot<?>) role(type);
      slot.offers.add(new Offer(owner, implementation));
      slot.update();
    });
  }
}
