package annulus.tck.device;

import annulus.device.CharacterPort;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Both ends of a character stream of {@link FakeMachine}. */
public final class FakeCharacters implements CharacterPort {
  /** Everything the device sent. */
  public final StringBuilder sent = new StringBuilder();

  private final ArrayDeque<Integer> waiting = new ArrayDeque<>();
  private final List<Runnable> listeners = new ArrayList<>();
  private final String id;
  private final Consumer<String> log;

  FakeCharacters(String id, Consumer<String> log) {
    this.id = id;
    this.log = log;
  }

  /** A byte arrives from outside. */
  public void type(int value) {
    waiting.add(value);
    List.copyOf(listeners).forEach(Runnable::run);
  }

  /** Bytes arrive from outside. */
  public void type(String text) {
    text.chars().forEach(this::type);
  }

  @Override public void send(int value) {
    sent.append((char) value);
    log.accept("send " + id + " " + Integer.toHexString(value));
  }

  @Override public boolean available() {
    return !waiting.isEmpty();
  }

  @Override public int receive() {
    Integer next = waiting.poll();
    return next == null ? -1 : next;
  }

  @Override public void onInput(Runnable listener) {
    listeners.add(listener);
  }
}
