package annulus.it.harness;

import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/** Stops the container when the test JVM has run its last test. */
public final class StopFelix implements LauncherSessionListener {
  @Override
  public void launcherSessionClosed(LauncherSession session) {
    FelixContainer.stop();
  }
}
