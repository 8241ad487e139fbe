package annulus.core.swap;

import annulus.machine.SwapReport;
import java.util.List;
import jdk.jfr.AnnotationElement;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.EventFactory;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import jdk.jfr.ValueDescriptor;

/**
 * The event {@code annulus.Swap} of JDK Flight Recorder: a provider was replaced under a machine. Made by a factory, since the code
 * that the recorder weaves into an event class of ours would refer to a package of the JDK that no bundle can import.
 */
final class SwapEvent {
  private static final EventFactory FACTORY = EventFactory.create(
      List.of(new AnnotationElement(Name.class, "annulus.Swap"), label("Provider swap"),
          new AnnotationElement(Category.class, new String[] {"Annulus"}),
          new AnnotationElement(Description.class, "A provider was replaced under a virtual machine, or the attempt failed"),
          new AnnotationElement(StackTrace.class, false)),
      List.of(field(String.class, "machine", "Machine"), field(String.class, "what", "What"), field(String.class, "from", "From"),
          field(String.class, "to", "To"), field(String.class, "reason", "Reason of failure"),
          field(int.class, "generation", "Generation"), new ValueDescriptor(long.class, "pause",
              List.of(label("Pause"), new AnnotationElement(Timespan.class, Timespan.NANOSECONDS)))));

  private SwapEvent() {}

  private static AnnotationElement label(String text) {
    return new AnnotationElement(Label.class, text);
  }

  private static ValueDescriptor field(Class<?> type, String name, String label) {
    return new ValueDescriptor(type, name, List.of(label(label)));
  }

  static void commit(String machine, SwapReport r) {
    Event event = FACTORY.newEvent();
    if (event.shouldCommit()) {
      Object[] values = {machine, r.what(), r.from(), r.to(), r.reason(), r.generation(), r.pause().toNanos()};
      for (int i = 0; i < values.length; i++) {
        event.set(i, values[i]);
      }
      event.commit();
    }
  }
}
