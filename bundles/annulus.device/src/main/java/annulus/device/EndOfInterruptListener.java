package annulus.device;

import org.osgi.annotation.versioning.ConsumerType;

/** Role of I/O APICs: learns of the end of a level-triggered interrupt (SDM 3A 10.8.5). */
@ConsumerType
public interface EndOfInterruptListener {
  void endOfInterrupt(int vector);
}
