package annulus.core.swap;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

/** A provider was replaced under a machine. */
@Name("annulus.Swap")
@Label("Provider swap")
@Category("Annulus")
@Description("A provider was replaced under a virtual machine, or the attempt failed")
@StackTrace(false)
final class SwapEvent extends Event {
  @Label("Machine")
  @Nullable String machine;

  @Label("What")
  @Nullable String what;

  @Label("From")
  @Nullable String from;

  @Label("To")
  @Nullable String to;

  @Label("Reason of failure")
  @Nullable String reason;

  @Label("Generation")
  int generation;

  @Label("Pause")
  @Timespan(Timespan.NANOSECONDS)
  long pause;
}
