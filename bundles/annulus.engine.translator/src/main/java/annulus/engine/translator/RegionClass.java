package annulus.engine.translator;

import annulus.cpu.block.Region;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.List;

/** Makes a region of the class that was written for it. */
final class RegionClass {
  private RegionClass() {}

  /** @param data what {@link RegionWriter#data} gives */
  static Region define(byte[] classFile, List<Object> data, Region.Shape shape) {
    try {
      MethodHandles.Lookup l = MethodHandles.lookup().defineHiddenClassWithClassData(classFile, data, true);
      return (Region) l.findConstructor(l.lookupClass(), MethodType.methodType(void.class, Region.Shape.class)).invoke(shape);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
