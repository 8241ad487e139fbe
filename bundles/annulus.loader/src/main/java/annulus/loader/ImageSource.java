package annulus.loader;

import java.io.IOException;
import java.util.Map;
import org.osgi.annotation.versioning.ConsumerType;

/** Provides a guest by a name a user can type, without files of their own: an embedded one, or a distribution's kernel. */
@ConsumerType
public interface ImageSource {
  /** Service property: the name, for instance {@code linux}. */
  String NAME = "annulus.image";

  /** Told how far a long step is. */
  interface Progress {
    /** @param done 0 to {@code total}, in bytes or steps; total 0 where unknown */
    void step(String what, long done, long total);
  }

  /** One line for people. */
  String description();

  /**
   * Makes the guest available, fetching what is missing into a cache.
   *
   * @param options source-specific settings; an unknown one is an error
   * @throws IOException with a message that says what is missing and what to do
   */
  GuestImage resolve(Map<String, String> options, Progress progress) throws IOException;
}
