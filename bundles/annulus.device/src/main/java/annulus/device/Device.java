package annulus.device;

import annulus.arch.DeviceState;
import annulus.arch.StateException;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A device of one machine. Every method, region access and timer expiry of a machine's devices runs under that machine's device
 * lock: a device needs no locking of its own, and must never block.
 *
 * <p>Lifecycle: created, then {@code restore} or nothing, then {@code start}. {@code pause} and {@code resume} bracket every
 * hold: virtual processors pause before devices and resume after them, and the machine's clock stands still in between, so that
 * no timer fires. A paused device accepts input from outside (a typed character) and produces none: no interrupt, no DMA, no
 * output. {@code export} is legal only while paused, or before start. {@code halt} is final and releases host resources.
 */
@ConsumerType
public interface Device {
  void start();

  void pause();

  void resume();

  /** Returns to the state after power-on, as the reset line does; regions and lines stay claimed. */
  void reset();

  void halt();

  /** The complete state: a new device given it by {@link #restore} goes on as if nothing had happened. */
  DeviceState export();

  /** Takes over a state before start. @throws StateException when it is not of this model, too new, or out of range; nothing has changed then */
  void restore(DeviceState state) throws StateException;
}
