package annulus.engine.lockstep;

import annulus.engine.EngineProvider;
import annulus.memory.translation.TranslationProvider;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a lockstep engine is opened with.
 *
 * @param translation of the checked engine; the leading one uses the machine's
 * @param step most instructions between two comparisons
 * @param log where reports are appended in full
 */
record Settings(
    String leadingName, EngineProvider leading, String checkedName, EngineProvider checked, TranslationProvider translation, long step,
    Optional<Path> log) {}
