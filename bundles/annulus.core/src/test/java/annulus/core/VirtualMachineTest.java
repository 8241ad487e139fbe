package annulus.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.core.Fakes.Script;
import annulus.machine.Machine;
import annulus.machine.MachineEvent;
import annulus.machine.MachineException;
import annulus.machine.MachineException.Reason;
import annulus.machine.MachineStatus.Ending;
import annulus.machine.MachineStatus.Phase;
import annulus.machine.SpecProperties;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The life of machines made of parts whose behaviour the test decides. */
class VirtualMachineTest {
  private static final byte[] IMAGE = {(byte) 0xEB, (byte) 0xFE, 0x12, 0x34};

  @TempDir private Path folder;
  private final Monitor monitor = new Monitor();
  private final Fakes.FakeEngines engines = new Fakes.FakeEngines();
  private final Fakes.FakeEngines others = new Fakes.FakeEngines();
  private final Fakes.Gadgets gadgets = new Fakes.Gadgets();
  private final Fakes.FakeLoader loader = new Fakes.FakeLoader();
  private Path kernel;

  @BeforeEach void install() throws IOException {
    monitor.bindEngine(engines, Fakes.reference(Map.of("annulus.engine", "fake")));
    monitor.bindEngine(others, Fakes.reference(Map.of("annulus.engine", "other")));
    monitor.bindTranslation(Fakes.TRANSLATIONS, Fakes.reference(Map.of("annulus.translation", "direct")));
    monitor.bindVendor(Fakes.VENDORS, Fakes.reference(Map.of("annulus.vendor", "fake")));
    monitor.bindDevice(gadgets, Fakes.reference(Map.of("annulus.device", "gadget", "annulus.platform", true)));
    monitor.bindLoader(loader, Fakes.reference(Map.of("annulus.loader", "fake")));
    kernel = Files.write(folder.resolve("kernel"), IMAGE);
  }

  @AfterEach void remove() {
    engines.script = Script.COUNT;
    monitor.stop();
    assertEquals(List.of(), engines.open, "every engine was closed");
  }

  private Machine define(String name, String... more) throws MachineException {
    Map<String, String> p = new TreeMap<>(Map.of("name", name, "memory", "2M", "engine", "fake", "vendor", "fake", "kernel", kernel.toString()));
    for (int n = 0; n < more.length; n += 2) {
      p.put(more[n], more[n + 1]);
    }
    return monitor.define(SpecProperties.read(p));
  }

