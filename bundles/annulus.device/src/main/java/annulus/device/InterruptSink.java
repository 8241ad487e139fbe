package annulus.device;

import org.osgi.annotation.versioning.ConsumerType;

/** Role of interrupt controllers with input lines (8259 pair, I/O APIC): sees every change of every line of the machine. */
@ConsumerType
public interface InterruptSink {
  /** The wire-ORed level of global system interrupt {@code gsi} has changed. ISA interrupt 0 (the timer) is GSI 2 here for an I/O APIC and input 0 of the 8259. */
  void lineChanged(int gsi, boolean asserted);
}
