package annulus.engine.interpreter;

import annulus.engine.EngineProvider;
import annulus.memory.direct.DirectTranslationProvider;
import annulus.memory.translation.TranslationProvider;
import annulus.tck.engine.EngineContract;
import annulus.vendor.CpuModel;
import annulus.vendor.intel.IntelVendor;

class InterpreterContractTest extends EngineContract {
  @Override protected EngineProvider provider() {
    return new InterpreterProvider();
  }

  @Override protected CpuModel model() {
    return new IntelVendor().models().get(0);
  }

  @Override protected TranslationProvider translations() {
    return new DirectTranslationProvider();
  }
}
