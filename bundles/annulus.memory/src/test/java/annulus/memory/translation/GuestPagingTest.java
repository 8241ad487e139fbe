package annulus.memory.translation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.arch.Cr0;
import annulus.arch.Cr4;
import annulus.arch.Efer;
import annulus.memory.FramePool;
import annulus.memory.MappedGuestMemory;
import annulus.memory.OutOfFramesException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Translation and its faults in every paging mode; the rights against a table written from the manual's sentences. */
class GuestPagingTest {
  private static final FramePool POOL = new FramePool();
  private static final long LINEAR = 0x7654_3210L & 0x7FFF_FFFFL;
  private static final long P = 1;
  private static final long W = 2;
  private static final long U = 4;
  private static final long A = 0x20;
  private static final long D = 0x40;
  private static final long PS = 0x80;
  private static final long G = 0x100;
  private static final long XD = 1L << 63;
  private static final int PHYSICAL_BITS = 40;

  private final MappedGuestMemory memory = new MappedGuestMemory(POOL);
  private final GuestPaging paging = new GuestPaging(memory, PHYSICAL_BITS);
  private final PagingState state = new PagingState();
  private final Walk walk = new Walk();

  @BeforeEach void map() throws OutOfFramesException {
    memory.addRam(0, 0x10000);
    state.cr0 = Cr0.PG | Cr0.PE | Cr0.WP;
    state.cr3 = 0x1000;
  }

  @AfterEach void release() {
    memory.close();
  }

  /** Levels of the mode that {@link #state} selects, and tables at 0x1000 (root), 0x2000, ... with these entries, root first. */
  private void tables(long... entries) {
    int size = (state.cr4 & Cr4.PAE) == 0 ? 4 : 8;
    int bits = size == 4 ? 10 : 9;
    int levels = levels();
    for (int n = 0; n < entries.length; n++) {
      int shift = 12 + (levels - 1 - n) * bits;
      memory.write(slot(n, shift, bits, size), size, entries[n]);
    }
  }

  private int levels() {
    if ((state.efer & Efer.LMA) == 0) {
      return 2;
    }
    return (state.cr4 & Cr4.LA57) != 0 ? 5 : 4;
  }

  private static long slot(int n, int shift, int bits, int size) {
    return 0x1000L * (n + 1) + (LINEAR >>> shift & (1 << bits) - 1) * size;
  }

  private long entry(int n) {
    int size = (state.cr4 & Cr4.PAE) == 0 ? 4 : 8;
    int bits = size == 4 ? 10 : 9;
    return memory.read(slot(n, 12 + (levels() - 1 - n) * bits, bits, size), size);
  }

  private void longMode(boolean five) {
    state.cr4 |= Cr4.PAE | (five ? Cr4.LA57 : 0);
    state.efer |= Efer.LMA | Efer.LME | Efer.NXE;
  }

  private int translate(int access) {
    return paging.translate(state, LINEAR, access, walk) == Translation.OK ? -1 : walk.errorCode;
  }

  @Test void everyCombinationOfRightsMatchesTheManual() {
    longMode(false);
    int[] kinds = {Access.READ, Access.WRITE, Access.READ | Access.WRITE, Access.EXECUTE};
    int[] whos = {0, Access.USER, Access.IMPLICIT};
    int checked = 0;
    for (int bits = 0; bits < 1 << 16; bits++) {
      boolean wp = bit(bits, 0);
      boolean smep = bit(bits, 1);
      boolean smap = bit(bits, 2);
      boolean ac = bit(bits, 3);
      boolean pke = bit(bits, 4);
      boolean ad = bit(bits, 5);
      boolean wd = bit(bits, 6);
      long upper = P | (bit(bits, 7) ? W : 0) | (bit(bits, 8) ? U : 0) | (bit(bits, 9) ? XD : 0);
      long leaf = P | (bit(bits, 10) ? W : 0) | (bit(bits, 11) ? U : 0) | (bit(bits, 12) ? XD : 0) | 5L << 59;
      int kind = kinds[bits >> 13 & 3];
      if (bit(bits, 15)) {
        leaf &= ~P;
      }
      state.cr0 = Cr0.PG | Cr0.PE | (wp ? Cr0.WP : 0);
      state.cr4 = Cr4.PAE | (smep ? Cr4.SMEP : 0) | (smap ? Cr4.SMAP : 0) | (pke ? Cr4.PKE : 0);
      state.alignmentCheck = ac;
      state.pkru = (ad ? 1 << 10 : 0) | (wd ? 1 << 11 : 0);
      tables(0x2000 | P | W | U, 0x3000 | upper, 0x4000 | P | W | U, 0x5000 | leaf);
      for (int who : whos) {
        int expected = manual(who, kind, (leaf & P) != 0, (upper & leaf & W) != 0, (upper & leaf & U) != 0,
            ((upper | leaf) & XD) != 0, wp, smep, smap, ac, pke, ad, wd);
        int at = bits;
        assertEquals(expected, translate(who | kind), () -> "rights bits " + Integer.toHexString(at) + " access " + (who | kind));
        checked++;
      }
    }
    assertEquals(3 << 16, checked);
  }

