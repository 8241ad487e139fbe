package annulus.vendor.amd;

import annulus.vendor.CpuModel;
import annulus.vendor.ProvidesVendor;
import annulus.vendor.VendorProvider;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/** The vendor "amd". */
@Component(service = VendorProvider.class)
@ProvidesVendor(vendor = "amd")
public final class AmdVendor implements VendorProvider {
  @Override public List<CpuModel> models() {
    return AmdModels.ALL;
  }
}
