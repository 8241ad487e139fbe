package annulus.tck.translation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import annulus.memory.translation.TranslationProvider;
import annulus.memory.translation.Walk;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every translation strategy keeps, seen as an engine sees it: a probe of the TLB, on a miss a translation that fills it. A provider's
 * test extends this class.
 */
public abstract class TranslationContract {
  /** Contexts from here on are the engine's; LinearMemory of the processor library calls the first NEVER_CACHED. */
  protected static final int FIRST_RESERVED_CONTEXT = 0xFFE;
  private static final int PHYSICAL_BITS = 40;
  private static final int FAULT = -1;
  private static final FramePool POOL = new FramePool();

  private static final long LINEAR = 0x40_3000;
  private static final long PML4 = 0x1000;
  private static final long OTHER_PML4 = 0x6000;
  private static final long PTE = 0x4018;
  private static final long PAGE = 0x1_0000;
  private static final long OTHER_PAGE = 0x1_1000;

  private static final int P = 1;
  private static final int RW = 2;
  private static final int US = 4;
  private static final int A = 0x20;
  private static final int D = 0x40;
  private static final int G = 0x100;
  private static final long XD = 1L << 63;

  /** Error-code bits, SDM 3A 4.7. */
  private static final int WRITE = 2;
  private static final int USER = 4;
  private static final int RESERVED = 8;
  private static final int FETCH = 16;
  private static final int KEY = 32;

  private final MappedGuestMemory memory = new MappedGuestMemory(POOL);
  private final PagingState state = new PagingState();
  private final SoftTlb tlb = new SoftTlb();
  private final Walk walk = new Walk();
  @SuppressWarnings("NullAway.Init")
  private Translation translation;

  /** The strategy under test. */
  protected abstract TranslationProvider provider();

  @BeforeEach void open() throws OutOfFramesException {
    memory.addRam(0, 0x4_0000);
    for (long root : new long[] {PML4, OTHER_PML4}) {
      memory.write(root, 8, root + 0x1000 | P | RW | US);
      memory.write(root + 0x1000, 8, root + 0x2000 | P | RW | US);
      memory.write(root + 0x2010, 8, root + 0x3000 | P | RW | US);
      memory.write(root + 0x3018, 8, PAGE | P | RW | US);
    }
    state.cr0 = Cr0.PG | Cr0.PE | Cr0.WP;
    state.cr3 = PML4;
    state.cr4 = Cr4.PAE | Cr4.PGE;
    state.efer = Efer.LME | Efer.LMA | Efer.NXE;
    translation = provider().open(memory, PHYSICAL_BITS);
    translation.flush(tlb);
  }

  @AfterEach void close() {
    translation.close();
    memory.close();
  }

  /** The guest-physical page behind {@link #LINEAR} as an access finds it, by the TLB or by a translation, or {@link #FAULT}. */
  private long access(int access) {
    return access(LINEAR, access);
  }

  private long access(long linear, int access) {
    int context = translation.context(state, access, tlb);
    assertTrue(context >= 0 && context < FIRST_RESERVED_CONTEXT, "context 0x%x".formatted(context));
    int kind = (access & Access.WRITE) != 0 ? SoftTlb.WRITE : (access & Access.EXECUTE) != 0 ? SoftTlb.EXECUTE : SoftTlb.READ;
    int i = SoftTlb.index(linear);
    if (tlb.entries[i + kind] == SoftTlb.tag(linear, context)) {
      return guestPage(tlb.hostOffset(i, linear & -4096));
    }
    if (translation.translate(state, linear, access, walk) != Translation.OK) {
      return FAULT;
    }
    long host = memory.hostOffset(walk.gpa) & -4096;
    tlb.fill(linear, translation.context(state, access, tlb), host, walk.rights, walk.pageShift, walk.global);
    return walk.gpa & -4096;
  }

