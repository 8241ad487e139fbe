package annulus.engine.lockstep;

import annulus.engine.Engine;
import annulus.engine.EngineCapability;
import annulus.engine.EngineException;
import annulus.engine.EngineException.Reason;
import annulus.engine.EngineProvider;
import annulus.engine.ProvidesEngine;
import annulus.engine.VcpuContext;
import annulus.memory.translation.TranslationProvider;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/**
 * Provides {@code lockstep}. What it runs comes from the component's configuration ({@code leading}, {@code checked},
 * {@code translation}, {@code step}, {@code log}), or from the system properties below.
 */
@Component(configurationPid = "annulus.engine.lockstep")
@ProvidesEngine(engine = "lockstep")
public final class LockstepProvider implements EngineProvider {
  /** System property: name of the leading engine; {@code interpreter} without it. */
  static final String LEADING = "annulus.lockstep.a";
  /** System property: name of the checked engine; without it {@code translator} where there is one, else {@code interpreter}. */
  static final String CHECKED = "annulus.lockstep.b";
  /** System property: name of the checked engine's translation; {@code direct} without it. */
  static final String TRANSLATION = "annulus.lockstep.translation";
  /** System property: most instructions between two comparisons; 10,000 without it. */
  static final String STEP = "annulus.lockstep.step";
  /** System property: file to which differences are appended in full. */
  static final String LOG = "annulus.lockstep.log";
  private static final String DEFAULT_STEP = "10000";

  private final Map<String, Object> configuration;
  private final Map<String, EngineProvider> engines = new TreeMap<>();
  private final Map<String, TranslationProvider> translations = new TreeMap<>();
  /** What is open, and what it runs. */
  private final Map<LockstepEngine, Settings> open = new HashMap<>();

  /** @param configuration the component's properties */
  @Activate
  public LockstepProvider(Map<String, Object> configuration) {
    this.configuration = configuration;
  }

  @Reference(
      cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, target = "(!(annulus.engine=lockstep))")
  synchronized void bindEngine(EngineProvider service, Map<String, Object> properties) {
    engines.put(String.valueOf(properties.get(EngineProvider.NAME)), service);
  }

  void unbindEngine(EngineProvider service) {
    synchronized (this) {
      engines.values().removeIf(s -> s == service);
      open.forEach((engine, s) -> {
        if (s.leading() == service || s.checked() == service) {
          engine.providerGone(s.leading() == service ? s.leadingName() : s.checkedName());
        }
      });
    }
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
  synchronized void bindTranslation(TranslationProvider service, Map<String, Object> properties) {
    translations.put(String.valueOf(properties.get(TranslationProvider.NAME)), service);
  }

  synchronized void unbindTranslation(TranslationProvider service) {
    translations.values().removeIf(s -> s == service);
    open.forEach((engine, s) -> {
      if (s.translation() == service) {
        engine.providerGone("translation");
      }
    });
  }

  /** Everything but several processors: the copy of memory could not follow them. */
  @Override public Set<EngineCapability> capabilities() {
    return EnumSet.complementOf(EnumSet.of(EngineCapability.MULTIPROCESSOR));
  }

  @Override public synchronized Engine open(VcpuContext context) throws EngineException {
    String leading = setting("leading", LEADING, "interpreter");
    String checked = setting("checked", CHECKED, engines.containsKey("translator") ? "translator" : "interpreter");
    String log = setting("log", LOG, "");
    Settings settings = new Settings(
        leading, require(engines, "engine", leading), checked, require(engines, "engine", checked),
        require(translations, "translation", setting("translation", TRANSLATION, "direct")), step(),
        log.isEmpty() ? Optional.empty() : Optional.of(Path.of(log)));
    LockstepEngine[] made = new LockstepEngine[1];
    made[0] = new LockstepEngine(context, settings, () -> closed(made[0]));
    open.put(made[0], settings);
    return made[0];
  }

  private synchronized void closed(LockstepEngine engine) {
    open.remove(engine);
  }

  private long step() throws EngineException {
    String text = setting("step", STEP, DEFAULT_STEP);
    try {
      long step = Long.parseLong(text);
      if (step >= 1) {
        return step;
      }
    } catch (NumberFormatException e) {
      // the same answer
    }
    throw new EngineException(Reason.UNSUPPORTED, "lockstep compares after at most \"" + text + "\" instructions; 1 or more are needed");
  }

  private String setting(String name, String property, String otherwise) {
    Object configured = configuration.get(name);
    return configured != null ? configured.toString() : System.getProperty(property, otherwise);
  }

  private static <T> T require(Map<String, T> services, String kind, String name) throws EngineException {
    @Nullable T found = services.get(name);
    if (found == null) {
      throw new EngineException(Reason.UNSUPPORTED,
          "lockstep is to run " + kind + " \"" + name + "\", which is not there; there are " + services.keySet());
    }
    return Objects.requireNonNull(found);
  }
}
