package annulus.vendor;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.osgi.annotation.bundle.Capability;
import org.osgi.service.component.annotations.ComponentPropertyType;

/** Marks the component that provides a processor vendor: sets its service property {@code annulus.vendor} and the capability of the same name. */
@Capability(namespace = "annulus.vendor", attribute = "name=${#vendor}")
@ComponentPropertyType
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface ProvidesVendor {
  String PREFIX_ = "annulus.";

  /** The name users select it by. */
  String vendor();
}
