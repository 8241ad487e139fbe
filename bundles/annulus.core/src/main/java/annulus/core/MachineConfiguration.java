package annulus.core;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** What a machine's configuration may say; {@link annulus.machine.SpecProperties} reads it, with device and loader options besides. */
@ObjectClassDefinition(name = "Annulus machine", description = "A virtual machine. device.NAME and device.NAME.OPTION add and set devices, loader.OPTION the loader.")
@interface MachineConfiguration {
  @AttributeDefinition(description = "1 to 64 letters, digits, dots, dashes and underscores; without it the configuration's own name")
  String name() default "";

  @AttributeDefinition(description = "RAM, for instance 512M or 2G")
  String memory() default "256M";

  @AttributeDefinition(description = "virtual processors, 1 to 64")
  int cpus() default 1;

  @AttributeDefinition(description = "execution engine")
  String engine() default "translator";

  @AttributeDefinition(description = "processor vendor")
  String vendor() default "intel";

  @AttributeDefinition(description = "the vendor's CPU model; without it the vendor's first")
  String model() default "";

  @AttributeDefinition(description = "memory-translation strategy")
  String translation() default "direct";

  @AttributeDefinition(description = "image source to boot from, where no kernel is given")
  String image() default "";

  @AttributeDefinition(description = "kernel file")
  String kernel() default "";

  @AttributeDefinition(description = "initial RAM disk or modules, separated by commas")
  String initrd() default "";

  @AttributeDefinition(description = "the guest's command line")
  String append() default "";

  @AttributeDefinition(description = "loader; without it they probe")
  String loader() default "";

  @AttributeDefinition(description = "what a guest's reset does: restart or stop")
  String onReset() default "restart";

  @AttributeDefinition(description = "start the machine at once")
  boolean autostart() default false;
}
