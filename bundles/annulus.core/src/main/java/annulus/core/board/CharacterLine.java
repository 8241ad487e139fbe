package annulus.core.board;

import annulus.machine.Console;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/**
 * A character line between a device and the outside. The device's side never waits; each reader outside has a queue and a thread
 * of its own, so that a slow terminal delays neither the guest nor another reader.
 */
public final class CharacterLine implements Console {
  private static final System.Logger LOG = System.getLogger(CharacterLine.class.getName());
  private static final int SCROLLBACK = 64 << 10;
  private static final int INPUT_LIMIT = 1 << 20;
  private static final int BACKLOG = 1 << 20;

  private final String id;
  private final DeviceLock lock;
  private final byte[] scrollback = new byte[SCROLLBACK];
  private long written;
  private final ArrayDeque<Byte> input = new ArrayDeque<>();
  private final Map<String, List<Runnable>> listeners = new LinkedHashMap<>();
  private final List<Reader> readers = new CopyOnWriteArrayList<>();

  CharacterLine(String id, DeviceLock lock) {
    this.id = id;
    this.lock = lock;
  }

  // ---- the device's side, under the device lock ------------------------------------------------------------------------------

  void send(int value) {
    synchronized (scrollback) {
      scrollback[(int) (written++ % SCROLLBACK)] = (byte) value;
      for (Reader r : readers) {
        r.add((byte) value);
      }
    }
  }

  boolean available() {
    return !input.isEmpty();
  }

  int receive() {
    Byte b = input.poll();
    return b == null ? -1 : b & 0xFF;
  }

  void onInput(String owner, Runnable listener) {
    listeners.computeIfAbsent(owner, k -> new ArrayList<>()).add(listener);
  }

  /** Forgets a device's listeners. @return them, for {@link #reattach} */
  List<Runnable> withdraw(String owner) {
    List<Runnable> its = listeners.remove(owner);
    return its == null ? List.of() : its;
  }

  void reattach(String owner, List<Runnable> its) {
    if (!its.isEmpty()) {
      listeners.put(owner, new ArrayList<>(its));
    }
  }

  /** Input that the guest has not taken yet, for a snapshot. */
  byte[] pendingInput() {
    byte[] bytes = new byte[input.size()];
    int i = 0;
    for (byte b : input) {
      bytes[i++] = b;
    }
    return bytes;
  }

  // ---- the outside -----------------------------------------------------------------------------------------------------------

  @Override public String id() {
    return id;
  }

  @Override public void write(byte[] bytes) {
    lock.lock();
    try {
      for (byte b : bytes) {
        if (input.size() < INPUT_LIMIT) {
          input.add(b);
        }
      }
      listeners.values().forEach(l -> l.forEach(Runnable::run));
    } finally {
      lock.unlock();
    }
  }

  @Override public byte[] scrollback() {
    synchronized (scrollback) {
      int n = (int) Math.min(written, SCROLLBACK);
      byte[] out = new byte[n];
      for (int i = 0; i < n; i++) {
        out[i] = scrollback[(int) ((written - n + i) % SCROLLBACK)];
      }
      return out;
    }
  }

  /** Puts earlier output back, after a restore. */
  void replay(byte[] earlier) {
    synchronized (scrollback) {
      for (byte b : earlier) {
        scrollback[(int) (written++ % SCROLLBACK)] = b;
      }
    }
  }

  @Override public AutoCloseable attach(Output output, boolean replay) {
    synchronized (scrollback) {
      Reader reader = new Reader(output, replay ? scrollback() : new byte[0]);
      readers.add(reader);
      return reader;
    }
  }

  /** Waits until every reader has had everything written so far, at most {@code millis}. */
  public void drain(long millis) throws InterruptedException {
    long end = System.nanoTime() + millis * 1_000_000;
    for (Reader r : readers) {
      while (r.behind() && System.nanoTime() < end) {
        Thread.sleep(1);
      }
    }
  }

  private final class Reader implements AutoCloseable {
    private final Output output;
    private byte[] queue;
    private int count;
    private long dropped;
    private boolean busy;
    private volatile boolean closed;
    private final Thread thread;

    Reader(Output output, byte[] first) {
      this.output = output;
      queue = java.util.Arrays.copyOf(first, Math.max(4096, first.length));
      count = first.length;
      thread = Thread.ofVirtual().name("annulus-" + id).start(this::run);
    }

    synchronized void add(byte b) {
      if (count == queue.length) {
        if (count >= BACKLOG) {
          System.arraycopy(queue, BACKLOG / 2, queue, 0, count - BACKLOG / 2);
          count -= BACKLOG / 2;
          dropped += BACKLOG / 2;
        } else {
          queue = java.util.Arrays.copyOf(queue, count * 2);
        }
      }
      queue[count++] = b;
      if (count == 1) {
        LockSupport.unpark(thread);
      }
    }

    synchronized boolean behind() {
      return !closed && (count > 0 || busy);
    }

    private synchronized byte[] take() {
      byte[] out = java.util.Arrays.copyOf(queue, count);
      count = 0;
      busy = out.length > 0;
      if (dropped > 0 && busy) {
        byte[] note = ("\r\n[" + dropped + " bytes lost: the reader was too slow]\r\n").getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        dropped = 0;
        byte[] both = java.util.Arrays.copyOf(note, note.length + out.length);
        System.arraycopy(out, 0, both, note.length, out.length);
        return both;
      }
      return out;
    }

    private void run() {
      while (!closed) {
        byte[] bytes = take();
        if (bytes.length > 0) {
          deliver(bytes);
        } else {
          LockSupport.park(this);
        }
      }
    }

    /** A reader that throws is gone: it must not keep the machine waiting, nor its backlog in memory. */
    private void deliver(byte[] bytes) {
      try {
        output.output(bytes, 0, bytes.length);
      } catch (RuntimeException | Error e) {
        LOG.log(System.Logger.Level.WARNING, "a reader of " + id + " failed and is detached", e);
        close();
      }
    }

    @Override public void close() {
      closed = true;
      readers.remove(this);
      LockSupport.unpark(thread);
    }
  }
}
