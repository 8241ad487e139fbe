package annulus.vendor.intel;

import annulus.tck.vendor.VendorContract;
import annulus.vendor.VendorProvider;

class IntelContractTest extends VendorContract {
  @Override protected VendorProvider provider() {
    return new IntelVendor();
  }
}
