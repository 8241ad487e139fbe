package annulus.tck.loader;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.arch.Cr0;
import annulus.arch.Seg;
import annulus.arch.VcpuState;
import annulus.loader.LoadException;
import annulus.loader.LoadException.Reason;
import annulus.loader.LoadPlan;
import annulus.loader.LoadPlan.Placement;
import annulus.loader.LoadRequest;
import annulus.loader.LoadRequest.Module;
import annulus.loader.Loader;
import annulus.memory.GuestMemory.Range;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/** What every loader keeps; a provider's test extends this class and adds what is its format's own. */
public abstract class LoaderContract {
  /** Name of the image in every request. */
  protected static final String NAME = "guests/image-under-test";
  /** RAM of the machine that images must fit into: as a PC has it, 64 MiB. */
  protected static final List<Range> RAM = List.of(new Range(0, 0xA_0000, false), new Range(0xC_0000, (64L << 20) - 0xC_0000, false));
  /** Where the machine's firmware tables lie. */
  protected static final List<Range> RESERVED = List.of(new Range(0xE_0000, 0x1_0000, true));
  private static final int DAMAGED = 20_000;
  private static final long PAGE = 4096;
  private static final long[] EVIL = {0, 1, -1, 0x7FFF_FFFFL, 0x8000_0000L, 0xFFFF_FFFFL, 0xFFFF_F000L, Long.MAX_VALUE, Long.MIN_VALUE,
      0x9_FC00, 0xF_FFFF, 0x10_0000, 64L << 20, (64L << 20) - 1, 1L << 32, 1L << 52};

  /** The loader under test. */
  protected abstract Loader loader();

  /** Images of its formats that start in a machine with {@link #RAM}; small, because thousands of damaged copies are made. */
  protected abstract List<byte[]> images();

  /** Whether a guest of this loader can be given modules. */
  protected abstract boolean takesModules();

  /** Options with which {@link #images()} are loaded. */
  protected Map<String, String> options() {
    return Map.of();
  }

  /** A request for one of {@link #images()}. */
  protected LoadRequest request(byte[] image) {
    return request(image, options(), List.of(), "", RAM, RESERVED);
  }

  protected static LoadRequest request(
      byte[] image, Map<String, String> options, List<Module> modules, String line, List<Range> ram, List<Range> reserved) {
    return new LoadRequest(NAME, MemorySegment.ofArray(image).asReadOnly(), modules, line, options, ram, reserved, 0xE_0000);
  }

  @Test protected void imagesOfItsFormatAreRecognised() {
    for (byte[] image : images()) {
      assertTrue(loader().probe(segment(image)) > 0);
    }
  }

  @Test protected void plansLieInRamApartFromEachOtherAndFromWhatIsReserved() throws LoadException {
    for (byte[] image : images()) {
      LoadPlan plan = loader().plan(request(image));
      assertSound(plan, RAM, RESERVED);
      assertEntered(plan);
      assertTrue(!plan.description().isBlank());
    }
  }

  @Test protected void aPlanDoesNotDependOnAnythingButTheRequest() throws LoadException {
    for (byte[] image : images()) {
      byte[] before = image.clone();
      LoadPlan first = loader().plan(request(image));
      LoadPlan second = loader().plan(request(image));
      assertArrayEquals(before, image, "the image is only read");
      assertEquals(first.entry(), second.entry());
      assertEquals(first.description(), second.description());
      assertEquals(first.facts(), second.facts());
      assertEquals(first.placements().size(), second.placements().size());
      for (int i = 0; i < first.placements().size(); i++) {
        Placement a = first.placements().get(i);
        Placement b = second.placements().get(i);
        assertEquals(a.gpa(), b.gpa());
        assertEquals(a.size(), b.size());
        assertEquals(-1, a.bytes().mismatch(b.bytes()), a.what());
      }
    }
  }

  @Test protected void anUnknownOptionIsRefusedByName() {
    Map<String, String> options = new HashMap<>(options());
    options.put("colour", "blue");
    for (byte[] image : images()) {
      LoadException e = assertThrows(LoadException.class,
          () -> loader().plan(request(image, options, List.of(), "", RAM, RESERVED)));
      assertEquals(Reason.BAD_OPTION, e.reason());
      assertTrue(message(e).contains("colour") && message(e).contains("blue"), message(e));
    }
  }

