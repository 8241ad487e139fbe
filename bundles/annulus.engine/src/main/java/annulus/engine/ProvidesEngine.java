package annulus.engine;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.osgi.annotation.bundle.Capability;
import org.osgi.service.component.annotations.ComponentPropertyType;

/** Marks the component that provides an engine: sets its service property {@code annulus.engine} and the capability of the same name. */
@Capability(namespace = "annulus.engine", attribute = "name=${#engine}")
@ComponentPropertyType
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface ProvidesEngine {
  String PREFIX_ = "annulus.";

  /** The name users select it by. */
  String engine();
}
