package annulus.loader;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.osgi.annotation.bundle.Capability;
import org.osgi.service.component.annotations.ComponentPropertyType;

/** Marks the component that provides a loader: sets its service property {@code annulus.loader} and the capability of the same name. */
@Capability(namespace = "annulus.loader", attribute = "name=${#loader}")
@ComponentPropertyType
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface ProvidesLoader {
  String PREFIX_ = "annulus.";

  /** The name users select it by. */
  String loader();
}
