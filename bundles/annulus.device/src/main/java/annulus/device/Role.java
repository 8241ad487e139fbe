package annulus.device;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

/** Devices of the machine that offer a role now; follows replacements. Use under the device lock. */
@ProviderType
public interface Role<T> {
  /** The first one, or null where no device offers the role. */
  @Nullable T get();

  /** All of them. */
  List<T> all();
}