  private long guestPage(long host) {
    for (long gpa = 0; gpa < 0x4_0000; gpa += 4096) {
      if (memory.hostOffset(gpa) == host) {
        return gpa;
      }
    }
    throw new AssertionError("host offset 0x%x is no page of the machine".formatted(host));
  }

  private void pte(long value) {
    memory.write(PTE, 8, value);
  }

  private void modeChanged() {
    translation.modeChanged(state, tlb);
  }

  private void load(long cr3, boolean keep) {
    state.cr3 = cr3;
    translation.rootLoaded(state, keep, tlb);
  }

  /** Expects a fault with this error code. */
  private void assertFaults(int error, int access) {
    assertEquals(FAULT, access(access));
    assertEquals(error, walk.errorCode);
  }

  // ---- accessed and dirty flags ---------------------------------------------------------------------------------------------------

  @Test void aReadSetsAccessedFlagsOnTheWholeWay() {
    assertEquals(PAGE, access(Access.READ));
    for (long entry : new long[] {PML4, PML4 + 0x1000, PML4 + 0x2010, PTE}) {
      assertEquals(A, memory.read(entry, 8) & (A | D), "entry at 0x%x".formatted(entry));
    }
  }

  @Test void theFirstWriteSetsTheDirtyFlagEvenAfterAReadWasCached() {
    access(Access.READ);
    assertEquals(0, memory.read(PTE, 8) & D);
    assertEquals(PAGE, access(Access.WRITE));
    assertEquals(A | D, memory.read(PTE, 8) & (A | D));
    assertEquals(0, memory.read(PML4 + 0x2010, 8) & D, "of the page only");
  }

  @Test void aDirtyFlagThatTheGuestClearsIsSetAgainAfterInvlpg() {
    access(Access.WRITE);
    pte(PAGE | P | RW | US | A);
    translation.invalidatePage(state, LINEAR, tlb);
    access(Access.READ);
    assertEquals(0, memory.read(PTE, 8) & D);
    access(Access.WRITE);
    assertEquals(D, memory.read(PTE, 8) & D);
  }

  @Test void anAccessThatFaultsSetsNoFlags() {
    pte(PAGE | P | US);
    assertFaults(P | WRITE | USER, Access.WRITE | Access.USER);
    for (long entry : new long[] {PML4, PML4 + 0x1000, PML4 + 0x2010, PTE}) {
      assertEquals(0, memory.read(entry, 8) & (A | D));
    }
  }

  @Test void aDebuggersLookLeavesNoTraceAndNeedsNoRights() {
    pte(PAGE | P | XD);
    assertEquals(Translation.OK, translation.translate(state, LINEAR + 5, Access.READ | Access.PROBE | Access.USER, walk));
    assertEquals(PAGE + 5, walk.gpa);
    assertEquals(PAGE | P | XD, memory.read(PTE, 8));
  }

  // ---- faults ---------------------------------------------------------------------------------------------------------------------

  @Test void absentAndReservedEntriesHaveTheirErrorCodes() {
    pte(PAGE | RW | US);
    assertFaults(0, Access.READ);
    assertFaults(WRITE | USER, Access.WRITE | Access.USER);
    assertFaults(FETCH, Access.EXECUTE);
    pte(PAGE | P | RW | 1L << 45);
    assertFaults(P | RESERVED, Access.READ);
    state.efer &= ~Efer.NXE;
    modeChanged();
    pte(PAGE | P | RW | XD);
    assertFaults(P | RESERVED, Access.READ);
  }

  @Test void aFaultIsNeverCached() {
    pte(0);
    assertFaults(0, Access.READ);
    pte(PAGE | P);
    assertEquals(PAGE, access(Access.READ), "the processor keeps no absent entries (SDM 3A 4.10.2.3)");
  }

  @Test void moreRightsNeedNoInvalidation() {
    pte(PAGE | P | RW);
    access(Access.READ);
    assertFaults(P | USER, Access.READ | Access.USER);
    pte(PAGE | P | RW | US);
    assertEquals(PAGE, access(Access.READ | Access.USER));
  }

