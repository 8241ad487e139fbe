package annulus.engine;

import java.security.SecureRandom;

/** The host's random numbers, shared by all processors. */
final class HostRandom {
  private static final SecureRandom SOURCE = new SecureRandom();

  private HostRandom() {}

  static long next() {
    return SOURCE.nextLong();
  }
}
