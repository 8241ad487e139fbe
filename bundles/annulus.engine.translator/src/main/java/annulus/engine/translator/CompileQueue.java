package annulus.engine.translator;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.management.ManagementFactory;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.jspecify.annotations.Nullable;

/** What HotSpot's compilers still have before them, by {@link HotSpot} or else by its diagnostic command Compiler.queue. */
final class CompileQueue {
  private static final Logger LOG = System.getLogger(CompileQueue.class.getName());
  private static final String[] NO_ARGUMENTS = {};
  private static final String[] SIGNATURE = {String[].class.getName()};
  private static final Pattern LINES = Pattern.compile("\\R");
  /** The tier between a compilation's number and flags and the method's name. */
  private static final Pattern C2 = Pattern.compile(" 4 +[a-z.]+translator\\.");

  private @Nullable MBeanServer server;
  private @Nullable ObjectName commands;
  private boolean unavailable;

  /**
   * Whether C2 is at a method of {@code c} or will be. False too where the JVM does not tell. Asked so often that C2 compiles it: as a
   * stream, it would be compiled into the JDK's methods for streams, and any thread that stays in one of these, on whatever business,
   * would keep this class and its loader after the bundle has gone.
   */
  boolean has(Class<?> c) {
    HotSpot hotSpot = HotSpot.here();
    if (hotSpot != null) {
      return hotSpot.compiles(c);
    }
    String name = c.getName();
    for (String line : LINES.split(content())) {
      if (line.contains(name) && C2.matcher(line).find()) {
        return true;
      }
    }
    return false;
  }

  private synchronized String content() {
    if (unavailable) {
      return "";
    }
    try {
      MBeanServer s = server;
      ObjectName name = commands;
      if (s == null || name == null) {
        name = new ObjectName("com.sun.management:type=DiagnosticCommand");
        s = ManagementFactory.getPlatformMBeanServer();
        commands = name;
        server = s;
      }
      return String.valueOf(s.invoke(name, "compilerQueue", new Object[] {NO_ARGUMENTS}, SIGNATURE));
    } catch (JMException | RuntimeException e) {
      unavailable = true;
      LOG.log(Level.WARNING, "hot regions are entered before they are compiled: the JVM does not tell what its compilers do", e);
      return "";
    }
  }
}
