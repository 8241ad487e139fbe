package annulus.loader;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.osgi.annotation.bundle.Capability;
import org.osgi.service.component.annotations.ComponentPropertyType;

/** Marks the component that provides a guest image: sets its service property {@code annulus.image} and the capability of the same name. */
@Capability(namespace = "annulus.image", attribute = "name=${#image}")
@ComponentPropertyType
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface ProvidesImage {
  String PREFIX_ = "annulus.";

  /** The name users select it by. */
  String image();
}