  private static void await(String what, BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + 20_000_000_000L;
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, what);
      Thread.sleep(1);
    }
  }

  private static void awaitPhase(Machine m, Phase phase) throws InterruptedException {
    await(m.name() + " is to be " + phase + ", is " + m.status(), () -> m.status().phase() == phase);
  }

  private static void assertRuns(Machine m) throws InterruptedException {
    assertEquals(Phase.RUNNING, m.status().phase());
    long before = m.statistics().get("vcpu0.instructions");
    await(m.name() + " is to go on", () -> m.statistics().get("vcpu0.instructions") > before);
  }

  private interface Verb {
    void on(Machine m) throws MachineException;
  }

  private static void assertRefused(Machine m, Verb verb) {
    Phase before = m.status().phase();
    MachineException e = assertThrows(MachineException.class, () -> verb.on(m));
    assertEquals(Reason.WRONG_PHASE, e.reason());
    assertTrue(String.valueOf(e.getMessage()).contains(m.name()), e.getMessage());
    assertEquals(before, m.status().phase());
  }

  // ---- verbs --------------------------------------------------------------------------------------------------------------------

  @Test void verbsLeadThroughThePhases() throws Exception {
    Machine m = define("m");
    List<Phase> phases = new CopyOnWriteArrayList<>();
    m.addListener(e -> {
      if (e instanceof MachineEvent.StateChanged c) {
        phases.add(c.to().phase());
      }
    });
    m.create();
    m.start();
    assertRuns(m);
    m.pause();
    long at = m.statistics().get("machine.nanos");
    long instructions = m.statistics().get("vcpu0.instructions");
    Thread.sleep(5);
    assertEquals(at, m.statistics().get("machine.nanos"), "time stands still");
    assertEquals(instructions, m.statistics().get("vcpu0.instructions"));
    m.resume();
    assertRuns(m);
    m.destroy();
    assertEquals(Ending.DESTROYED, m.status().ending());
    m.start();
    assertRuns(m);
    assertEquals(List.of(Phase.CREATED, Phase.RUNNING, Phase.PAUSED, Phase.RUNNING, Phase.STOPPED, Phase.CREATED, Phase.RUNNING), phases);
    assertEquals(List.of("start", "pause", "resume"), gadgets.verbs.subList(0, 3));
  }

  @Test void aVerbInTheWrongPhaseIsRefusedAndChangesNothing() throws Exception {
    Machine m = define("m");
    List<Verb> needRunning = List.of(Machine::pause, Machine::shutdown, Machine::reset);
    for (Verb v : needRunning) {
      assertRefused(m, v);
    }
    assertRefused(m, Machine::resume);
    assertRefused(m, x -> x.save(folder.resolve("s")));
    assertRefused(m, x -> x.readMemory(0, 1));
    assertRefused(m, x -> x.vcpu(0));
    m.create();
    assertRefused(m, Machine::create);
    assertRefused(m, Machine::pause);
    assertRefused(m, Machine::resume);
    m.start();
    assertRefused(m, Machine::start);
    assertRefused(m, Machine::create);
    assertRefused(m, Machine::resume);
    assertRefused(m, x -> x.setVcpu(0, Fakes.complete()));
    m.pause();
    assertRefused(m, Machine::pause);
    assertRefused(m, Machine::start);
    m.destroy();
    assertRefused(m, Machine::pause);
    assertRefused(m, Machine::reset);
  }

  @Test void destroyWorksInEveryPhase() throws Exception {
    Machine m = define("m");
    m.destroy();
    assertEquals(Phase.DEFINED, m.status().phase());
    m.create();
    m.destroy();
    assertEquals(Phase.STOPPED, m.status().phase());
    m.destroy();
    m.start();
    m.pause();
    m.destroy();
    engines.script = Script.THROW;
    m.start();
    awaitPhase(m, Phase.HELD);
    m.destroy();
    assertEquals(Phase.STOPPED, m.status().phase());
    assertEquals("halt", gadgets.verbs.get(gadgets.verbs.size() - 1));
  }

  @Test void theImageIsLoadedAndMemoryIsThatOfThisMachine() throws Exception {
    Machine m = define("m");
    Machine n = define("n");
    m.create();
    n.create();
    assertEquals(java.util.HexFormat.of().formatHex(IMAGE), java.util.HexFormat.of().formatHex(m.readMemory(0x7C00, 4)));
    m.writeMemory(0x8000, new byte[] {1, 2, 3});
    assertEquals(0, n.readMemory(0x8000, 1)[0]);
    assertEquals(0xA_0000 - 0x9_FFFE, m.readMemory(0x9_FFFE, 100).length, "memory ends at the video window");
    assertEquals(0, m.readMemory(0xA_0000, 10).length);
    assertThrows(MachineException.class, () -> m.writeMemory(0x9_FFFE, new byte[3]));
    assertThrows(MachineException.class, () -> m.readMemory(0, -1));
    assertEquals(0x7C00, java.util.Objects.requireNonNull(m.vcpu(0).general()).rip());
    assertThrows(MachineException.class, () -> m.vcpu(1));
  }

  @Test void badSpecificationsAreRefusedWithTheReason() throws Exception {
    Map<String[], Reason> bad = Map.of(new String[] {"engine", "warp"}, Reason.NO_PROVIDER, new String[] {"vendor", "acme"}, Reason.NO_PROVIDER,
        new String[] {"model", "three"}, Reason.NO_PROVIDER, new String[] {"translation", "magic"}, Reason.NO_PROVIDER,
        new String[] {"loader", "floppy"}, Reason.NO_PROVIDER, new String[] {"device.extra", "sound"}, Reason.NO_PROVIDER,
        new String[] {"device.sound.rate", "1"}, Reason.BAD_SPECIFICATION, new String[] {"kernel", folder.resolve("none").toString()}, Reason.IMAGE);
    int n = 0;
    for (Map.Entry<String[], Reason> e : bad.entrySet()) {
      Machine m = define("bad" + n++, e.getKey());
      MachineException x = assertThrows(MachineException.class, m::start);
      assertEquals(e.getValue(), x.reason(), x.getMessage());
      assertTrue(String.valueOf(x.getMessage()).contains(e.getKey()[1]) || e.getKey()[0].equals("device.sound.rate"), x.getMessage());
      assertEquals(Phase.DEFINED, m.status().phase());
    }
    Machine huge = define("huge", "memory", "64G");
    assertEquals(Reason.NO_MEMORY, assertThrows(MachineException.class, () -> {
      huge.create();
      define("huge2", "memory", "64G").create();
    }).reason());
  }

  @Test void aDeviceOrLoaderThatCannotBeMadeLeavesNothing() throws Exception {
    Machine m = define("m");
    gadgets.refuses = true;
    MachineException e = assertThrows(MachineException.class, m::create);
    assertTrue(String.valueOf(e.getMessage()).contains("colour=blue"), e.getMessage());
    gadgets.refuses = false;
    loader.throwsUp = true;
    assertEquals(Reason.IMAGE, assertThrows(MachineException.class, m::create).reason());
    assertEquals(List.of(), engines.open);
    loader.throwsUp = false;
    m.start();
    assertRuns(m);
  }

  // ---- faults: that machine is held, the others run on ------------------------------------------------------------------------------

  private Machine neighbour() throws Exception {
    Machine n = define("neighbour", "engine", "other");
    n.start();
    return n;
  }

  private void assertHeld(Machine m, Ending ending, String reason, int status) throws Exception {
    assertEquals(Phase.HELD, m.await(Duration.ofSeconds(20)).phase());
    assertEquals(ending, m.status().ending());
    assertTrue(m.status().reason().contains(reason), m.status().reason());
    assertEquals(status, m.status().exitStatus());
    assertEquals(0x7C00, java.util.Objects.requireNonNull(m.vcpu(0).general()).rip(), "it can be looked into");
  }

  @Test void aDeviceThatThrowsHoldsItsMachineOnly() throws Exception {
    Machine n = neighbour();
    Machine m = define("m");
    List<MachineEvent> events = new CopyOnWriteArrayList<>();
    m.addListener(events::add);
    m.start();
    engines.value = 1;
    engines.script = Script.PORT;
    assertHeld(m, Ending.FAULT, "the gadget is broken", 4);
    assertTrue(m.status().reason().contains("gadget"), m.status().reason());
    assertTrue(events.stream().anyMatch(e -> e instanceof MachineEvent.Fault f && f.message().contains("the gadget is broken")));
    assertRuns(n);
    m.reset();
    assertRuns(m);
    n.destroy();
  }

  @Test void anEngineThatThrowsHoldsItsMachineOnly() throws Exception {
    Machine n = neighbour();
    for (Map.Entry<Script, String> s : Map.of(Script.THROW, "the engine is broken", Script.OVERFLOW, "too deep").entrySet()) {
      Machine m = define("m" + s.getKey());
      engines.script = Script.COUNT;
      m.start();
      engines.script = s.getKey();
      assertHeld(m, Ending.FAULT, s.getValue(), 4);
      m.destroy();
    }
    assertRuns(n);
    n.destroy();
  }

  @Test void aTripleFaultHoldsAndSaysWhichProcessor() throws Exception {
    Machine m = define("m");
    m.start();
    engines.script = Script.SHUTDOWN;
    assertHeld(m, Ending.TRIPLE_FAULT, "processor 0", 3);
    engines.script = Script.COUNT;
    m.reset();
    assertRuns(m);
  }

  @Test void aListenerThatThrowsHarmsNobody() throws Exception {
    Machine m = define("m");
    m.addListener(e -> {
      throw new IllegalStateException("listener");
    });
    m.start();
    assertRuns(m);
  }

  // ---- ends ---------------------------------------------------------------------------------------------------------------------

  @Test void theGuestsPowerOffStopsTheMachine() throws Exception {
    Machine m = define("m");
    m.start();
    engines.value = 2;
    engines.script = Script.PORT;
    assertEquals(Phase.STOPPED, m.await(Duration.ofSeconds(20)).phase());
    assertEquals(Ending.POWER_OFF, m.status().ending());
    assertEquals(0, m.status().exitStatus());
    assertEquals(List.of(), engines.open);
    assertTrue(m.statistics().get("vcpu0.instructions") >= 0, "its figures stay");
    m.start();
    assertRuns(m);
  }

  @Test void thePowerButtonAsksTheGuest() throws Exception {
    Machine m = define("m");
    m.start();
    m.shutdown();
    assertEquals(Ending.POWER_OFF, m.await(Duration.ofSeconds(20)).ending());
    Machine bare = define("bare", "device.gadget", "none");
    bare.start();
    assertEquals(Reason.NO_PROVIDER, assertThrows(MachineException.class, bare::shutdown).reason());
  }

  @Test void anExitDeviceGivesTheStatus() throws Exception {
    Machine m = define("m");
    m.start();
    engines.value = 4;
    engines.script = Script.PORT;
    assertEquals(Ending.EXIT_DEVICE, m.await(Duration.ofSeconds(20)).ending());
    assertEquals(7, m.status().exitStatus());
  }

  @Test void theGuestsResetRestartsOrStops() throws Exception {
    Machine m = define("m");
    m.start();
    m.pause();
    m.writeMemory(0x7C00, new byte[] {9, 9, 9, 9});
    m.writeMemory(0x9000, new byte[] {9});
    m.resume();
    List<MachineEvent> events = new CopyOnWriteArrayList<>();
    m.addListener(events::add);
    engines.value = 3;
    engines.script = Script.PORT;
    await("a reset", () -> events.stream().anyMatch(e -> e instanceof MachineEvent.Reset));
    awaitPhase(m, Phase.RUNNING);
    assertRuns(m);
    assertEquals(IMAGE[0], m.readMemory(0x7C00, 1)[0], "loaded anew");
    assertEquals(0, m.readMemory(0x9000, 1)[0], "memory is clear");
    assertEquals(1, m.statistics().get("machine.resets"));
    assertTrue(gadgets.verbs.contains("reset"));
    m.destroy();

    Machine s = define("s", "onReset", "stop");
    s.start();
    engines.script = Script.PORT;
    assertEquals(Ending.RESET, s.await(Duration.ofSeconds(20)).ending());
    assertEquals(5, s.status().exitStatus());
  }

  @Test void aResetWhoseImageIsGoneLeavesTheMachineRunning() throws Exception {
    Machine m = define("m");
    m.start();
    Files.delete(kernel);
    assertEquals(Reason.IMAGE, assertThrows(MachineException.class, m::reset).reason());
    assertRuns(m);
    engines.value = 3;
    engines.script = Script.PORT;
    assertHeld(m, Ending.FAULT, "no such file", 4);
  }

  // ---- providers that go and come -----------------------------------------------------------------------------------------------------

  @Test void anEngineThatGoesParksTheMachineUntilOneComes() throws Exception {
    Machine m = define("m");
    m.start();
    monitor.unbindEngine(engines);
    assertEquals(Phase.HELD, m.status().phase());
    assertEquals(Ending.PROVIDER_GONE, m.status().ending());
    assertTrue(m.status().reason().contains("\"fake\""), m.status().reason());
    assertEquals(List.of(), engines.open, "nothing of it stays in use");
    assertEquals(0x7C00, java.util.Objects.requireNonNull(m.vcpu(0).general()).rip());
    Fakes.FakeEngines again = new Fakes.FakeEngines();
    monitor.bindEngine(again, Fakes.reference(Map.of("annulus.engine", "fake")));
    awaitPhase(m, Phase.RUNNING);
    assertEquals(1, again.open.size());
    assertRuns(m);
  }

  @Test void aPausedMachineComesBackPaused() throws Exception {
    Machine m = define("m");
    m.start();
    m.pause();
    monitor.unbindEngine(engines);
    assertEquals(Phase.HELD, m.status().phase());
    monitor.bindEngine(engines, Fakes.reference(Map.of("annulus.engine", "fake")));
    awaitPhase(m, Phase.PAUSED);
    m.resume();
    assertRuns(m);
  }

  @Test void aMachineWithoutItsEngineCanBeSavedAndDestroyed() throws Exception {
    Machine m = define("m");
    m.start();
    monitor.unbindEngine(engines);
    m.save(folder.resolve("saved"));
    m.destroy();
    assertEquals(Phase.STOPPED, m.status().phase());
    assertEquals(Reason.NO_PROVIDER, assertThrows(MachineException.class, m::start).reason());
  }

  // ---- snapshots ------------------------------------------------------------------------------------------------------------------

  @Test void aSavedMachineGoesOnUnderAnotherName() throws Exception {
    Machine m = define("m", "cpus", "2");
    m.start();
    engines.value = 9;
    engines.script = Script.PORT;
    await("a byte", () -> serial(m).equals("9"));
    m.writeMemory(0x1234, new byte[] {5, 6, 7});
    Path file = folder.resolve("m.saved");
    m.save(file);
    assertEquals(Phase.PAUSED, m.status().phase());
    Machine r = monitor.restore(file, "r");
    assertEquals(Phase.PAUSED, r.status().phase());
    assertEquals(m.vcpu(0), r.vcpu(0));
    assertEquals(m.vcpu(1), r.vcpu(1));
    assertEquals(7, r.readMemory(0x1236, 1)[0]);
    assertEquals("9", serial(r));
    assertTrue(r.statistics().get("machine.nanos") >= m.statistics().get("machine.nanos"));
    r.resume();
    assertRuns(r);
    assertEquals(Reason.NAME_TAKEN, assertThrows(MachineException.class, () -> monitor.restore(file, "")).reason());
  }

  private static String serial(Machine m) {
    try {
      return new String(m.console("serial0").scrollback(), java.nio.charset.StandardCharsets.US_ASCII);
    } catch (MachineException e) {
      throw new AssertionError(e);
    }
  }

  @Test void aSaveThatCannotBeWrittenLeavesTheMachineAsItWas() throws Exception {
    Machine m = define("m");
    m.start();
    assertEquals(Reason.HOST, assertThrows(MachineException.class, () -> m.save(folder.resolve("no/such/folder/file"))).reason());
    assertRuns(m);
  }

  @Test void aFileThatIsNoMachineDefinesNone() throws Exception {
    Path file = Files.write(folder.resolve("junk"), new byte[5000]);
    assertEquals(Reason.STATE, assertThrows(MachineException.class, () -> monitor.restore(file, "x")).reason());
    assertEquals(Reason.HOST, assertThrows(MachineException.class, () -> monitor.restore(folder.resolve("none"), "x")).reason());
    assertTrue(monitor.machine("x").isEmpty());
  }

  // ---- the service ------------------------------------------------------------------------------------------------------------------

  @Test void namesAreUniqueAndRunningMachinesAreNotForgottenByAccident() throws Exception {
    Machine m = define("m");
    assertEquals(Reason.NAME_TAKEN, assertThrows(MachineException.class, () -> define("m")).reason());
    m.start();
    assertEquals(Reason.WRONG_PHASE, assertThrows(MachineException.class, () -> monitor.undefine("m", false)).reason());
    monitor.undefine("m", true);
    assertTrue(monitor.machine("m").isEmpty());
    assertEquals(Phase.STOPPED, m.status().phase());
    assertEquals(Reason.NO_SUCH_MACHINE, assertThrows(MachineException.class, () -> monitor.undefine("m", true)).reason());
    define("m");
  }

  @Test void manyMachinesRunSideBySide() throws Exception {
    for (int n = 0; n < 6; n++) {
      define("m" + n).start();
    }
    for (Machine m : monitor.machines()) {
      assertRuns(m);
    }
    monitor.machines().get(3).destroy();
    assertFalse(monitor.machines().get(2).status().ended());
    assertRuns(monitor.machines().get(4));
  }

  @Test void whatAnEarlierRunReportsDoesNotEndTheNext() throws Exception {
    Machine m = define("m");
    for (int n = 0; n < 30; n++) {
      m.start();
      engines.value = 2;
      engines.script = Script.PORT;
      Thread.sleep(0, 100_000);
      m.destroy();
      engines.script = Script.COUNT;
      m.start();
      Thread.sleep(1);
      assertEquals(Phase.RUNNING, m.status().phase(), "round " + n + ": " + m.status());
      m.destroy();
    }
  }
}