  private static boolean bit(int bits, int n) {
    return (bits >> n & 1) != 0;
  }

  /** -1 where allowed, else the error code: SDM 3A 4.6.1, 4.6.2 and 4.7, sentence by sentence. */
  private static int manual(int who, int kind, boolean present, boolean w, boolean user, boolean xd, boolean wp, boolean smep,
      boolean smap, boolean ac, boolean pke, boolean ad, boolean wd) {
    boolean userAccess = who == Access.USER;
    boolean fetch = kind == Access.EXECUTE;
    boolean write = (kind & Access.WRITE) != 0;
    boolean keyFault = present && pke && user && !fetch && (ad || wd && write && (wp || userAccess));
    boolean allowed;
    if (userAccess) {
      allowed = user && (fetch ? !xd : !write || w);
    } else if (!user) {
      // Supervisor-mode address: data may be read, written unless CR0.WP finds R/W clear, fetched unless XD.
      allowed = fetch ? !xd : !write || !wp || w;
    } else if (fetch) {
      allowed = !smep && !xd;
    } else {
      boolean smapLifted = !smap || ac && who != Access.IMPLICIT;
      allowed = smapLifted && (!write || !wp || w);
    }
    if (present && allowed && !keyFault) {
      return -1;
    }
    int code = present ? 1 : 0;
    code |= write ? 2 : 0;
    code |= userAccess ? 4 : 0;
    code |= fetch ? 16 : 0;
    code |= keyFault ? 32 : 0;
    return code;
  }

  @Test void fetchBitOfTheErrorCodeNeedsNoExecuteOrSmep() {
    tables(0);
    assertEquals(0, translate(Access.EXECUTE));
    state.cr4 = Cr4.SMEP;
    assertEquals(16, translate(Access.EXECUTE));
    state.cr4 = Cr4.PAE;
    state.pdpte[1] = 0;
    assertEquals(0, translate(Access.EXECUTE));
    state.efer = Efer.NXE;
    assertEquals(16, translate(Access.EXECUTE));
  }

  @Test void addressesComeFromEveryPageSizeOfEveryMode() {
    tables(0x2000 | P | W | U, 0x5000 | P | W | U);
    assertPage(0x5000 | LINEAR & 0xFFF, 12);
    state.cr4 = Cr4.PSE;
    tables(0x0140_0000 | P | PS | 0x3 << 13);
    assertPage(0x3_0140_0000L | LINEAR & 0x3F_FFFF, 22);
    state.cr4 = Cr4.PAE;
    state.pdpte[(int) (LINEAR >>> 30)] = 0x1000 | P;
    tables(0x2000 | P, 0x7_0000_0000L | P);
    assertPage(0x7_0000_0000L | LINEAR & 0xFFF, 12);
    tables(0x7_0020_0000L | P | PS | 1 << 12);
    assertPage(0x7_0020_0000L | LINEAR & 0x1F_FFFF, 21);
    longMode(false);
    tables(0x2000 | P, 0x40_4000_0000L | P | PS);
    assertPage(0x40_4000_0000L | LINEAR & 0x3FFF_FFFF, 30);
    tables(0x2000 | P, 0x3000 | P, 0x20_0000 | P | PS);
    assertPage(0x20_0000 | LINEAR & 0x1F_FFFF, 21);
    longMode(true);
    tables(0x2000 | P, 0x3000 | P, 0x4000 | P, 0x5000 | P, 0x9000 | P);
    assertPage(0x9000 | LINEAR & 0xFFF, 12);
  }

  private void assertPage(long gpa, int shift) {
    assertEquals(-1, translate(Access.READ));
    assertEquals(gpa, walk.gpa);
    assertEquals(shift, walk.pageShift);
  }

