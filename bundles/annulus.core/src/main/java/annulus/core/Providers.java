package annulus.core;

import annulus.core.provider.ProviderRegistry;
import annulus.device.DeviceFactory;
import annulus.engine.EngineProvider;
import annulus.loader.ImageSource;
import annulus.loader.Loader;
import annulus.machine.MachineException;
import annulus.machine.MachineException.Reason;
import annulus.memory.translation.TranslationProvider;
import annulus.vendor.VendorProvider;

/** The installed providers of all axes. */
record Providers(
    ProviderRegistry<EngineProvider> engines, ProviderRegistry<VendorProvider> vendors,
    ProviderRegistry<TranslationProvider> translations, ProviderRegistry<DeviceFactory> devices,
    ProviderRegistry<Loader> loaders, ProviderRegistry<ImageSource> images) {

  Providers() {
    this(new ProviderRegistry<>(EngineProvider.NAME), new ProviderRegistry<>(VendorProvider.NAME),
        new ProviderRegistry<>(TranslationProvider.NAME), new ProviderRegistry<>(DeviceFactory.MODEL),
        new ProviderRegistry<>(Loader.NAME), new ProviderRegistry<>(ImageSource.NAME));
  }

  /** The provider of this name, or an error that lists the installed ones. */
  static <T> ProviderRegistry.Entry<T> require(ProviderRegistry<T> registry, String what, String name) throws MachineException {
    return registry.find(name).orElseThrow(() -> new MachineException(Reason.NO_PROVIDER,
        "no " + what + " is called \"" + name + "\"; " + registry.names()));
  }
}