  @Test protected void aMachineWithoutRamIsRefused() {
    for (byte[] image : images()) {
      LoadException e = assertThrows(LoadException.class,
          () -> loader().plan(request(image, options(), List.of(), "", List.of(), List.of())));
      assertEquals(Reason.DOES_NOT_FIT, e.reason());
    }
  }

  @Test protected void whatIsReservedIsAvoidedOrRefused() throws LoadException {
    for (byte[] image : images()) {
      for (Placement p : loader().plan(request(image)).placements()) {
        List<Range> reserved = List.of(new Range(p.gpa() & -PAGE, PAGE, true));
        try {
          assertSound(loader().plan(request(image, options(), List.of(), "", RAM, reserved)), RAM, reserved);
        } catch (LoadException e) {
          assertTrue(message(e).contains(NAME), message(e));
        }
      }
    }
  }

  @Test protected void modulesArePlacedWholeOrRefused() throws LoadException {
    byte[] one = new byte[5001];
    byte[] two = new byte[17];
    new Random(3).nextBytes(one);
    new Random(4).nextBytes(two);
    List<Module> modules = List.of(new Module("one", segment(one), ""), new Module("two", segment(two), "a b"));
    for (byte[] image : images()) {
      LoadRequest request = request(image, options(), modules, "", RAM, RESERVED);
      if (!takesModules()) {
        assertEquals(Reason.BAD_OPTION, assertThrows(LoadException.class, () -> loader().plan(request)).reason());
        continue;
      }
      LoadPlan plan = loader().plan(request);
      assertSound(plan, RAM, RESERVED);
      for (byte[] m : List.of(one, two)) {
        assertTrue(plan.placements().stream().anyMatch(p -> contains(p.bytes(), m)), "a module of " + m.length + " bytes");
      }
    }
  }

  @Test protected void anEmptyImageIsNothingToLoad() {
    assertEquals(0, loader().probe(segment(new byte[0])));
    LoadException e = assertThrows(LoadException.class, () -> loader().plan(request(new byte[0])));
    assertTrue(message(e).contains(NAME), message(e));
  }

  @Test protected void probingSurvivesAnyBytes() {
    Assertions.assertTimeout(Duration.ofMinutes(1), () -> {
      Random random = new Random(11);
      for (int i = 0; i < DAMAGED; i++) {
        byte[] bytes;
        if (i % 2 == 0) {
          bytes = new byte[random.nextInt(i % 20 == 0 ? 20_000 : 700)];
          random.nextBytes(bytes);
        } else {
          bytes = damaged(random);
        }
        int sure = loader().probe(segment(bytes));
        assertTrue(sure >= 0 && sure <= 1000, "sure " + sure);
        assertEquals(sure, loader().probe(segment(bytes)));
      }
    });
  }

  @Test protected void everyTruncationIsRefusedOrSound() {
    for (byte[] image : images()) {
      for (int length = 0; length < image.length; length += length < 1024 ? 1 : 61) {
        check(Arrays.copyOf(image, length), "cut to " + length + " bytes");
      }
    }
  }

  @Test protected void damagedImagesAreRefusedOrSound() {
    Assertions.assertTimeout(Duration.ofMinutes(2), () -> {
      Random random = new Random(7);
      int refused = 0;
      for (int i = 0; i < DAMAGED; i++) {
        refused += check(damaged(random), "case " + i) ? 0 : 1;
      }
      assertTrue(refused < DAMAGED, "some damage is harmless");
    });
  }

  /** Plans, and checks the plan or the refusal. @return whether there is a plan */
  private boolean check(byte[] image, String what) {
    LoadPlan plan;
    try {
      plan = loader().plan(request(image));
    } catch (LoadException e) {
      assertTrue(message(e).contains(NAME), () -> what + ": the message names the image: " + message(e));
      return false;
    } catch (RuntimeException | Error e) {
      throw new AssertionError(what + ": " + e, e);
    }
    assertSound(plan, RAM, RESERVED);
    assertEntered(plan);
    return true;
  }

