package annulus.shell.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Function;
import org.junit.jupiter.api.Test;

/** What a Gogo session finds in its variables. */
class SessionSetupTest {
  private final Session session = new Session();
  private final AtomicInteger stops = new AtomicInteger();
  private final Map<String, Object> variables = new HashMap<>(Map.of(".completions", new HashMap<>()));
  private final CommandSession gogo = (CommandSession) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {CommandSession.class},
      (proxy, method, arguments) -> switch (method.getName()) {
        case "get" -> variables.get(arguments[0]);
        case "put" -> arguments[1] == null ? variables.remove(arguments[0]) : variables.put((String) arguments[0], arguments[1]);
        case "hashCode" -> 1;
        case "equals" -> proxy == arguments[0];
        default -> throw new AssertionError(method.getName());
      });
  private final SessionSetup setup = new SessionSetup(session.verbs, session.completion, stops::incrementAndGet);

  @Test void exitNeedsNoNumber() throws Exception {
    setup.beforeExecute(gogo, "");
    assertInstanceOf(Function.class, variables.get("exit")).execute(gogo, List.of());
    assertEquals(1, stops.get());
  }

  @Test void nothingIsLeftInASessionThatOutlivesTheCommands() {
    setup.beforeExecute(gogo, "");
    setup.undo();
    assertNull(variables.get("exit"));
    assertEquals(Map.of(".completions", Map.of()), variables);
  }
}
