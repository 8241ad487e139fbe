package annulus.memory.direct;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.arch.Cr0;
import annulus.arch.Cr4;
import annulus.arch.Efer;
import annulus.memory.FramePool;
import annulus.memory.MappedGuestMemory;
import annulus.memory.OutOfFramesException;
import annulus.memory.translation.Access;
import annulus.memory.translation.PagingState;
import annulus.memory.translation.SoftTlb;
import annulus.memory.translation.Translation;
import annulus.memory.translation.Walk;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a TLB may still hold after each kind of invalidation. */
class DirectTranslationTest {
  private static final FramePool POOL = new FramePool();
  private static final long LINEAR = 0x40_3000;

  private final MappedGuestMemory memory = new MappedGuestMemory(POOL);
  private final PagingState state = new PagingState();
  private final SoftTlb tlb = new SoftTlb();
  private final Walk walk = new Walk();
  private Translation translation = new DirectTranslationProvider().open(memory, 40);

  @BeforeEach void map() throws OutOfFramesException {
    memory.addRam(0, 0x2_0000);
    state.cr0 = Cr0.PG | Cr0.PE | Cr0.WP;
    state.cr4 = Cr4.PAE | Cr4.PGE;
    state.efer = Efer.LMA | Efer.NXE;
    state.cr3 = 0x1000;
    memory.write(0x1000, 8, 0x2007);
    memory.write(0x2000, 8, 0x3007);
    memory.write(0x3010, 8, 0x4007);
    memory.write(0x4018, 8, 0x5007);
    translation.modeChanged(state, tlb);
  }

  @AfterEach void release() {
    translation.close();
    memory.close();
  }

  private boolean cached(int access) {
    return tlb.entries[SoftTlb.index(LINEAR)] == SoftTlb.tag(LINEAR, translation.context(state, access, tlb));
  }

  private void access(int access) {
    assertEquals(Translation.OK, translation.translate(state, LINEAR, access | Access.READ, walk));
    tlb.fill(LINEAR, translation.context(state, access, tlb), memory.hostOffset(walk.gpa) & -4096, walk.rights, walk.pageShift,
        walk.global);
    assertTrue(cached(access));
  }

  @Test void entriesOfOnePrivilegeDoNotServeAnother() {
    state.cr4 |= Cr4.SMAP;
    translation.modeChanged(state, tlb);
    access(Access.USER);
    assertEquals(false, cached(0));
    assertEquals(false, cached(Access.IMPLICIT));
    state.alignmentCheck = true;
    access(0);
    state.alignmentCheck = false;
    assertEquals(false, cached(0), "SMAP holds again once AC is clear");
    state.alignmentCheck = true;
    assertEquals(false, cached(Access.IMPLICIT), "AC does not lift SMAP for implicit accesses");
  }

  @Test void loadingCr3DropsWhatIsNotGlobal() {
    access(0);
    translation.rootLoaded(state, false, tlb);
    assertEquals(false, cached(0));
  }

  @Test void globalPagesSurviveALoadOfCr3ButNotAChangeOfPge() {
    memory.write(0x4018, 8, 0x5107);
    access(0);
    translation.rootLoaded(state, false, tlb);
    assertTrue(cached(0));
    state.cr4 &= ~Cr4.PGE;
    translation.modeChanged(state, tlb);
    assertEquals(false, cached(0));
    access(0);
    translation.rootLoaded(state, false, tlb);
    assertEquals(false, cached(0), "without PGE nothing is global");
  }

  @Test void moreLocalEntriesThanTheTlbRemembersAreDroppedAllTheSame() {
    for (int n = 0; n < 2 * SoftTlb.SIZE; n++) {
      access(0);
    }
    translation.rootLoaded(state, false, tlb);
    assertEquals(false, cached(0));
    access(0);
    translation.rootLoaded(state, false, tlb);
    assertEquals(false, cached(0));
  }

