package annulus.engine.translator;

import annulus.engine.EngineProvider;
import annulus.memory.direct.DirectTranslationProvider;
import annulus.memory.translation.TranslationProvider;
import annulus.tck.engine.EngineContract;
import annulus.vendor.CpuModel;
import annulus.vendor.intel.IntelVendor;

class TranslatorContractTest extends EngineContract {
  @Override protected EngineProvider provider() {
    return new TranslatorProvider();
  }

  @Override protected CpuModel model() {
    return new IntelVendor().models().get(0);
  }

  @Override protected TranslationProvider translations() {
    return new DirectTranslationProvider();
  }
}
