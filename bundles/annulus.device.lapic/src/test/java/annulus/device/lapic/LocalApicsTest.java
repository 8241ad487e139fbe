package annulus.device.lapic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.arch.Msr;
import annulus.device.ApicBus;
import annulus.device.DeviceException;
import annulus.device.DeviceFactory;
import annulus.device.EndOfInterruptListener;
import annulus.device.ExternalInterruptTarget;
import annulus.device.ExternalInterrupts;
import annulus.device.LocalInterrupts;
import annulus.device.MessageSignalledInterrupts;
import annulus.tck.device.DeviceContract;
import annulus.tck.device.FakeContext;
import annulus.tck.device.FakeMachine;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LocalApicsTest extends DeviceContract {
  private static final long PAGE = 0xFEE00000L;
  private static final int TPR = 0x80;
  private static final int EOI = 0xB0;
  private static final int LDR = 0xD0;
  private static final int DFR = 0xE0;
  private static final int SVR = 0xF0;
  private static final int ICR = 0x300;
  private static final int LVT_TIMER = 0x320;

  private final FakeMachine m = new FakeMachine(4, List.of());
  private final FakeContext wires = m.context("wires");

  @Override protected DeviceFactory factory() {
    return new LocalApicsFactory();
  }

  @Override protected String name() {
    return "lapic";
  }

  @Override protected void exercise(FakeMachine machine) {
    machine.as(0, () -> {
      machine.write(PAGE + TPR, 4, 0x20);
      machine.write(PAGE + 0x3E0, 4, 0x3);
      machine.write(PAGE + LVT_TIMER, 4, 0x20040);
      machine.write(PAGE + 0x380, 4, 100_000);
      machine.write(PAGE + ICR, 4, 0x40000 | 0x51);
    });
    LocalInterrupts local = machine.the(LocalInterrupts.class);
    local.acknowledge(0);
    local.writeMsr(1, Msr.APIC_BASE, 0xFEE00C00L);
    local.writeMsr(1, 0x80F, 0x1FF);
    local.writeMsr(1, 0x832, 0x40041);
    local.writeMsr(1, Msr.TSC_DEADLINE, machine.tsc() + 2_000_000_000L);
  }

  @BeforeEach void start() throws DeviceException {
    m.start(factory(), "lapic", options());
    for (int i = 0; i < 4; i++) {
      write(i, SVR, 0x1FF);
    }
    m.log.clear();
  }

  private void write(int vcpu, int offset, int value) {
    m.as(vcpu, () -> m.write(PAGE + offset, 4, value));
  }

  private int read(int vcpu, int offset) {
    int[] value = new int[1];
    m.as(vcpu, () -> value[0] = (int) m.read(PAGE + offset, 4));
    return value[0];
  }

  private LocalInterrupts local() {
    return m.the(LocalInterrupts.class);
  }

  private void deliver(int destination, boolean logical, int mode, int vector) {
    m.the(ApicBus.class).deliver(destination, logical, mode, vector, false);
  }

  @Test void everyProcessorSeesItsOwnIdAtTheSamePage() {
    for (int i = 0; i < 4; i++) {
      assertEquals(i << 24, read(i, 0x20));
    }
  }

  @Test void highestVectorIsServedFirstAndLowerOnesWaitForEoi() {
    deliver(1, false, 0, 0x31);
    deliver(1, false, 0, 0x55);
    assertEquals(0x55, local().acknowledge(1));
    assertFalse(m.requested(1), "class 3 is below class 5 in service");
    write(1, EOI, 0);
    assertTrue(m.requested(1));
    assertEquals(0x31, local().acknowledge(1));
    assertEquals(-1, local().acknowledge(1));
  }

  @Test void taskPriorityHoldsBackItsClassAndBelow() {
    local().setTaskPriority(2, 5);
    deliver(2, false, 0, 0x5F);
    assertFalse(m.requested(2));
    assertEquals(0x50, read(2, TPR));
    write(2, TPR, 0x4F);
    assertTrue(m.requested(2));
    assertEquals(4, local().taskPriority(2));
    assertEquals(0x4F, read(2, 0xA0), "PPR");
  }

  @Test void levelInterruptBroadcastsItsEndAndEdgeDoesNot() {
    List<Integer> ends = new ArrayList<>();
    wires.provide(EndOfInterruptListener.class, ends::add);
    m.the(ApicBus.class).deliver(0, false, 0, 0x61, true);
    local().acknowledge(0);
    write(0, EOI, 0);
    assertEquals(List.of(0x61), ends);
    deliver(0, false, 0, 0x61);
    local().acknowledge(0);
    write(0, EOI, 0);
    assertEquals(List.of(0x61), ends);
    write(0, SVR, 0x11FF);
    m.the(ApicBus.class).deliver(0, false, 0, 0x61, true);
    local().acknowledge(0);
    write(0, EOI, 0);
    assertEquals(List.of(0x61), ends, "suppressed by SVR bit 12");
  }

  @Test void initAndStartupReachTheTarget() {
    write(0, ICR + 0x10, 2 << 24);
    write(0, ICR, 0xC500);
    write(0, ICR, 0x8500);
    write(0, ICR, 0x0699);
    assertEquals(List.of("vcpu 2 init", "vcpu 2 startup 99"), m.log);
  }

  @Test void shorthandsNameSelfAllAndOthers() {
    write(1, ICR, 0x40000 | 0x41);
    assertEquals(List.of("vcpu 1 interrupt high"), m.log);
    m.log.clear();
    write(1, ICR, 0xC0000 | 0x400);
    assertEquals(List.of("vcpu 0 nmi", "vcpu 2 nmi", "vcpu 3 nmi"), m.log);
    m.log.clear();
    write(1, ICR, 0x80000 | 0x400);
    assertEquals(4, m.log.size());
  }

  @Test void flatAndClusterDestinationsMatchTheLogicalId() {
    for (int i = 0; i < 4; i++) {
      write(i, LDR, 1 << 24 + i);
    }
    deliver(0x0A, true, 0, 0x40);
    assertTrue(m.requested(1) && m.requested(3) && !m.requested(0) && !m.requested(2));
    for (int i = 0; i < 4; i++) {
      write(i, DFR, 0x0FFF_FFFF);
      write(i, LDR, (i < 2 ? 0x10 : 0x20) + (1 << (i & 1)) << 24);
    }
    deliver(0x23, true, 4, 0);
    assertEquals(List.of("vcpu 2 nmi", "vcpu 3 nmi"), m.log.subList(2, 4));
  }

  @Test void lowestPriorityGoesToTheIdlestOfTheAddressed() {
    write(0, TPR, 0x40);
    write(1, TPR, 0x30);
    deliver(0xFF, false, 1, 0x81);
    assertTrue(m.requested(2));
    write(2, TPR, 0xF0);
    write(3, TPR, 0x70);
    m.log.clear();
    deliver(0xFF, false, 1, 0x82);
    assertTrue(m.requested(1));
  }

  @Test void illegalVectorsAreErrorsAndRaiseTheErrorInterrupt() {
    write(0, 0x370, 0x71);
    write(0, ICR, 0x40000 | 0x05);
    write(0, 0x280, 0);
    assertEquals(0x20, read(0, 0x280));
    assertEquals(0x71, local().acknowledge(0));
    deliver(0, false, 0, 3);
    write(0, 0x280, 0);
    assertEquals(0x40, read(0, 0x280));
    write(0, 0x280, 0);
    assertEquals(0, read(0, 0x280));
  }

  @Test void periodicTimerFiresAtItsRateAndCountsDown() {
    write(0, 0x3E0, 0xB); // divide by 1
    write(0, LVT_TIMER, 0x20000 | 0x40);
    write(0, 0x380, 1_000_000);
    int interrupts = 0;
    for (int i = 0; i < 100; i++) {
      m.advance(1_000_000);
      while (local().acknowledge(0) == 0x40) {
        interrupts++;
        write(0, EOI, 0);
      }
    }
    assertEquals(100, interrupts);
    m.advance(250_000);
    assertEquals(750_000, read(0, 0x390));
  }

  @Test void oneShotTimerFiresOnceAndStandsAtZero() {
    write(0, 0x3E0, 0x3); // divide by 16
    write(0, LVT_TIMER, 0x40);
    write(0, 0x380, 1000);
    m.advance(15_999);
    assertFalse(m.requested(0));
    m.advance(1);
    assertTrue(m.requested(0));
    m.advance(1_000_000);
    assertEquals(0, read(0, 0x390));
    assertEquals(-1, m.nextTimer());
  }

  @Test void deadlineFiresAtItsTscAndClearsItself() {
    write(0, LVT_TIMER, 0x40000 | 0x44);
    assertTrue(local().writeMsr(0, Msr.TSC_DEADLINE, 2_000_001));
    assertEquals(2_000_001, local().readMsr(0, Msr.TSC_DEADLINE));
    m.advance(1_000_000);
    assertFalse(m.requested(0));
    m.advance(1);
    assertTrue(m.requested(0));
    assertEquals(0, local().readMsr(0, Msr.TSC_DEADLINE));
    local().writeMsr(0, Msr.TSC_DEADLINE, -1);
    assertTrue(m.nextTimer() > 1L << 60, "a deadline for ever");
    write(0, LVT_TIMER, 0x44);
    assertEquals(0, local().readMsr(0, Msr.TSC_DEADLINE), "another mode disarms it");
    assertEquals(-1, m.nextTimer());
  }

  @Test void baseTransitionsFollowTheStateMachine() {
    assertEquals(0xFEE00900L, local().readMsr(0, Msr.APIC_BASE));
    assertFalse(local().writeMsr(0, Msr.APIC_BASE, 0xFEE00500L), "EXTD without EN");
    assertFalse(local().writeMsr(0, Msr.APIC_BASE, 0xFEE00901L), "reserved");
    assertTrue(local().writeMsr(0, Msr.APIC_BASE, 0xFEE00D00L));
    assertFalse(local().writeMsr(0, Msr.APIC_BASE, 0xFEE00900L), "x2APIC to xAPIC");
    assertTrue(local().writeMsr(0, Msr.APIC_BASE, 0xFEE00100L));
    assertFalse(local().globallyEnabled(0));
    assertFalse(local().writeMsr(0, Msr.APIC_BASE, 0xFEE00D00L), "disabled to x2APIC");
    assertTrue(local().writeMsr(0, Msr.APIC_BASE, 0xFEE00900L));
    assertEquals(0xFF, read(0, SVR), "lost what it was set to");
    assertEquals(-1, read(-1, SVR), "no processor, no registers");
  }

  @Test void disabledApicHasNoRegistersAndComesBack() {
    local().writeMsr(1, Msr.APIC_BASE, 0xFEE00000L);
    assertEquals(-1, read(1, 0x30));
    write(1, TPR, 0x20);
    local().writeMsr(1, Msr.APIC_BASE, 0xFEE00800L);
    assertEquals(0, read(1, TPR));
    assertEquals(0x0105_0014, read(1, 0x30));
  }

  @Test void registersFollowTheBaseAddress() {
    assertTrue(local().writeMsr(1, Msr.APIC_BASE, 0xFED80800L));
    int[] id = new int[2];
    m.as(1, () -> {
      id[0] = (int) m.read(0xFED80020L, 4);
      id[1] = (int) m.read(PAGE + 0x20, 4);
    });
    assertEquals(1 << 24, id[0]);
    assertEquals(-1, id[1]);
  }

  @Test void x2apicRegistersAreMsrs() {
    assertFalse(local().readable(3, 0x802));
    assertFalse(local().writeMsr(3, 0x808, 0));
    local().writeMsr(3, Msr.APIC_BASE, 0xFEE00C00L);
    assertEquals(3, local().readMsr(3, 0x802));
    assertEquals(8, local().readMsr(3, 0x80D), "cluster 0, bit 3");
    assertEquals(-1, read(3, 0x20), "no longer in memory");
    assertTrue(local().writeMsr(3, 0x83F, 0x50));
    assertEquals(0x50, local().acknowledge(3));
    assertTrue(local().writeMsr(3, 0x80B, 0));
    assertTrue(local().writeMsr(3, 0x830, 2L << 32 | 0x62));
    assertEquals(0x62, local().acknowledge(2));
    assertFalse(local().writeMsr(3, 0x80B, 1), "EOI takes only 0");
    assertFalse(local().writeMsr(3, 0x802, 0), "read-only");
    assertFalse(local().writeMsr(3, 0x80E, 0), "DFR is gone");
    assertFalse(local().readable(3, 0x80E) || local().readable(3, 0x80B) || local().readable(3, 0x831));
    assertFalse(local().writeMsr(3, 0x808, 0x100), "reserved bit");
    assertFalse(local().writeMsr(3, 0x835, 1L << 32));
  }

  @Test void onlyThe8259ReachesTheBootProcessorAfterReset() throws DeviceException {
    FakeMachine fresh = new FakeMachine(2, List.of());
    boolean[] intr = {false};
    fresh.context("pic").provide(ExternalInterrupts.class, new ExternalInterrupts() {
      @Override public boolean asserted() {
        return intr[0];
      }

      @Override public int acknowledge() {
        intr[0] = false;
        return 0x20;
      }
    });
    fresh.start(factory(), "lapic", options());
    intr[0] = true;
    fresh.the(ExternalInterruptTarget.class).externalInterruptChanged(true);
    assertTrue(fresh.requested(0));
    assertFalse(fresh.requested(1));
    assertEquals(0x20, fresh.the(LocalInterrupts.class).acknowledge(0));
    assertFalse(fresh.requested(0));
    fresh.as(0, () -> fresh.write(PAGE + 0x350, 4, 0x10700));
    intr[0] = true;
    fresh.the(ExternalInterruptTarget.class).externalInterruptChanged(true);
    assertFalse(fresh.requested(0), "LINT0 is masked");
    fresh.the(LocalInterrupts.class).writeMsr(0, Msr.APIC_BASE, 0xFEE00100L);
    assertTrue(fresh.requested(0), "a disabled APIC lets INTR through");
  }

  @Test void softwareDisabledApicTakesNoFixedInterruptsButNmis() {
    write(1, SVR, 0xFF);
    assertEquals(0x10000, read(1, 0x350) & 0x10000);
    deliver(1, false, 0, 0x50);
    deliver(1, false, 4, 0);
    assertEquals(List.of("vcpu 1 nmi"), m.log);
  }

  @Test void messagesWriteVectorAndDestination() {
    m.the(MessageSignalledInterrupts.class).message(0xFEE03000L, 0x4091);
    assertEquals(0x91, local().acknowledge(3));
  }

  @Test void initReturnsAnApicToItsStartButKeepsBaseAndId() {
    write(1, TPR, 0x50);
    deliver(1, false, 0, 0x99);
    local().initReceived(1);
    assertFalse(m.requested(1));
    assertEquals(0xFF, read(1, SVR));
    assertEquals(1 << 24, read(1, 0x20));
    assertTrue(local().globallyEnabled(1));
    assertEquals(0, Collections.frequency(m.log, "vcpu 0 interrupt high"));
  }
}
