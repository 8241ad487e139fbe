package annulus.engine.translator;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class TranslatorProviderTest {
  private final TranslatorProvider provider = new TranslatorProvider();
  private final AtomicBoolean done = new AtomicBoolean();

  @Test void stoppedProviderHasEndedWhatWasBeingCompiled() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    provider.execute(() -> {
      begun.countDown();
      long end = System.nanoTime() + 200_000_000;
      while (System.nanoTime() < end) { // like a compilation, it takes no notice of an interrupt
        LockSupport.parkNanos(1_000_000);
      }
      done.set(true);
    });
    begun.await();
    provider.stop();
    assertTrue(done.get());
  }

  @Test void stoppedProviderBeginsNothing() throws InterruptedException {
    provider.later(() -> done.set(true), 20);
    provider.stop();
    provider.execute(() -> done.set(true));
    Thread.sleep(60);
    assertFalse(done.get());
  }
}
