package annulus.it;

import annulus.arch.DeviceState;
import annulus.arch.StateException;
import annulus.arch.StateReader;
import annulus.arch.StateWriter;
import annulus.device.Device;
import annulus.device.DeviceContext;
import annulus.device.DeviceException;
import annulus.device.DeviceFactory;
import annulus.device.MmioRegion;
import java.util.Hashtable;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.ServiceRegistration;

/**
 * A device model, {@code turnstile}, every access to which counts, as {@code turnstile.asm} describes, and can be made to last: the
 * one thing that a device must not do, done here to have an access pending at a known moment.
 */
final class Turnstile implements DeviceFactory, AutoCloseable {
  static final String MODEL = "turnstile";
  private static final String SCHEMA = "annulus.it.turnstile";
  private static final long AT = 0xFE000000L;
  private static final int PAGE = 0x1000;
  /** Numbers that the guest takes and gives back at a time. */
  private static final int MANY = 8;
  private static final long LIMIT_SECONDS = 30;

  /** Numbers given back in a wrong order, and accesses that no guest of ours makes. */
  private final AtomicInteger wrong = new AtomicInteger();
  private final ServiceRegistration<DeviceFactory> registration;
  private volatile @Nullable Visit visit;

  Turnstile() {
    registration = Services.context().registerService(DeviceFactory.class, this, new Hashtable<>(Map.of(DeviceFactory.MODEL, MODEL)));
  }

  /** An access that lasts. */
  static final class Visit {
    private final AtomicInteger before;
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch over = new CountDownLatch(1);

    private Visit(int before) {
      this.before = new AtomicInteger(before);
    }

    /** Waits until the guest is in it. */
    void await() throws InterruptedException {
      if (!begun.await(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        throw new AssertionError("the guest has made no access for " + LIMIT_SECONDS + " s");
      }
    }

    void end() {
      over.countDown();
    }
  }

  /** Makes an access last, that after {@code before} others, until its end is asked for. */
  Visit expect(int before) {
    Visit v = new Visit(before);
    visit = v;
    return v;
  }

  int wrong() {
    return wrong.get();
  }

  @Override public void close() {
    registration.unregister();
  }

  private void access() {
    Visit v = visit;
    if (v != null && v.before.getAndDecrement() == 0) {
      visit = null;
      v.begun.countDown();
      try {
        if (!v.over.await(LIMIT_SECONDS, TimeUnit.SECONDS)) {
          throw new IllegalStateException("nobody ended the access");
        }
      } catch (InterruptedException e) {
        throw new IllegalStateException("an access was interrupted", e);
      }
    }
  }

  @Override public Device create(DeviceContext context, Map<String, String> options) throws DeviceException {
    Registers device = new Registers();
    context.mmio(AT, 3 * PAGE, device);
    return device;
  }

  private final class Registers implements Device, MmioRegion {
    private int next;
    private int cell;
    /** The last number given back. */
    private int returned;
    /** How many were given back since the guest began to. */
    private int place;

    @Override public long read(long offset, int size) {
      access();
      return switch ((int) offset / PAGE) {
        case 0 -> next++;
        case 1 -> cell;
        default -> wrong.incrementAndGet();
      };
    }

    @Override public void write(long offset, int size, long value) {
      access();
      switch ((int) offset / PAGE) {
        case 1 -> cell = (int) value;
        case 2 -> {
          boolean inOrder = place == 0 || (int) value == returned + 1;
          if (!inOrder || offset != 2 * PAGE + 4L * place) {
            wrong.incrementAndGet();
          }
          returned = (int) value;
          place = (place + 1) % MANY;
        }
        default -> wrong.incrementAndGet();
      }
    }

    @Override public void start() {
      // acts only when a processor accesses it
    }

    @Override public void pause() {
      // see start
    }

    @Override public void resume() {
      // see start
    }

    @Override public void reset() {
      next = 0;
      cell = 0;
      returned = 0;
      place = 0;
    }

    @Override public void halt() {
      // holds no resource of the host
    }

    @Override public DeviceState export() {
      return new StateWriter().put("next", next).put("cell", cell).put("returned", returned).put("place", place).toState(SCHEMA, 1);
    }

    @Override public void restore(DeviceState state) throws StateException {
      StateReader r = state.open(SCHEMA, 1);
      next = r.getInt("next", Integer.MIN_VALUE, Integer.MAX_VALUE);
      cell = r.getInt("cell", Integer.MIN_VALUE, Integer.MAX_VALUE);
      returned = r.getInt("returned", Integer.MIN_VALUE, Integer.MAX_VALUE);
      place = r.getInt("place", 0, MANY - 1);
      r.finish();
    }
  }
}
