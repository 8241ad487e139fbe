package annulus.core.swap;

import annulus.machine.SwapReport;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** The swaps of one machine: times their phases, keeps the last reports, and tells JDK Flight Recorder. */
public final class SwapRecorder {
  private static final int KEPT = 1000;

  private final String machine;
  private final ArrayDeque<SwapReport> reports = new ArrayDeque<>();
  private int generation = 1;

  public SwapRecorder(String machine) {
    this.machine = machine;
  }

  /** The phases of one swap, in nanoseconds, filled in as it goes. */
  public static final class Phases {
    public long hold;
    public long export;
    public long restore;
    public long retire;
    public long resume;
  }

  /** Records a swap that succeeded, or with a reason one that failed. */
  public synchronized SwapReport record(String what, String from, String to, String reason, Phases p, long instructions) {
    boolean succeeded = reason.isEmpty();
    if (succeeded) {
      generation++;
    }
    SwapReport report = new SwapReport(generation, what, from, to, succeeded, reason, Duration.ofNanos(p.hold),
        Duration.ofNanos(p.export), Duration.ofNanos(p.restore), Duration.ofNanos(p.retire), Duration.ofNanos(p.resume), instructions,
        Instant.now());
    if (reports.size() == KEPT) {
      reports.removeFirst();
    }
    reports.add(report);
    SwapEvent.commit(machine, report);
    return report;
  }

  public synchronized List<SwapReport> reports() {
    return new ArrayList<>(reports);
  }

  /** How many swaps have succeeded, plus one. */
  public synchronized int generation() {
    return generation;
  }
}