  // ---- rights that follow control bits ------------------------------------------------------------------------------------------------

  @Test void writeProtectionFollowsCr0() {
    pte(PAGE | P);
    assertFaults(P | WRITE, Access.WRITE);
    state.cr0 &= ~Cr0.WP;
    modeChanged();
    assertEquals(PAGE, access(Access.WRITE));
    assertFaults(P | WRITE | USER, Access.WRITE | Access.USER);
    state.cr0 |= Cr0.WP;
    modeChanged();
    assertFaults(P | WRITE, Access.WRITE);
  }

  @Test void executionOfUserPagesFollowsSmep() {
    assertEquals(PAGE, access(Access.EXECUTE));
    state.cr4 |= Cr4.SMEP;
    modeChanged();
    assertFaults(P | FETCH, Access.EXECUTE);
    assertEquals(PAGE, access(Access.EXECUTE | Access.USER));
    state.cr4 &= ~Cr4.SMEP;
    modeChanged();
    assertEquals(PAGE, access(Access.EXECUTE));
  }

  @Test void accessesToUserPagesFollowSmapAndTheAlignmentFlag() {
    assertEquals(PAGE, access(Access.READ));
    state.cr4 |= Cr4.SMAP;
    modeChanged();
    assertFaults(P, Access.READ);
    assertFaults(P | WRITE, Access.WRITE);
    state.alignmentCheck = true;
    assertEquals(PAGE, access(Access.READ));
    assertEquals(PAGE, access(Access.WRITE));
    assertFaults(P, Access.READ | Access.IMPLICIT);
    state.alignmentCheck = false;
    assertFaults(P, Access.READ);
    assertEquals(PAGE, access(Access.READ | Access.USER));
    assertEquals(PAGE, access(Access.EXECUTE));
  }

  @Test void executeDisableFollowsNxe() {
    pte(PAGE | P | US | XD);
    assertFaults(P | FETCH, Access.EXECUTE);
    assertEquals(PAGE, access(Access.READ));
    assertFaults(P | FETCH, Access.EXECUTE);
    pte(PAGE | P | US);
    state.efer &= ~Efer.NXE;
    modeChanged();
    assertEquals(PAGE, access(Access.EXECUTE));
  }

  @Test void rightsOfKeysFollowPkru() {
    state.cr4 |= Cr4.PKE;
    modeChanged();
    pte(PAGE | P | RW | US | 3L << 59);
    assertEquals(PAGE, access(Access.WRITE | Access.USER));
    state.pkru = 2 << 6;
    assertFaults(P | WRITE | USER | KEY, Access.WRITE | Access.USER);
    assertFaults(P | WRITE | KEY, Access.WRITE);
    assertEquals(PAGE, access(Access.READ | Access.USER));
    state.pkru = 1 << 6;
    assertFaults(P | USER | KEY, Access.READ | Access.USER);
    assertEquals(PAGE, access(Access.EXECUTE | Access.USER), "keys do not apply to fetches");
    state.pkru = 0;
    assertEquals(PAGE, access(Access.WRITE | Access.USER));
  }

  @Test void whatIsDroppedStaysDroppedForEveryValueOfPkru() {
    state.cr4 |= Cr4.PKE;
    modeChanged();
    for (int round = 0; round < 3; round++) {
      pte(PAGE | P | RW | US);
      translation.invalidatePage(state, LINEAR, tlb);
      for (int value : new int[] {0, 1 << 6, 2 << 6}) {
        state.pkru = value;
        assertEquals(PAGE, access(Access.READ | Access.USER));
      }
      pte(OTHER_PAGE | P | RW | US);
      switch (round) {
        case 0 -> translation.invalidatePage(state, LINEAR, tlb);
        case 1 -> load(PML4, false);
        default -> modeChanged();
      }
      for (int value : new int[] {0, 1 << 6, 2 << 6}) {
        state.pkru = value;
        assertEquals(OTHER_PAGE, access(Access.READ | Access.USER), "round " + round + ", PKRU " + value);
      }
    }
  }

