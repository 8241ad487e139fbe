package annulus.core;

import annulus.arch.StateException;
import annulus.arch.VcpuState;
import annulus.core.swap.SwapRecorder;
import annulus.device.DeviceException;
import annulus.device.DeviceFactory;
import annulus.machine.MachineEvent;
import annulus.machine.MachineException;
import annulus.machine.MachineException.Reason;
import annulus.machine.MachineService.Axis;
import annulus.machine.MachineSpec;
import annulus.machine.MachineStatus;
import annulus.machine.MachineStatus.Ending;
import annulus.machine.MachineStatus.Phase;
import annulus.machine.SpecProperties;
import annulus.machine.SwapReport;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Replacing what a machine runs with, by request or because a provider came or went; serialised with its other verbs. */
final class MachineSwaps {
  private static final System.Logger LOG = System.getLogger(MachineSwaps.class.getName());
  private static final String DEVICE = "device.";

  private final VirtualMachine machine;
  private final Providers providers;
  private final SwapRecorder swaps;

  MachineSwaps(VirtualMachine machine, Providers providers, String name) {
    this.machine = machine;
    this.providers = providers;
    swaps = new SwapRecorder(name);
  }

  List<SwapReport> reports() {
    return swaps.reports();
  }

  /** A replacement to be carried out while everything is held. */
  private interface Replacement {
    void run(Assembly assembly, SwapRecorder.Phases phases) throws MachineException;
  }

  /** See {@link annulus.machine.Machine#swap}. */
  SwapReport swap(String what, String provider) throws MachineException {
    synchronized (machine.lifecycle) {
      MachineSpec changed = SpecProperties.with(machine.spec, what, provider);
      boolean engineOrTranslation = what.equals("engine") || what.equals("translation");
      if (machine.parked != null && engineOrTranslation) {
        return revive(machine.running(), what, provider, changed);
      }
      machine.require("swap " + what + " of", Phase.RUNNING, Phase.PAUSED);
      Assembly a = machine.running();
      return switch (what) {
        case "engine" -> {
          var e = Providers.require(providers.engines(), "engine", provider);
          var t = Providers.require(providers.translations(), "translation", machine.spec.translation());
          yield replace(a, what, a.bound(Axis.ENGINE), e.name() + " (" + e.bundle() + ")", changed, (x, p) -> x.rebind(e, t, p));
        }
        case "translation" -> {
          var e = Providers.require(providers.engines(), "engine", machine.spec.engine());
          var t = Providers.require(providers.translations(), "translation", provider);
          yield replace(a, what, a.bound(Axis.TRANSLATION), t.name() + " (" + t.bundle() + ")", changed, (x, p) -> x.rebind(e, t, p));
        }
        case "vendor", "model" -> throw new MachineException(Reason.WRONG_PHASE,
            "the processor is what the guest has found with CPUID: swap the " + what + " while the machine is stopped");
        default -> {
          if (!what.startsWith(DEVICE)) {
            throw new MachineException(Reason.BAD_SPECIFICATION, what + ": engine, translation and device.NAME can be swapped");
          }
          yield swapDevice(a, what.substring(DEVICE.length()), provider, changed);
        }
      };
    }
  }

  private SwapReport swapDevice(Assembly a, String name, String model, MachineSpec changed) throws MachineException {
    var factory = Providers.require(providers.devices(), "device model", model);
    String from = String.valueOf(a.board().models().get(name));
    return replace(a, DEVICE + name, from, model + " (" + factory.bundle() + ")", changed, (x, phases) -> {
      try {
        var took = x.board().replace(name, model, factory.service());
        phases.export = took.exportNanos();
        phases.restore = took.restoreNanos();
        phases.retire = took.retireNanos();
      } catch (DeviceException | StateException e) {
        throw new MachineException(Reason.STATE, machine.name() + ": " + e.getMessage(), e);
      }
    });
  }

  /** Hold, replace, resume. Whatever goes wrong, what was there before goes on. */
  private SwapReport replace(Assembly a, String what, String from, String to, MachineSpec changed, Replacement replacement)
      throws MachineException {
    boolean wasRunning = machine.status.phase() == Phase.RUNNING;
    SwapRecorder.Phases phases = new SwapRecorder.Phases();
    long start = System.nanoTime();
    MachineException failure = null;
    boolean held = false;
    try {
      if (wasRunning) {
        a.hold();
        held = true;
      }
      phases.hold = System.nanoTime() - start;
      replacement.run(a, phases);
      machine.spec = changed;
      a.respecify(changed);
    } catch (MachineException e) {
      failure = e;
    } catch (RuntimeException | Error e) {
      failure = new MachineException(Reason.STATE, machine.name() + ": " + to + " failed: " + e, e);
    }
    long instructions = a.vcpus().get(0).instructions();
    boolean hangs = held && failure != null && failure.reason() == Reason.TIMEOUT;
    long replaced = System.nanoTime();
    if (held && !hangs) {
      a.resume();
    }
    phases.resume = System.nanoTime() - replaced;
    SwapReport report = swaps.record(what, from, to, failure == null ? "" : String.valueOf(failure.getMessage()), phases, instructions);
    machine.tell(new MachineEvent.Swapped(machine.name(), report));
    if (failure != null) {
      if (hangs) {
        machine.fault("swap of " + what, failure);
      }
      throw failure;
    }
    return report;
  }

