package annulus.device.pic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.device.DeviceException;
import annulus.device.DeviceFactory;
import annulus.device.ExternalInterrupts;
import annulus.device.InterruptLine;
import annulus.tck.device.DeviceContract;
import annulus.tck.device.FakeContext;
import annulus.tck.device.FakeMachine;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PicPairTest extends DeviceContract {
  private final FakeMachine m = new FakeMachine();
  private final FakeContext wires = m.context("wires");
  private ExternalInterrupts pic = new ExternalInterrupts() {
    @Override public boolean asserted() {
      throw new AssertionError("not set up");
    }

    @Override public int acknowledge() {
      throw new AssertionError("not set up");
    }
  };

  @Override protected DeviceFactory factory() {
    return new PicPairFactory();
  }

  @Override protected String name() {
    return "pic";
  }

  @Override protected void exercise(FakeMachine machine) {
    initialize(machine, 0x01);
    InterruptLine line = machine.context("wire").line(9);
    line.pulse();
    machine.the(ExternalInterrupts.class).acknowledge();
    machine.out(0x20, 0xC3); // IR3 lowest
    machine.out(0x21, 0x40);
    line.pulse();
  }

  private static void initialize(FakeMachine machine, int icw4) {
    machine.out(0x20, 0x11);
    machine.out(0x21, 0x20);
    machine.out(0x21, 0x04);
    machine.out(0x21, icw4);
    machine.out(0xA0, 0x11);
    machine.out(0xA1, 0x28);
    machine.out(0xA1, 0x02);
    machine.out(0xA1, icw4);
  }

  @BeforeEach void start() throws DeviceException {
    m.start(factory(), "pic", options());
    pic = m.the(ExternalInterrupts.class);
    initialize(m, 0x01);
    m.log.clear();
  }

  @Test void edgeIsAcknowledgedOnceWithItsVector() {
    wires.line(4).pulse();
    assertTrue(m.requested(0));
    assertEquals(0x24, pic.acknowledge());
    assertFalse(m.requested(0));
    assertEquals(0x10, inService(0x20));
    m.out(0x20, 0x20);
    assertEquals(0, inService(0x20));
  }

  @Test void slaveInterruptSetsBothInServiceBits() {
    wires.line(12).set(true);
    assertEquals(0x2C, pic.acknowledge());
    assertEquals(0x04, inService(0x20));
    assertEquals(0x10, inService(0xA0));
  }

  @Test void lowerPriorityWaitsForTheEndOfTheHigherOne() {
    wires.line(1).pulse();
    wires.line(3).pulse();
    assertEquals(0x21, pic.acknowledge());
    assertFalse(pic.asserted());
    m.out(0x20, 0x20);
    assertEquals(0x23, pic.acknowledge());
    wires.line(0).pulse();
    assertTrue(pic.asserted(), "a higher one nests");
  }

  @Test void secondSlaveInterruptFollowsTheFirst() {
    wires.line(10).pulse();
    wires.line(8).pulse();
    assertEquals(0x28, pic.acknowledge());
    m.out(0xA0, 0x20);
    m.out(0x20, 0x20);
    assertTrue(pic.asserted());
    assertEquals(0x2A, pic.acknowledge());
  }

  @Test void requestThatVanishesGivesTheSpuriousVectorWithoutServiceBit() {
    m.out(0x4D0, 0x20);
    wires.line(5).set(true);
    wires.line(5).set(false);
    assertFalse(pic.asserted());
    assertEquals(0x27, pic.acknowledge());
    assertEquals(0, inService(0x20));
  }

  @Test void spuriousSlaveInterruptLeavesOnlyTheCascadeInService() {
    wires.line(9).pulse();
    m.out(0xA1, 0x02);
    assertEquals(0x2F, pic.acknowledge());
    assertEquals(0x04, inService(0x20));
    assertEquals(0, inService(0xA0));
  }

  @Test void slaveRequestThatStaysIsANewEdgeForTheMaster() {
    wires.line(11).pulse();
    assertEquals(0x2B, pic.acknowledge());
    wires.line(8).pulse();
    m.out(0x20, 0x20);
    assertEquals(0x28, pic.acknowledge());
  }

  @Test void levelInputAsksAgainAfterItsEnd() {
    m.out(0x4D1, 0x02);
    wires.line(9).set(true);
    assertEquals(0x29, pic.acknowledge());
    assertFalse(pic.asserted());
    m.out(0xA0, 0x20);
    m.out(0x20, 0x20);
    assertTrue(pic.asserted());
    wires.line(9).set(false);
    assertEquals(0x2F, pic.acknowledge(), "the master has the cascade latched, the slave has nothing left");
  }

  @Test void elcrKeepsTimerKeyboardAndClockOnEdges() {
    m.out(0x4D0, 2, 0xFFFF);
    assertEquals(0xDEF8, m.in(0x4D0, 2));
  }

  @Test void maskHidesARequestAndKeepsIt() {
    m.out(0x21, 0x10);
    wires.line(4).pulse();
    assertFalse(pic.asserted());
    m.out(0x20, 0x0A);
    assertEquals(0x10, m.in(0x20), "IRR");
    m.out(0x21, 0x00);
    assertTrue(pic.asserted());
  }

  @Test void automaticEndOfInterruptLeavesNothingInService() {
    initialize(m, 0x03);
    wires.line(6).pulse();
    assertEquals(0x26, pic.acknowledge());
    assertEquals(0, inService(0x20));
  }

  @Test void rotationMakesTheServedInputTheLowest() {
    wires.line(1).pulse();
    pic.acknowledge();
    m.out(0x20, 0xA0);
    wires.line(1).pulse();
    wires.line(2 + 1).pulse();
    assertEquals(0x23, pic.acknowledge());
  }

  @Test void specialMaskModeLetsLowerPrioritiesThrough() {
    wires.line(1).pulse();
    pic.acknowledge();
    wires.line(6).pulse();
    assertFalse(pic.asserted());
    m.out(0x21, 0x02);
    m.out(0x20, 0x68);
    assertTrue(pic.asserted());
    assertEquals(0x26, pic.acknowledge());
    m.out(0x20, 0x20);
    assertEquals(0x02, inService(0x20), "a non-specific end does not touch the masked one");
  }

  @Test void pollAcknowledges() {
    wires.line(3).pulse();
    m.out(0x20, 0x0C);
    assertEquals(0x83, m.in(0x20));
    assertEquals(0x08, inService(0x20));
    m.out(0x20, 0x0C);
    assertEquals(0, m.in(0x20) & 0x80);
  }

  @Test void initializationForgetsLatchedEdges() {
    wires.line(4).set(true);
    initialize(m, 0x01);
    assertFalse(pic.asserted());
    wires.line(4).set(false);
    wires.line(4).set(true);
    assertTrue(pic.asserted());
  }

  private int inService(int port) {
    m.out(port, 0x0B);
    return m.in(port);
  }
}
