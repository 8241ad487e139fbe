package annulus.core.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.osgi.framework.ServiceReference;

class ProviderRegistryTest {
  private final ProviderRegistry<Object> registry = new ProviderRegistry<>("name");

  /** A reference that is compared by its ranking. */
  @SuppressWarnings("unchecked") // a proxy has no type parameters
  private static ServiceReference<Object> reference(Map<String, Object> properties) {
    return (ServiceReference<Object>) Proxy.newProxyInstance(ProviderRegistryTest.class.getClassLoader(),
        new Class<?>[] {ServiceReference.class}, (self, method, arguments) -> switch (method.getName()) {
          case "getProperty" -> properties.get((String) arguments[0]);
          case "compareTo" -> Integer.compare((int) properties.getOrDefault("ranking", 0),
              (int) ((ServiceReference<?>) arguments[0]).getProperty("ranking"));
          case "toString" -> properties.toString();
          default -> null;
        });
  }

  @Test void higherRankingProvidesTheName() {
    registry.add("low", reference(Map.of("name", "x", "ranking", 1)));
    registry.add("high", reference(Map.of("name", "x", "ranking", 5)));
    assertEquals("high", registry.find("x").orElseThrow().service());
    registry.remove("high");
    assertEquals("low", registry.find("x").orElseThrow().service());
  }

  @Test void providerIsOutOfTheRegistryWhenItsUsersHearThatItGoes() {
    List<String> heard = new ArrayList<>();
    registry.onGone(service -> heard.add(service + " gone, " + registry.find("x").isPresent()));
    registry.onCame(name -> heard.add(name + " came, " + registry.find(name).isPresent()));
    registry.add("service", reference(Map.of("name", "x")));
    registry.remove("service");
    assertEquals(List.of("x came, true", "service gone, false"), heard);
  }

  @Test void serviceWithoutNameIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> registry.add("nameless", reference(Map.of("ranking", 1))));
    assertThrows(IllegalArgumentException.class, () -> registry.add("blank", reference(Map.of("name", " "))));
    assertTrue(registry.all().isEmpty());
  }
}
