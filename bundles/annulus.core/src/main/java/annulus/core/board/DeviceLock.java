package annulus.core.board;

import java.util.concurrent.locks.ReentrantLock;

/**
 * The device lock of one machine: all device code of the machine runs under it. Exits are off the hot path, and one lock spares
 * every device model its own locking and all of them the deadlocks between chips that call each other. Remembers which virtual
 * processor is accessing.
 */
public final class DeviceLock {
  private final ReentrantLock lock = new ReentrantLock();
  private int vcpu = -1;

  public void lock() {
    lock.lock();
  }

  /** Takes the lock for an access of processor {@code index}. */
  void lock(int index) {
    lock.lock();
    vcpu = index;
  }

  public void unlock() {
    vcpu = -1;
    lock.unlock();
  }

  /** The processor whose access is being served, or -1. */
  int currentVcpu() {
    return vcpu;
  }

  /** Refuses callers that do not hold the lock: a device used its context from a thread of its own. */
  void check() {
    if (!lock.isHeldByCurrentThread()) {
      throw new IllegalStateException("device context used without the device lock");
    }
  }
}
