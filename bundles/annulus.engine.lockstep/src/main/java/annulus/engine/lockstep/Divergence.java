package annulus.engine.lockstep;

/** The engine that follows asked the outside for something else than the one that leads; thrown through the engine. */
final class Divergence extends RuntimeException {
  private static final long serialVersionUID = 1;

  Divergence(String message) {
    super(message, null, false, false);
  }
}
