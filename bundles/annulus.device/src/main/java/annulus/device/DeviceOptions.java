package annulus.device;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A user's settings for a device: read one by one, then {@link #finish()} refuses those that nobody asked for. */
public final class DeviceOptions {
  private final String device;
  private final TreeMap<String, String> left;
  private final TreeMap<String, String> known = new TreeMap<>();

  /** @param device the device's name, for messages */
  public DeviceOptions(String device, Map<String, String> options) {
    this.device = device;
    this.left = new TreeMap<>(options);
  }

  /** A decimal or 0x-prefixed number from {@code min} to {@code max}. */
  public int number(String name, int min, int max, int otherwise) throws DeviceException {
    String text = take(name, min + " to " + max);
    if (text == null) {
      return otherwise;
    }
    try {
      int value = Integer.decode(text);
      if (value >= min && value <= max) {
        return value;
      }
    } catch (NumberFormatException e) {
      // the same complaint as for a number out of range
    }
    throw bad("%s=%s is not a number from %d (0x%x) to %d (0x%x)".formatted(name, text, min, min, max, max));
  }

  /** One of {@code allowed}; the first is the default. */
  public String choice(String name, String... allowed) throws DeviceException {
    String text = take(name, String.join(", ", allowed));
    if (text == null) {
      return allowed[0];
    }
    if (!Arrays.asList(allowed).contains(text)) {
      throw bad("%s=%s is not one of %s".formatted(name, text, String.join(", ", allowed)));
    }
    return text;
  }

  /** Any text that is not empty. */
  public String text(String name, String otherwise) throws DeviceException {
    String text = take(name, "a name");
    if (text != null && text.isEmpty()) {
      throw bad(name + " is empty; it must be a name");
    }
    return text == null ? otherwise : text;
  }

  /** Ends the reading. @throws DeviceException naming an option the device does not know, and those it does */
  public void finish() throws DeviceException {
    if (!left.isEmpty()) {
      Map.Entry<String, String> first = left.firstEntry();
      throw bad("%s=%s is unknown; %s".formatted(first.getKey(), first.getValue(),
          known.isEmpty() ? "this device has no options" : "options are " + known));
    }
  }

  private @Nullable String take(String name, String domain) {
    known.put(name, domain);
    return left.remove(name);
  }

  private DeviceException bad(String what) {
    return new DeviceException(DeviceException.Reason.BAD_OPTION, "device " + device + ": option " + what);
  }
}
