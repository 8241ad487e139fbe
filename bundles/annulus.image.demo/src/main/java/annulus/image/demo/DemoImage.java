package annulus.image.demo;

import annulus.loader.GuestImage;
import annulus.loader.ImageSource;
import annulus.loader.ProvidesImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Provides the embedded guest by the name {@code demo}. */
@Component
@ProvidesImage(image = "demo")
public final class DemoImage implements ImageSource {
  private static final String RESOURCE = "demo.bin";

  private final Path file;

  /** The image is copied to the bundle's own storage, because a loader reads files. */
  @Activate
  public DemoImage(BundleContext context) throws IOException {
    file = context.getDataFile(RESOURCE).toPath();
    try (InputStream in = DemoImage.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IOException("the bundle has no " + RESOURCE);
      }
      Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  @Override public String description() {
    return "the embedded guest: long mode, ring-3 tasks, timer, system calls, traps";
  }

  @Override public GuestImage resolve(Map<String, String> options, Progress progress) throws IOException {
    for (Map.Entry<String, String> o : options.entrySet()) {
      throw new IOException("unknown option " + o.getKey() + " = " + o.getValue() + "; the image demo has none");
    }
    return new GuestImage(file, List.of(), "multiboot", "", Map.of());
  }
}
