package annulus.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** A workload that shows whatever is lost, repeated or changed on its way: a shell in the guest that counts. */
final class CountingLoop {
  static final int LAST = 4000;
  /** Written when it has ended; the command's own echo does not contain it. */
  static final String END = "counted to " + LAST;
  private static final Pattern NUMBER = Pattern.compile("(?m)^n(\\d+)$");

  private CountingLoop() {}

  /** Starts it and waits until it is under way. */
  static void start(SerialLine line) throws InterruptedException {
    line.type("i=0; while [ $i -lt " + LAST + " ]; do i=$((i + 1)); echo n$i; done; echo counted to $i\n");
    line.expect("\nn300\r");
  }

  /** @param output everything since before the start */
  static void assertComplete(String output) {
    List<Integer> numbers = NUMBER.matcher(output).results().map(r -> Integer.valueOf(r.group(1))).toList();
    assertEquals(IntStream.rangeClosed(1, LAST).boxed().toList(), numbers);
  }
}
