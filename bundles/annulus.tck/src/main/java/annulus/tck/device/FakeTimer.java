package annulus.tck.device;

import annulus.device.DeviceTimer;

/** A timer of {@link FakeMachine}. */
final class FakeTimer implements DeviceTimer {
  boolean armed;
  long deadline;
  private final Runnable expiry;

  FakeTimer(Runnable expiry) {
    this.expiry = expiry;
  }

  @Override public void at(long nanos) {
    deadline = nanos;
    armed = true;
  }

  @Override public void cancel() {
    armed = false;
  }

  void fire() {
    armed = false;
    expiry.run();
  }
}
