package annulus.it.harness;

import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.engine.JupiterTestEngine;
import org.junit.platform.engine.ConfigurationParameters;
import org.junit.platform.engine.DiscoveryFilter;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.EngineDiscoveryListener;
import org.junit.platform.engine.EngineDiscoveryRequest;
import org.junit.platform.engine.ExecutionRequest;
import org.junit.platform.engine.OutputDirectoryCreator;
import org.junit.platform.engine.TestDescriptor;
import org.junit.platform.engine.TestEngine;
import org.junit.platform.engine.UniqueId;
import org.junit.platform.engine.discovery.ClassSelector;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.engine.discovery.MethodSelector;

/** The Jupiter engine with the tests' classes taken from the test bundle inside Felix instead of the class path. */
public final class FelixTestEngine implements TestEngine {
  private final JupiterTestEngine jupiter = new JupiterTestEngine();

  @Override
  public String getId() {
    return "felix-jupiter";
  }

  @Override
  public TestDescriptor discover(EngineDiscoveryRequest request, UniqueId id) {
    return inBundle(() -> jupiter.discover(new InBundle(request), id));
  }

  @Override
  public void execute(ExecutionRequest request) {
    inBundle(() -> {
      jupiter.execute(request);
      return this;
    });
  }

  private static <R> R inBundle(Supplier<R> action) {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(FelixContainer.get().loader());
    try {
      return action.get();
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  /** The same request for the classes inside the container. */
  private record InBundle(EngineDiscoveryRequest outside) implements EngineDiscoveryRequest {
    @Override
    @SuppressWarnings("unchecked")
    public <T extends DiscoverySelector> List<T> getSelectorsByType(Class<T> type) {
      return outside.getSelectorsByType(type).stream().map(selector -> (T) inside(selector)).toList();
    }

    private static DiscoverySelector inside(DiscoverySelector selector) {
      FelixContainer felix = FelixContainer.get();
      return switch (selector) {
        case ClassSelector c -> DiscoverySelectors.selectClass(felix.load(c.getClassName()));
        case MethodSelector m ->
            DiscoverySelectors.selectMethod(felix.load(m.getClassName()), m.getMethodName(), m.getParameterTypeNames());
        default -> selector;
      };
    }

    @Override
    public <T extends DiscoveryFilter<?>> List<T> getFiltersByType(Class<T> type) {
      return outside.getFiltersByType(type);
    }

    @Override
    public ConfigurationParameters getConfigurationParameters() {
      return outside.getConfigurationParameters();
    }

    @Override
    public EngineDiscoveryListener getDiscoveryListener() {
      return outside.getDiscoveryListener();
    }

    @Override
    public OutputDirectoryCreator getOutputDirectoryCreator() {
      return outside.getOutputDirectoryCreator();
    }
  }
}