  /** A machine that waits for the provider of its engine or translation gets another one. */
  private SwapReport revive(Assembly a, String what, String provider, MachineSpec changed) throws MachineException {
    MachineSpec before = machine.spec;
    SwapReport report = replace(a, what, "none", provider, changed, (x, phases) -> {
      long start = System.nanoTime();
      x.respecify(changed);
      try {
        unpark(x);
      } catch (MachineException e) {
        x.respecify(before);
        throw e;
      }
      phases.restore = System.nanoTime() - start;
    });
    goOn(a);
    return report;
  }

  /**
   * A service is about to disappear. Where the machine runs with it, another provider of the name takes over; without one, the
   * states are parked, nothing of the service stays in use, and the machine is held until a provider appears.
   */
  void serviceGone(Axis axis, Object service) {
    synchronized (machine.lifecycle) {
      Phase phase = machine.status.phase();
      Assembly a = machine.assembly;
      if (a == null || phase == Phase.DEFINED || phase == Phase.STOPPED) {
        return;
      }
      try {
        if (service instanceof DeviceFactory factory) {
          for (String name : a.board().madeBy(factory)) {
            deviceGone(a, name);
          }
        } else if (a.uses(service) && machine.parked == null && !(complete() && takeOver(a, axis))) {
          park(a, axis);
        }
      } catch (MachineException e) {
        machine.fault(axis + " provider", e);
      }
    }
  }

  /** Swaps to the provider that is installed under the name now. @return false when it refused */
  private boolean takeOver(Assembly a, Axis axis) {
    try {
      var e = Providers.require(providers.engines(), "engine", machine.spec.engine());
      var t = Providers.require(providers.translations(), "translation", machine.spec.translation());
      replace(a, axis.name().toLowerCase(Locale.ROOT), a.bound(axis), axis == Axis.ENGINE ? e.bundle() : t.bundle(), machine.spec,
          (x, p) -> x.rebind(e, t, p));
      return true;
    } catch (MachineException e) {
      LOG.log(Level.WARNING, "machine " + machine.name() + ": the other provider cannot take over", e);
      return false;
    }
  }

  private void park(Assembly a, Axis axis) throws MachineException {
    if (machine.status.phase() == Phase.RUNNING) {
      a.hold();
    }
    machine.parked = a.export();
    a.unbind();
    waitFor("the " + axis.name().toLowerCase(Locale.ROOT) + " provider \""
        + (axis == Axis.ENGINE ? machine.spec.engine() : machine.spec.translation()) + "\" is gone; waiting for one");
  }

  private void deviceGone(Assembly a, String name) throws MachineException {
    String model = String.valueOf(a.board().models().get(name));
    if (providers.devices().find(model).isPresent()) {
      try {
        swapDevice(a, name, model, machine.spec);
        return;
      } catch (MachineException e) {
        LOG.log(Level.WARNING, "machine " + machine.name() + ": the other provider of " + model + " cannot take over", e);
      }
    }
    if (machine.status.phase() == Phase.RUNNING) {
      a.hold();
    }
    a.board().vacate(name);
    waitFor("the device model \"" + model + "\" of " + name + " is gone; waiting for one");
  }

  /** A machine that is held for another reason keeps it. */
  private void waitFor(String reason) {
    if (machine.suspended == null) {
      machine.suspended = machine.status;
    }
    if (machine.suspended.phase() != Phase.HELD) {
      machine.to(new MachineStatus(Phase.HELD, Ending.PROVIDER_GONE, reason, VirtualMachine.STATUS_FAULT));
    }
  }

  /** A provider appeared: goes on where that was what the machine waits for. */
  void serviceCame() {
    synchronized (machine.lifecycle) {
      Assembly a = machine.assembly;
      if (a == null || machine.suspended == null) {
        return;
      }
      try {
        for (Map.Entry<String, String> v : a.board().vacant().entrySet()) {
          var factory = providers.devices().find(v.getValue());
          if (factory.isPresent()) {
            a.board().fill(v.getKey(), factory.get().service());
          }
        }
        if (machine.parked != null && complete()) {
          unpark(a);
        }
        goOn(a);
      } catch (MachineException e) {
        waitFor("a provider appeared but cannot take over: " + e.getMessage());
      } catch (DeviceException | StateException | RuntimeException | Error e) {
        waitFor("a device model appeared but cannot take over: " + e.getMessage());
      }
    }
  }

  /** The processors have engines again, with the states that were parked. */
  private void unpark(Assembly a) throws MachineException {
    List<VcpuState> states = machine.parked;
    if (states != null) {
      a.bind();
      try {
        VirtualMachine.restore(a, states);
      } catch (MachineException e) {
        a.unbind();
        throw e;
      }
      machine.parked = null;
    }
  }

  /** Returns to where the machine was, once it lacks nothing. */
  private void goOn(Assembly a) {
    MachineStatus before = machine.suspended;
    if (before != null && machine.parked == null && a.board().vacant().isEmpty()) {
      machine.suspended = null;
      if (before.phase() == Phase.RUNNING) {
        a.resume();
      }
      if (before.phase() != Phase.HELD) {
        machine.to(before);
      }
    }
  }

  private boolean complete() {
    return providers.engines().find(machine.spec.engine()).isPresent() && providers.translations().find(machine.spec.translation()).isPresent();
  }
}
