package annulus.tck.engine;

import annulus.memory.CodeObserver;
import annulus.memory.GuestMemory;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Guest memory that knows how many observers it has. */
final class ObservedMemory {
  private final GuestMemory real;
  private final GuestMemory memory;
  private final List<Object> observers = new ArrayList<>();

  ObservedMemory(GuestMemory real) {
    this.real = real;
    memory = (GuestMemory) Proxy.newProxyInstance(GuestMemory.class.getClassLoader(), new Class<?>[] {GuestMemory.class},
        (proxy, method, arguments) -> forward(proxy, method, arguments));
  }

  GuestMemory memory() {
    return memory;
  }

  /** Observers of any kind that were added and not removed. */
  int count() {
    return observers.size();
  }

  @SuppressWarnings("ReferenceEquality") // a proxy is equal to itself only
  private @Nullable Object forward(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
    if (arguments != null && arguments.length == 1) {
      if (method.getName().equals("equals")) {
        return arguments[0] == proxy;
      }
      if (arguments[0] instanceof CodeObserver o) {
        if (method.getName().startsWith("add")) {
          observers.add(o);
        } else {
          observers.remove(o);
        }
      }
    }
    try {
      return method.invoke(real, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
