package annulus.memory.direct;

import annulus.memory.translation.TranslationProvider;
import annulus.tck.translation.TranslationContract;

class DirectContractTest extends TranslationContract {
  @Override protected TranslationProvider provider() {
    return new DirectTranslationProvider();
  }
}
