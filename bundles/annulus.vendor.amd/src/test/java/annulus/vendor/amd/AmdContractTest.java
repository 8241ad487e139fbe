package annulus.vendor.amd;

import annulus.tck.vendor.VendorContract;
import annulus.vendor.VendorProvider;

class AmdContractTest extends VendorContract {
  @Override protected VendorProvider provider() {
    return new AmdVendor();
  }
}
