package annulus.engine.translator;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** HotSpot says nothing about options for classes that do not exist: this does. */
class CompilerOptionsTest {
  private static final Path DISTRIBUTION = Path.of("../../distributions/felix/src/main/dist");
  private static final Pattern NAME = Pattern.compile("\"[+-]?((?:annulus|java|jdk)/[A-Za-z0-9/$]+)(\\*?)\\.[A-Za-z*]+\"");

  private static List<MatchResult> names() throws IOException {
    return NAME.matcher(Files.readString(DISTRIBUTION.resolve("conf/compiler.json"))).results().toList();
  }

  @Test void everyClassThatTheOptionsNameExists() throws Exception {
    List<MatchResult> names = names();
    assertTrue(names.size() > 20, names.size() + " names");
    for (MatchResult name : names) {
      if (name.group(2).isEmpty()) {
        Class.forName(name.group(1).replace('/', '.'), false, getClass().getClassLoader());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void theOptionsNameTheClassesOfEachForm(Form form) throws IOException {
    String classes = Translator.class.getPackageName().replace('.', '/') + "/" + form.prefix();
    assertTrue(names().stream().anyMatch(n -> n.group(1).equals(classes)), classes);
  }

  @Test void theStartScriptGivesTheTranslatorTheWhiteBoxInterface() throws IOException {
    String script = Files.readString(DISTRIBUTION.resolve("bin/annulus"));
    assertTrue(script.contains("-XX:+WhiteBoxAPI -Xbootclasspath/a:\"$home/lib/annulus.hotspot.jar\""), script);
  }
}
