package annulus.oracle;

import annulus.engine.VcpuBus;

/** User code that may not do I/O reaches no device. */
final class NoBus implements VcpuBus {
  @Override public int readPort(int port, int size) {
    throw new IllegalStateException("port 0x%x read without permission".formatted(port));
  }

  @Override public void writePort(int port, int size, int value) {
    throw new IllegalStateException("port 0x%x written without permission".formatted(port));
  }

  @Override public long readMmio(long gpa, int size) {
    throw new IllegalStateException("no memory at 0x%x".formatted(gpa));
  }

  @Override public void writeMmio(long gpa, int size, long value) {
    throw new IllegalStateException("no memory at 0x%x".formatted(gpa));
  }

  @Override public int acknowledgeInterrupt() {
    return -1;
  }

  @Override public int taskPriority() {
    return 0;
  }

  @Override public void setTaskPriority(int priority) {
    throw new IllegalStateException("CR8 written without permission");
  }

  @Override public boolean apicMsrReadable(int msr) {
    return false;
  }

  @Override public long readApicMsr(int msr) {
    throw new IllegalStateException("MSR 0x%x read without permission".formatted(msr));
  }

  @Override public boolean writeApicMsr(int msr, long value) {
    return false;
  }

  @Override public boolean apicEnabled() {
    return true;
  }
}
