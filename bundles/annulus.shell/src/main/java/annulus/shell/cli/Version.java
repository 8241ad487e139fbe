package annulus.shell.cli;

import org.osgi.framework.Bundle;
import org.osgi.framework.FrameworkUtil;
import picocli.CommandLine.IVersionProvider;

/** Answers {@code --version}. */
final class Version implements IVersionProvider {
  @Override public String[] getVersion() {
    Bundle self = FrameworkUtil.getBundle(Version.class);
    return new String[] {"annulus " + (self == null ? "outside a container" : self.getVersion()) + ", Java " + Runtime.version()};
  }
}
