package annulus.device;

import org.osgi.annotation.versioning.ProviderType;

/** A device's end of a character stream; the other end is a console, a file or a test. Never blocks. */
@ProviderType
public interface CharacterPort {
  /** Sends a byte outwards. */
  void send(int value);

  /** Whether a byte from outside is waiting. */
  boolean available();

  /** Takes the next byte from outside, 0-255, or -1 when none is waiting. */
  int receive();

  /** Calls {@code listener} under the device lock whenever input arrives. */
  void onInput(Runnable listener);
}