  /** A copy of an image with flipped bits, overwritten fields, an exchanged or doubled part, or a lost end. */
  private byte[] damaged(Random random) {
    List<byte[]> images = images();
    byte[] b = images.get(random.nextInt(images.size())).clone();
    for (int n = random.nextInt(4); n >= 0; n--) {
      int near = random.nextInt(4) == 0 ? b.length : Math.min(b.length, random.nextBoolean() ? 0x300 : 0x100);
      int at = random.nextInt(near);
      switch (random.nextInt(6)) {
        case 0, 1 -> b[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> b[at] = (byte) random.nextInt();
        case 3, 4 -> put(b, at & -4, EVIL[random.nextInt(EVIL.length)] + random.nextInt(3) - 1, random.nextBoolean() ? 8 : 4);
        default -> {
          int to = random.nextInt(b.length);
          int length = random.nextInt(Math.min(64, b.length - Math.max(at, to)) + 1);
          System.arraycopy(b, at, b, to, length);
        }
      }
    }
    return random.nextInt(8) == 0 ? Arrays.copyOf(b, random.nextInt(b.length)) : b;
  }

  private static void put(byte[] b, int at, long value, int size) {
    for (int i = 0; i < size && at + i < b.length; i++) {
      b[at + i] = (byte) (value >>> 8 * i);
    }
  }

  /** Fails unless every placement lies in {@code ram}, apart from the others and from {@code reserved}. */
  protected static void assertSound(LoadPlan plan, List<Range> ram, List<Range> reserved) {
    List<Placement> sorted = new ArrayList<>(plan.placements());
    sorted.sort(Comparator.comparingLong(Placement::gpa));
    long end = 0;
    for (Placement p : sorted) {
      assertTrue(p.bytes().byteSize() <= p.size(), p + " has more bytes than room");
      assertTrue(p.gpa() >= end, p + " overlaps what lies before it");
      end = p.gpa() + p.size();
      assertTrue(p.size() == 0 || inside(p, ram), p + " leaves RAM");
      for (Range r : reserved) {
        assertTrue(p.gpa() >= r.end() || r.gpa() >= p.gpa() + p.size(), p + " overlaps " + r);
      }
    }
  }

  private static boolean inside(Placement p, List<Range> ram) {
    return ram.stream().anyMatch(r -> !r.readOnly() && p.gpa() >= r.gpa() && p.gpa() + p.size() <= r.end());
  }

  /** Fails unless the processor starts in something that was placed, with descriptor and page tables that were. */
  protected static void assertEntered(LoadPlan plan) {
    VcpuState.General general = present(plan.entry().general());
    VcpuState.Segments segments = present(plan.entry().segments());
    VcpuState.Control control = present(plan.entry().control());
    assertEquals(VcpuState.Events.RUNNING, present(plan.entry().events()));
    assertPlaced(plan, segments.registers().get(Seg.CS).base() + general.rip(), "the entry point");
    if ((control.cr0() & Cr0.PE) != 0) {
      assertPlaced(plan, segments.gdtr().base() + segments.gdtr().limit(), "the GDT");
    }
    if ((control.cr0() & Cr0.PG) != 0) {
      assertPlaced(plan, control.cr3(), "the page table");
    }
  }

  private static void assertPlaced(LoadPlan plan, long gpa, String what) {
    assertTrue(plan.placements().stream().anyMatch(p -> gpa >= p.gpa() && gpa < p.gpa() + p.size()),
        () -> what + " at 0x" + Long.toHexString(gpa) + " lies in no placement");
  }

  private static <T> T present(@Nullable T part) {
    return Objects.requireNonNull(part, "the entry state has general registers, segments, control registers and events");
  }

  /** The bytes of the placement called {@code what}. */
  protected static byte[] placed(LoadPlan plan, String what) {
    return plan.placements().stream().filter(p -> p.what().equals(what)).findFirst()
        .orElseThrow(() -> new AssertionError("no " + what + " among " + plan.placements())).bytes().toArray(ValueLayout.JAVA_BYTE);
  }

  /** Where the placement called {@code what} begins. */
  protected static long address(LoadPlan plan, String what) {
    return plan.placements().stream().filter(p -> p.what().equals(what)).findFirst()
        .orElseThrow(() -> new AssertionError("no " + what + " among " + plan.placements())).gpa();
  }

  private static boolean contains(MemorySegment all, byte[] part) {
    for (long at = 0; at + part.length <= all.byteSize(); at++) {
      if (all.asSlice(at, part.length).mismatch(segment(part)) < 0) {
        return true;
      }
    }
    return false;
  }

  protected static MemorySegment segment(byte[] bytes) {
    return MemorySegment.ofArray(bytes).asReadOnly();
  }

  protected static String message(LoadException e) {
    return String.valueOf(e.getMessage());
  }
}
