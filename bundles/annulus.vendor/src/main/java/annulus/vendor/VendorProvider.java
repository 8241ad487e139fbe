package annulus.vendor;

import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/** A processor vendor: a set of named CPU models. Registered as a service with the property {@link #NAME}. */
@ConsumerType
public interface VendorProvider {
  /** Service property: the vendor's name, for instance {@code intel}. */
  String NAME = "annulus.vendor";

  /** The models, the default one first. Never empty. */
  List<CpuModel> models();
}
