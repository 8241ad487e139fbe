package annulus.it.harness;

import static org.ops4j.pax.exam.CoreOptions.bundle;
import static org.ops4j.pax.exam.CoreOptions.cleanCaches;
import static org.ops4j.pax.exam.CoreOptions.frameworkProperty;
import static org.ops4j.pax.exam.CoreOptions.frameworkStartLevel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.StringJoiner;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.nat.internal.NativeTestContainer;
import org.ops4j.pax.exam.spi.DefaultExamSystem;
import org.ops4j.pax.exam.spi.PaxExamRuntime;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.wiring.BundleWiring;

/**
 * One Felix per test JVM with the bundles of the distribution, less FileInstall: tests say themselves what comes and goes.
 *
 * <p>The system property {@code annulus.it.distribution} names the unpacked distribution, {@code annulus.it.bundle} the
 * directory of the tests' classes with their manifest. JUnit and osgi-test stay on the class path and reach the test bundle
 * as packages of the system bundle, so that both sides of the engine share their classes.
 */
final class FelixContainer {
  private static @Nullable FelixContainer instance;

  private final NativeTestContainer felix;
  private final Bundle tests;

  /** The container, which the first call starts. */
  static synchronized FelixContainer get() {
    if (instance == null) {
      try {
        instance = new FelixContainer();
      } catch (IOException | BundleException e) {
        throw new IllegalStateException("The container did not start", e);
      }
    }
    return instance;
  }

  static synchronized void stop() {
    if (instance != null) {
      instance.felix.stop();
      instance = null;
    }
  }

  private FelixContainer() throws IOException, BundleException {
    List<Option> options = new ArrayList<>();
    options.add(cleanCaches());
    options.add(frameworkStartLevel(1));
    options.add(frameworkProperty("org.osgi.framework.system.packages.extra").value(sharedPackages()));
    for (Path jar : bundles()) {
      options.add(bundle(jar.toUri().toString()).startLevel(1));
    }
    felix = (NativeTestContainer) PaxExamRuntime.createContainer(DefaultExamSystem.create(options.toArray(Option[]::new)));
    felix.start();
    tests = felix.getSystemBundle().getBundleContext().installBundle("reference:" + directory("annulus.it.bundle").toUri());
    tests.start();
  }

  /** A test class as the test bundle loads it. */
  Class<?> load(String name) {
    try {
      return tests.loadClass(name);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException("Not in the test bundle: " + name, e);
    }
  }

  ClassLoader loader() {
    return tests.adapt(BundleWiring.class).getClassLoader();
  }

  private static List<Path> bundles() throws IOException {
    try (Stream<Path> jars = Files.list(directory("annulus.it.distribution").resolve("bundle"))) {
      return jars.filter(jar -> !jar.getFileName().toString().contains("fileinstall")).sorted().toList();
    }
  }

  private static Path directory(String property) {
    return Path.of(Objects.requireNonNull(System.getProperty(property), property));
  }

  /** The Export-Package headers of the test libraries, and JLine as the start script offers it. */
  private static String sharedPackages() throws IOException {
    StringJoiner packages = new StringJoiner(",");
    for (URL manifest : Collections.list(FelixContainer.class.getClassLoader().getResources("META-INF/MANIFEST.MF"))) {
      try (var in = manifest.openStream()) {
        var headers = new Manifest(in).getMainAttributes();
        String name = headers.getValue("Bundle-SymbolicName");
        String exports = headers.getValue("Export-Package");
        if (name != null && exports != null
            && Stream.of("junit-", "org.opentest4j", "org.osgi.test", "org.apiguardian", "org.jline").anyMatch(name::startsWith)) {
          packages.add(exports);
        }
      } catch (IOException e) {
        throw new UncheckedIOException("Unreadable manifest " + manifest, e);
      }
    }
    return packages.toString();
  }
}
