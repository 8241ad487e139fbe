package annulus.core.board;

import annulus.arch.Msr;
import annulus.engine.VcpuBus;

/** One processor's access to the board. */
public final class VcpuPort implements VcpuBus {
  private final Board board;
  private final int index;
  private final int physicalBits;

  /** @param physicalBits width of guest-physical addresses of the processor's model */
  public VcpuPort(Board board, int index, int physicalBits) {
    this.board = board;
    this.index = index;
    this.physicalBits = physicalBits;
  }

  @Override public int readPort(int port, int size) {
    return board.readPort(index, port & 0xFFFF, size);
  }

  @Override public void writePort(int port, int size, int value) {
    board.writePort(index, port & 0xFFFF, size, value);
  }

  @Override public long readMmio(long gpa, int size) {
    return board.readMmio(index, gpa, size);
  }

  @Override public void writeMmio(long gpa, int size, long value) {
    board.writeMmio(index, gpa, size, value);
  }

  @Override public int acknowledgeInterrupt() {
    return board.acknowledge(index);
  }

  @Override public int taskPriority() {
    return board.taskPriority(index);
  }

  @Override public void setTaskPriority(int priority) {
    board.setTaskPriority(index, priority);
  }

  @Override public boolean apicMsrReadable(int msr) {
    return board.apicMsrReadable(index, msr);
  }

  @Override public long readApicMsr(int msr) {
    return board.readApicMsr(index, msr);
  }

  @Override public boolean writeApicMsr(int msr, long value) {
    // The base has as many bits as physical addresses (SDM 3A 10.4.4, figure 10-5); the rest is reserved
    return (msr != Msr.APIC_BASE || value >>> physicalBits == 0) && board.writeApicMsr(index, msr, value);
  }

  @Override public boolean apicEnabled() {
    return board.apicEnabled(index);
  }
}
