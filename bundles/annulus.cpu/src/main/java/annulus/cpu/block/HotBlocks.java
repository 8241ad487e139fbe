package annulus.cpu.block;

import java.util.Map;

/** The faster tier of an engine: hears which blocks of one processor are hot and puts {@link Region}s in their place. */
public interface HotBlocks {
  /** Executions after which a block is hot. */
  int heat();

  /**
   * {@code b}, which begins at the linear address {@code linear}, has become hot. On the processor's thread; must not take long.
   *
   * @return executions after which to call again, if it has no region by then
   */
  int hot(Block b, long linear);

  /**
   * The region of {@code b}, which begins at {@code linear}, has run as many instructions as it wanted to be told of
   * ({@link Region#heat}), or is left too often. On the processor's thread; must not take long.
   *
   * @param stackPointer RSP when {@code b} was come to
   */
  void grow(Block b, long linear, long stackPointer);

  /**
   * On the processor's thread, between blocks, after {@link annulus.engine.PendingEvents#ENGINE} was raised: time to publish.
   *
   * @return whether regions have taken the place of others
   */
  boolean settle();

  /** Adds figures for people. From any thread. */
  void count(Map<String, Long> counters);

  /** The engine closes. */
  void close();
}