  @Test void supervisorEntriesDoNotServeUserAccesses() {
    pte(PAGE | P | RW);
    assertEquals(PAGE, access(Access.WRITE));
    assertFaults(P | WRITE | USER, Access.WRITE | Access.USER);
    assertFaults(P | USER, Access.READ | Access.USER);
  }

  // ---- stale entries ----------------------------------------------------------------------------------------------------------------

  @Test void invlpgDropsTheEntry() {
    access(Access.READ);
    pte(OTHER_PAGE | P | RW | US);
    translation.invalidatePage(state, LINEAR, tlb);
    assertEquals(OTHER_PAGE, access(Access.READ));
  }

  @Test void invlpgDropsGlobalEntriesAndThoseOfEveryPrivilege() {
    pte(PAGE | P | RW | US | G);
    access(Access.READ);
    access(Access.READ | Access.USER);
    pte(OTHER_PAGE | P | RW | US | G);
    translation.invalidatePage(state, LINEAR + 0x123, tlb);
    assertEquals(OTHER_PAGE, access(Access.READ | Access.USER));
    assertEquals(OTHER_PAGE, access(Access.READ));
  }

  @Test void invlpgOfAnyPartDropsAWholeLargePage() {
    memory.write(PML4 + 0x2010, 8, P | RW | US | 0x80);
    long[] pieces = {0x40_0000, 0x40_3000, 0x43_F000};
    for (long p : pieces) {
      assertEquals(p & 0x1F_FFFF, access(p, Access.READ));
    }
    memory.write(PML4 + 0x2010, 8, 0);
    translation.invalidatePage(state, 0x5F_FFFF, tlb);
    for (long p : pieces) {
      assertEquals(FAULT, access(p, Access.READ));
    }
  }

  @Test void aLoadOfCr3BringsTheNewTablesIn() {
    memory.write(OTHER_PML4 + 0x3018, 8, OTHER_PAGE | P | RW | US);
    assertEquals(PAGE, access(Access.READ));
    load(OTHER_PML4, false);
    assertEquals(OTHER_PAGE, access(Access.READ));
    load(PML4, false);
    assertEquals(PAGE, access(Access.READ));
  }

  @Test void loadingTheSameCr3DropsWhatIsNotGlobal() {
    access(Access.READ);
    pte(OTHER_PAGE | P | RW | US);
    load(PML4, false);
    assertEquals(OTHER_PAGE, access(Access.READ));
  }

  @Test void globalPagesBelongToEveryAddressSpaceUntilGlobalsAreOff() {
    pte(PAGE | P | RW | US | G);
    access(Access.READ);
    load(PML4, false);
    assertEquals(PAGE, access(Access.READ), "whether kept or walked for again");
    pte(OTHER_PAGE | P | RW | US | G);
    state.cr4 &= ~Cr4.PGE;
    modeChanged();
    assertEquals(OTHER_PAGE, access(Access.READ), "a change of CR4.PGE drops everything (SDM 3A 4.10.4.1)");
  }

  @Test void addressSpacesOfDifferentPcidsAreKeptApart() {
    state.cr4 |= Cr4.PCIDE;
    modeChanged();
    memory.write(OTHER_PML4 + 0x3018, 8, OTHER_PAGE | P | RW | US);
    for (int n = 0; n < 3; n++) {
      load(PML4 | 1, true);
      assertEquals(PAGE, access(Access.READ));
      load(OTHER_PML4 | 2, true);
      assertEquals(OTHER_PAGE, access(Access.READ));
    }
  }

  @Test void aLoadWithoutKeepingDropsThePcidsEntries() {
    state.cr4 |= Cr4.PCIDE;
    modeChanged();
    load(PML4 | 1, false);
    access(Access.READ);
    load(OTHER_PML4 | 2, true);
    pte(OTHER_PAGE | P | RW | US);
    load(PML4 | 1, false);
    assertEquals(OTHER_PAGE, access(Access.READ));
  }

