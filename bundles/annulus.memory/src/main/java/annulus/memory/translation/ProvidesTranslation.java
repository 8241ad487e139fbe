package annulus.memory.translation;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.osgi.annotation.bundle.Capability;
import org.osgi.service.component.annotations.ComponentPropertyType;

/** Marks the component that provides a translation strategy: sets its service property {@code annulus.translation} and the capability of the same name. */
@Capability(namespace = "annulus.translation", attribute = "name=${#translation}")
@ComponentPropertyType
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface ProvidesTranslation {
  String PREFIX_ = "annulus.";

  /** The name users select it by. */
  String translation();
}
