package annulus.memory.direct;

import annulus.memory.GuestMemory;
import annulus.memory.translation.ProvidesTranslation;
import annulus.memory.translation.Translation;
import annulus.memory.translation.TranslationProvider;
import org.osgi.service.component.annotations.Component;

/** Provides {@code direct}: guest-virtual to guest-physical by the guest's tables, guest-physical to host by the memory's table. */
@Component
@ProvidesTranslation(translation = "direct")
public final class DirectTranslationProvider implements TranslationProvider {
  @Override public Translation open(GuestMemory memory, int physicalBits) {
    return new DirectTranslation(memory, physicalBits);
  }
}
