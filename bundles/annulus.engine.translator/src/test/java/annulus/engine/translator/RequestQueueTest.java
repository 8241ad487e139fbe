package annulus.engine.translator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.junit.jupiter.api.Test;

/** What is run most is compiled first. */
class RequestQueueTest {
  private static final class Item implements RequestQueue.Weighted {
    double weight;

    Item(double weight) {
      this.weight = weight;
    }

    @Override public double weight() {
      return weight;
    }
  }

  @Test void whatWeighsMostWhenSomethingIsTakenIsNext() {
    RequestQueue<Item> queue = new RequestQueue<>();
    Item light = new Item(1);
    Item heavy = new Item(3);
    Item growing = new Item(0);
    queue.add(light);
    queue.add(heavy);
    queue.add(growing);
    assertSame(heavy, queue.take());
    growing.weight = 2;
    assertSame(growing, queue.take());
    assertEquals(1, queue.size());
    assertSame(light, queue.take());
    assertNull(queue.take());
  }

  @Test void whatHasNotRunSinceItWasAskedForIsNotForgotten() {
    RequestQueue<Item> queue = new RequestQueue<>();
    Item idle = new Item(0);
    queue.add(idle);
    assertSame(idle, queue.take());
  }
}