  @Test void everyContextIsRecycledWithoutAStaleEntry() {
    access(0);
    int first = translation.context(state, 0, tlb);
    boolean again = false;
    for (int n = 0; n < 1100; n++) {
      translation.modeChanged(state, tlb);
      int context = translation.context(state, Access.USER, tlb);
      assertTrue(context < 0xFFE, "contexts from 0xFFE on are reserved");
      again |= translation.context(state, 0, tlb) == first;
      assertEquals(false, cached(0));
    }
    assertTrue(again, "a context came round again");
  }

  @Test void invlpgDropsThePageInEveryContextAndGlobalOnesToo() {
    memory.write(0x4018, 8, 0x5107);
    for (int privilege : new int[] {0, Access.USER}) {
      access(privilege);
      translation.invalidatePage(state, LINEAR, tlb);
      assertEquals(false, cached(privilege));
    }
  }

  @Test void invpcidDropsWhatEachTypeNames() {
    state.cr4 |= Cr4.PCIDE;
    for (long pte : new long[] {0x5007, 0x5107}) {
      memory.write(0x4018, 8, pte);
      for (int type = 0; type < 4; type++) {
        access(0);
        translation.invalidatePcid(state, type, 0, LINEAR, tlb);
        boolean spared = pte == 0x5107 && (type == 1 || type == 3);
        assertEquals(spared, cached(0), "type " + type + ", entry " + Long.toHexString(pte));
      }
    }
  }

  @Test void invlpgDropsEveryPieceOfALargePage() {
    memory.write(0x3010, 8, 0x20_0087);
    for (long page : new long[] {0x40_0000, LINEAR, 0x5F_F000}) {
      assertEquals(Translation.OK, translation.translate(state, page, Access.READ, walk));
      tlb.fill(page, translation.context(state, 0, tlb), 0, walk.rights, walk.pageShift, walk.global);
    }
    translation.invalidatePage(state, 0x51_0000, tlb);
    for (long page : new long[] {0x40_0000, LINEAR, 0x5F_F000}) {
      assertEquals(SoftTlb.EMPTY, tlb.entries[SoftTlb.index(page)]);
    }
  }

  @Test void invlpgElsewhereLeavesLargePagesAlone() {
    memory.write(0x3010, 8, 0x87);
    access(0);
    translation.invalidatePage(state, 0x80_0000, tlb);
    assertTrue(cached(0));
  }

  @Test void aChangedControlBitTakesNewContexts() {
    access(0);
    int before = translation.context(state, 0, tlb);
    state.cr0 &= ~Cr0.WP;
    translation.modeChanged(state, tlb);
    assertNotEquals(before, translation.context(state, 0, tlb));
  }

  @Test void entriesOfAValueOfPkruServeWhenItComesBackAndNoOther() {
    access(0);
    state.pkru = 4;
    assertEquals(false, cached(0));
    state.pkru = 0;
    assertTrue(cached(0));
    translation.modeChanged(state, tlb);
    assertEquals(false, cached(0));
    state.pkru = 4;
    assertEquals(false, cached(0));
    state.pkru = 0;
    assertEquals(false, cached(0), "what a control bit has changed does not come back");
  }

  @Test void valuesOfPkruAreRecycledWithoutAStaleEntry() {
    access(0);
    for (int n = 1; n < 3000; n++) {
      state.pkru = n;
      assertEquals(false, cached(0));
      assertTrue(translation.context(state, Access.USER, tlb) < 0xFFE, "contexts from 0xFFE on are reserved");
    }
    assertTrue(translation.counters().get("slots-recycled") >= 2);
  }

  @Test void flushForgetsEverything() {
    access(0);
    translation.flush(tlb);
    assertEquals(false, cached(0));
  }

  @Test void countersFollowTheWork() {
    access(0);
    assertTrue(translation.counters().get("walks") >= 1);
    assertEquals(4, translation.counters().get("references"));
  }
}
