package annulus.vendor.intel;

import annulus.vendor.CpuModel;
import annulus.vendor.ProvidesVendor;
import annulus.vendor.VendorProvider;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/** The vendor "intel". */
@Component(service = VendorProvider.class)
@ProvidesVendor(vendor = "intel")
public final class IntelVendor implements VendorProvider {
  @Override public List<CpuModel> models() {
    return IntelModels.ALL;
  }
}