  @Test void invpcidDropsWhatEachTypeNames() {
    state.cr4 |= Cr4.PCIDE;
    for (int type = 0; type < 4; type++) {
      for (boolean current : new boolean[] {true, false}) {
        pte(PAGE | P | RW | US);
        modeChanged();
        load(PML4 | 1, false);
        assertEquals(PAGE, access(Access.READ));
        if (!current) {
          load(OTHER_PML4 | 2, true);
        }
        pte(OTHER_PAGE | P | RW | US);
        translation.invalidatePcid(state, type, 1, LINEAR, tlb);
        if (!current) {
          load(PML4 | 1, true);
        }
        assertEquals(OTHER_PAGE, access(Access.READ), "type " + type + (current ? ", the current PCID" : ", another PCID"));
      }
    }
  }

  @Test void invpcidOfEverythingDropsGlobalsToo() {
    pte(PAGE | P | RW | US | G);
    access(Access.READ);
    pte(OTHER_PAGE | P | RW | US | G);
    translation.invalidatePcid(state, 2, 0, 0, tlb);
    assertEquals(OTHER_PAGE, access(Access.READ));
  }

  @Test void aFlushDropsEverything() {
    pte(PAGE | P | RW | US | G);
    access(Access.READ);
    access(Access.WRITE | Access.USER);
    pte(0);
    translation.flush(tlb);
    assertFaults(0, Access.READ);
    assertFaults(WRITE | USER, Access.WRITE | Access.USER);
  }

  @Test void contextsStayInTheirRangeAndNeverServeAnOldEntry() {
    Random random = new Random(8);
    state.cr4 |= Cr4.PCIDE;
    modeChanged();
    long expected = PAGE;
    for (int n = 0; n < 20_000; n++) {
      switch (random.nextInt(5)) {
        case 0 -> {
          expected = expected == PAGE ? OTHER_PAGE : PAGE;
          pte(expected | P | RW | US);
          load(PML4 | random.nextInt(4096), false);
        }
        case 1 -> modeChanged();
        case 2 -> {
          state.cr0 ^= Cr0.WP;
          modeChanged();
        }
        default -> assertEquals(expected, access(random.nextBoolean() ? Access.READ : Access.WRITE | Access.USER));
      }
    }
  }

  // ---- other modes ------------------------------------------------------------------------------------------------------------------

  @Test void withoutPagingLinearAddressesArePhysical() {
    access(Access.READ);
    state.cr0 = Cr0.PE;
    state.efer = 0;
    modeChanged();
    assertEquals(0x1_2000, access(0x1_2345, Access.WRITE | Access.USER));
  }

  @Test void paePointersAreLoadedWithCr3AndRefusedWithReservedBits() {
    state.efer = Efer.NXE;
    state.cr3 = 0x2_0000;
    memory.write(0x2_0000, 8, 0x3000 | P);
    assertTrue(translation.loadPdptes(state, 0x2_0000, state.pdpte));
    modeChanged();
    assertEquals(PAGE, access(Access.READ));
    memory.write(0x2_0000, 8, 0);
    translation.flush(tlb);
    assertEquals(PAGE, access(Access.READ), "they are registers (SDM 3A 4.4.1)");
    long[] before = state.pdpte.clone();
    memory.write(0x2_0008, 8, 0x3000 | P | RW);
    assertFalse(translation.loadPdptes(state, 0x2_0000, state.pdpte));
    assertEquals(before[0], state.pdpte[0]);
  }

  @Test void countersAreThereAndGrow() {
    long before = translation.counters().values().stream().mapToLong(Long::longValue).sum();
    for (int n = 0; n < 10; n++) {
      access(Access.READ);
      translation.flush(tlb);
    }
    assertTrue(translation.counters().values().stream().mapToLong(Long::longValue).sum() > before);
  }
}
