package annulus.shell.command;

import annulus.machine.MachineSpec;
import annulus.vendor.CpuModel;
import annulus.vendor.VendorProvider;
import java.util.Collection;
import java.util.Optional;
import java.util.function.Function;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;

/** Finds processor models in the service registry at the time they are asked for. */
record Models(BundleContext context) implements Function<MachineSpec, Optional<CpuModel>> {
  @Override public Optional<CpuModel> apply(MachineSpec spec) {
    Collection<ServiceReference<VendorProvider>> vendors;
    try {
      vendors = context.getServiceReferences(VendorProvider.class, null);
    } catch (InvalidSyntaxException e) {
      throw new IllegalStateException("no filter was given", e);
    }
    for (ServiceReference<VendorProvider> reference : vendors) {
      VendorProvider vendor = spec.vendor().equals(reference.getProperty(VendorProvider.NAME)) ? context.getService(reference) : null;
      if (vendor != null) {
        Optional<CpuModel> model = vendor.models().stream()
            .filter(m -> spec.model().isEmpty() || m.name().equals(spec.model())).findFirst();
        context.ungetService(reference);
        return model;
      }
    }
    return Optional.empty();
  }
}
