package annulus.memory;

import java.lang.foreign.MemorySegment;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The one pool of 4 KiB host frames behind the memory of all machines. Offsets into {@link #segment()} are called host
 * offsets; every access to guest memory, by whatever path, is an access to this segment and so bounds-checked against it.
 */
@ProviderType
public interface MachineMemory {
  int FRAME_SHIFT = 12;
  int FRAME_SIZE = 1 << FRAME_SHIFT;

  /** The whole pool. Constant for the life of the process; safe to hold. */
  MemorySegment segment();

  /**
   * Takes {@code count} zero-filled frames, contiguous where the pool allows it.
   *
   * @return the frame numbers (host offset divided by 4096)
   * @throws OutOfFramesException when fewer frames are free; none is taken then
   */
  int[] allocate(int count) throws OutOfFramesException;

  /** Gives frames back; their contents are dropped, and the host's memory with them. */
  void free(int[] frames);

  /** Frames not in use. */
  int available();

  /** Frames in the pool. */
  int capacity();
}
