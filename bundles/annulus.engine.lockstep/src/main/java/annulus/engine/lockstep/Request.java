package annulus.engine.lockstep;

import java.util.ArrayList;
import java.util.List;

/** One request of an engine to the outside of processor and memory, and what came of it. */
final class Request {
  /** What is asked for. */
  enum Kind {
    PORT_READ, PORT_WRITE, MMIO_READ, MMIO_WRITE, ACKNOWLEDGE, TASK_PRIORITY_READ, TASK_PRIORITY_WRITE, APIC_MSR_READABLE,
    APIC_MSR_READ, APIC_MSR_WRITE, APIC_ENABLED, TIME, RANDOM
  }

  /** Bytes that a device stored while it served the request. */
  record Dma(long gpa, byte[] bytes) {}

  final Kind kind;
  /** Port, guest-physical address or MSR. */
  final long address;
  final int size;
  /** What is written. */
  final long value;
  long result;
  /** The interrupt line was released, or something became pending that the processor has not seen. */
  boolean lineReleased;
  boolean newEvent;
  final List<Dma> dma = new ArrayList<>();

  Request(Kind kind, long address, int size, long value) {
    this.kind = kind;
    this.address = address;
    this.size = size;
    this.value = value;
  }

  boolean asks(Request other) {
    return kind == other.kind && address == other.address && size == other.size && value == other.value;
  }

  @Override public String toString() {
    return switch (kind) {
      case PORT_READ -> "read of port 0x%x, %d bytes".formatted(address, size);
      case PORT_WRITE -> "write of 0x%x to port 0x%x, %d bytes".formatted(value, address, size);
      case MMIO_READ -> "read of I/O memory 0x%x, %d bytes".formatted(address, size);
      case MMIO_WRITE -> "write of 0x%x to I/O memory 0x%x, %d bytes".formatted(value, address, size);
      case ACKNOWLEDGE -> "interrupt acknowledge";
      case TASK_PRIORITY_READ -> "read of the task priority";
      case TASK_PRIORITY_WRITE -> "write of %d to the task priority".formatted(value);
      case APIC_MSR_READABLE -> "question whether APIC MSR 0x%x can be read".formatted(address);
      case APIC_MSR_READ -> "read of APIC MSR 0x%x".formatted(address);
      case APIC_MSR_WRITE -> "write of 0x%x to APIC MSR 0x%x".formatted(value, address);
      case APIC_ENABLED -> "question whether the APIC is enabled";
      case TIME -> "read of the time-stamp counter";
      case RANDOM -> "random number";
    };
  }
}
