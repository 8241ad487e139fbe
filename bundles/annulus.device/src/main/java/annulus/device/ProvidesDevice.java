package annulus.device;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.osgi.annotation.bundle.Capability;
import org.osgi.service.component.annotations.ComponentPropertyType;

/** Marks the component that provides a device model: sets its service property {@code annulus.device} and the capability of the same name. */
@Capability(namespace = "annulus.device", attribute = "name=${#device}")
@ComponentPropertyType
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface ProvidesDevice {
  String PREFIX_ = "annulus.";

  /** The name users select it by. */
  String device();

  /** Every PC has one: machines get it without being asked. */
  boolean platform() default false;
}
