package annulus.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.framework.wiring.BundleWire;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.test.common.annotation.InjectBundleContext;
import org.osgi.test.junit5.context.BundleContextExtension;

/** The layers as the container has wired them. */
@ExtendWith(BundleContextExtension.class)
class LayerRuleIT {
  @InjectBundleContext BundleContext context;

  @Test
  void everyBundleIsResolved() {
    for (Bundle bundle : context.getBundles()) {
      assertNotNull(bundle.adapt(BundleWiring.class), () -> bundle + " is not resolved");
    }
  }

  @Test
  void everyBundleHasALayer() {
    assertEquals(List.of(), ours().map(Bundle::getSymbolicName).filter(name -> !Layers.contains(name)).toList());
  }

  @Test
  void importsGoDownwardOnly() {
    assertEquals(List.of(), ours()
        .flatMap(bundle -> bundle.adapt(BundleWiring.class).getRequiredWires(PackageNamespace.PACKAGE_NAMESPACE).stream())
        .filter(wire -> isOurs(wire.getProvider().getSymbolicName()))
        .filter(wire -> !Layers.allows(wire.getRequirer().getSymbolicName(), wire.getProvider().getSymbolicName()))
        .map(LayerRuleIT::describe).toList());
  }

  @Test
  void providersExportNothing() {
    assertEquals(List.of(), ours()
        .filter(bundle -> Layers.exportsNothing(bundle.getSymbolicName()))
        .flatMap(bundle -> bundle.adapt(BundleWiring.class).getCapabilities(PackageNamespace.PACKAGE_NAMESPACE).stream())
        .map(export -> export.getRevision().getSymbolicName() + " exports " + export.getAttributes().get(PackageNamespace.PACKAGE_NAMESPACE)).toList());
  }

  private static String describe(BundleWire wire) {
    return wire.getRequirer().getSymbolicName() + " imports " + wire.getCapability().getAttributes().get(PackageNamespace.PACKAGE_NAMESPACE)
        + " of " + wire.getProvider().getSymbolicName();
  }

  private Stream<Bundle> ours() {
    return Stream.of(context.getBundles()).filter(bundle -> isOurs(bundle.getSymbolicName()));
  }

  /** The tests themselves, annulus.it, stand outside. */
  private static boolean isOurs(String name) {
    return name.startsWith("annulus.") && !name.equals("annulus.it");
  }
}