  @Test void reservedBitsFaultWithRsvd() {
    longMode(false);
    for (int b = PHYSICAL_BITS; b < 52; b++) {
      tables(0x2000 | P, 0x3000 | P, 0x4000 | P, 0x5000 | P | 1L << b);
      assertEquals(9, translate(Access.READ), "bit " + b);
    }
    tables(0x2000 | P | PS);
    assertEquals(9, translate(Access.READ), "PS in a PML4E");
    tables(0x2000 | P, 0x3000 | P, 0x20_0000 | P | PS | 1 << 13);
    assertEquals(9, translate(Access.READ), "bit 13 of a 2 MiB page");
    tables(0x2000 | P, 0x4000_0000 | P | PS | 1 << 29);
    assertEquals(9, translate(Access.READ), "bit 29 of a 1 GiB page");
    state.efer &= ~Efer.NXE;
    tables(0x2000 | P | XD);
    assertEquals(11, translate(Access.WRITE), "XD without EFER.NXE");
    state.efer = 0;
    state.cr4 = Cr4.PSE;
    tables(P | PS | 1 << 21);
    assertEquals(9, translate(Access.READ), "bit 21 of a 4 MiB page");
    state.cr4 = Cr4.PAE;
    state.pdpte[1] = 0x1000 | P;
    tables(0x2000 | P, P | 1L << 52);
    assertEquals(9, translate(Access.READ), "bit 52 under PAE");
  }

  @Test void ignoredBitsAboveThePhysicalAddressDoNotFault() {
    longMode(false);
    tables(0x2000 | P, 0x3000 | P, 0x4000 | P, 0x5000 | P | 0x7FF0_0000_0000_0000L);
    assertEquals(-1, translate(Access.READ));
  }

  @Test void anEntryThatIsNotPresentHasNoReservedBits() {
    longMode(false);
    tables(-1L & ~P);
    assertEquals(0, translate(Access.READ));
  }

  @Test void accessedIsSetOnTheWholeWayAndDirtyOnTheLeafOfAWriteOnly() {
    longMode(false);
    tables(0x2000 | P | W, 0x3000 | P | W, 0x4000 | P | W, 0x5000 | P | W);
    translate(Access.READ);
    assertEquals(Access.READ | Access.EXECUTE, walk.rights, "a clean page must not be cached for writing");
    for (int n = 0; n < 4; n++) {
      assertEquals(A, entry(n) & (A | D));
    }
    translate(Access.WRITE);
    assertEquals(A | D, entry(3) & (A | D));
    assertEquals(A, entry(2) & (A | D));
    assertTrue((walk.rights & Access.WRITE) != 0);
  }

  @Test void aRefusedAccessAndADebuggersLookLeaveNoTrace() {
    longMode(false);
    tables(0x2000 | P, 0x3000 | P, 0x4000 | P, 0x5000 | P);
    assertEquals(7, translate(Access.WRITE | Access.USER));
    assertEquals(-1, translate(Access.READ | Access.USER | Access.PROBE));
    for (int n = 0; n < 4; n++) {
      assertEquals(0, entry(n) & (A | D));
    }
  }

  @Test void globalNeedsCr4Pge() {
    longMode(false);
    tables(0x2000 | P, 0x3000 | P, 0x4000 | P, 0x5000 | P | G);
    translate(Access.READ);
    assertFalse(walk.global);
    state.cr4 |= Cr4.PGE;
    translate(Access.READ);
    assertTrue(walk.global);
  }

  @Test void pdptesWithReservedBitsAreNotLoaded() {
    long[] pdptes = {1, 2, 3, 4};
    memory.write(0x6020, 8, 0x1000 | P);
    memory.write(0x6028, 8, 0x1E6);
    memory.write(0x6030, 8, 0);
    memory.write(0x6038, 8, 0x3000 | P | 0x18);
    assertTrue(paging.loadPdptes(0x6020, pdptes));
    assertEquals(0x3019, pdptes[3]);
    for (long bad : new long[] {2, 4, 0x20, 0x40, 0x80, 0x100, 1L << PHYSICAL_BITS, XD}) {
      memory.write(0x6028, 8, 0x2000 | P | bad);
      assertFalse(paging.loadPdptes(0x6020, pdptes), Long.toHexString(bad));
      assertEquals(0x1E6, pdptes[1], "nothing changes when the load is refused");
    }
  }

  @Test void withoutPagingAddressesAreTheirOwn() {
    state.cr0 = 0;
    assertEquals(-1, translate(Access.WRITE | Access.USER));
    assertEquals(LINEAR, walk.gpa);
  }

  @Test void tablesOutsideMemoryReadAsOnes() {
    longMode(false);
    state.cr3 = 0x10_0000;
    assertEquals(9, translate(Access.READ));
  }
}
