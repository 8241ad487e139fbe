package annulus.machine;

import org.osgi.annotation.versioning.ProviderType;

/** The outside end of one of a guest's character lines. Keeps what the guest wrote last (64 KiB) as scrollback. Thread-safe. */
@ProviderType
public interface Console {
  String id();

  /** Types bytes into the guest; they queue until it takes them. */
  void write(byte[] bytes);

  /** The last bytes the guest wrote. */
  byte[] scrollback();

  /**
   * Attaches a reader, first giving it the scrollback when {@code replay}. Its {@code output} is called in order, never
   * concurrently, on a thread that may wait; when it falls more than 1 MiB behind, the oldest bytes are dropped and counted.
   */
  AutoCloseable attach(Output output, boolean replay);

  /** Receives what the guest writes. */
  interface Output {
    void output(byte[] bytes, int offset, int length);
  }
}
