package annulus.device;

import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/** Role: describes the machine to its guest with tables in memory, ACPI for instance. */
@ConsumerType
public interface FirmwareTables {
  /** Bytes to be placed in guest memory before the guest starts. */
  record Blob(long gpa, byte[] bytes) {}

  /** The tables. All lie below 1 MiB in {@link #first} to {@link #last}, which memory maps report as reserved. */
  List<Blob> build();

  /** Guest-physical address of the root pointer (RSDP). */
  long rootPointer();

  /** First address of the range tables are placed in. */
  long first();

  /** Last address of that range. */
  long last();
}
