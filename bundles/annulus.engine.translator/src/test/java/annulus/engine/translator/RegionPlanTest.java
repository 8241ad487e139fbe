package annulus.engine.translator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.arch.CpuFeature;
import annulus.cpu.decode.Decoder;
import annulus.cpu.exec.InstructionSet;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which code belongs to a region. */
class RegionPlanTest {
  private static final int OTHER = 0x100;

  /** Of what begins at 0, with {@code other} at {@link #OTHER}. */
  private static RegionPlan plan(String code, String other, BitSet warm, BitSet elsewhere, boolean stays) {
    return plan(code, other, warm, elsewhere, stays, new IndirectCalls());
  }

  private static RegionPlan plan(String code, String other, BitSet warm, BitSet elsewhere, boolean stays, IndirectCalls indirect) {
    return plan(code, other, run(), warm, elsewhere, stays, indirect);
  }

  private static RegionPlan plan(String code, String other, BitSet often, BitSet warm, BitSet elsewhere, boolean stays,
      IndirectCalls indirect) {
    byte[] page = new byte[CodeBytes.PAGE];
    put(page, 0, code);
    put(page, OTHER, other);
    Decoder decoder = new Decoder(EnumSet.allOf(CpuFeature.class), Set.of(), InstructionSet.standard());
    return new RegionPlan(decoder, CodeBytes.of(page), 0, 64, run(), often, warm, elsewhere, 50, stays, indirect);
  }

  private static BitSet run() {
    BitSet run = new BitSet();
    run.set(0, CodeBytes.PAGE);
    return run;
  }

  private static void put(byte[] page, int at, String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
    System.arraycopy(bytes, 0, page, at, bytes.length);
  }

  private static BitSet other() {
    BitSet b = new BitSet();
    b.set(OTHER);
    return b;
  }

  @Test void warmCodeNearbyIsTakenInUnlessControlStays() {
    // dec rcx; jnz 0; ret, and another loop of the same kind
    String loop = "48FFC9 75FB C3";
    assertTrue(plan(loop, loop, other(), new BitSet(), false).entries.get(OTHER));
    RegionPlan stays = plan(loop, loop, other(), new BitSet(), true);
    assertFalse(stays.entries.get(OTHER));
    assertEquals(3, stays.instructions());
  }

  @Test void whatIsSeldomRunHasTheRoomThatTheRestLeaves() {
    // test rcx,rcx; jnz 40h; jmp OTHER; 40h: inc rax, 60 times; ret, and there: inc rax, 10 times; ret
    int seldom = 0x40;
    String code = "4885C9 0F8537000000 E9F2000000" + "90".repeat(seldom - 14) + "48FFC0".repeat(60) + "C3";
    String other = "48FFC0".repeat(10) + "C3";
    for (boolean stays : new boolean[] {false, true}) {
      assertNull(plan(code, other, run(), new BitSet(), new BitSet(), stays, new IndirectCalls()).node(OTHER));
      BitSet often = run();
      often.clear(seldom);
      RegionPlan plan = plan(code, other, often, new BitSet(), new BitSet(), stays, new IndirectCalls());
      assertEquals(11, Objects.requireNonNull(plan.node(OTHER)).instructions.size());
      assertEquals(50 - 14, Objects.requireNonNull(plan.node(seldom)).instructions.size());
    }
  }

  @Test void aShortFunctionThatHasARegionIsTakenInAndNotEnteredInItsPlace() {
    // call OTHER; ret, and: inc rax; ret
    RegionPlan plan = plan("E8FB000000 C3", "48FFC0 C3", new BitSet(), other(), false);
    assertEquals(4, plan.instructions());
    assertFalse(plan.entries.get(OTHER));
  }

  @Test void aLongFunctionThatHasARegionIsLeftToThat() {
    assertEquals(2, plan("E8FB000000 C3", "48FFC0".repeat(40) + "C3", new BitSet(), other(), false).instructions());
  }

  @Test void whatCannotBeDoneWithRegistersInLocalsIsLeftOutWhereControlStays() {
    // dec rcx; jnz 0; bsf rax,rdx; ret
    String code = "48FFC9 75FB 480FBCC2 C3";
    assertNotNull(plan(code, "C3", new BitSet(), new BitSet(), false).node(5));
    RegionPlan stays = plan(code, "C3", new BitSet(), new BitSet(), true);
    assertNull(stays.node(5));
    assertTrue(stays.loops());
  }

  @Test void eachCallHasACopyOfAShortFunctionWhereControlStays() {
    // call OTHER; call OTHER; dec rcx; jnz 0; ret, and: inc rax; ret
    String code = "E8FB000000 E8F6000000 48FFC9 75F1 C3";
    RegionPlan plan = plan(code, "48FFC0 C3", new BitSet(), new BitSet(), true);
    assertEquals(5 + 2 * 2, plan.instructions());
    assertNull(plan.node(OTHER), "nobody else goes there");
    RegionPlan.Node first = Objects.requireNonNull(plan.node(0));
    RegionPlan.Node second = Objects.requireNonNull(plan.node(5));
    RegionPlan.Node copy = first.inlined.getFirst().first();
    assertEquals(OTHER, copy.offset);
    assertEquals(List.of(copy), plan.successors(first));
    assertEquals(List.of(second), plan.successors(copy));
    assertNotSame(copy, second.inlined.getFirst().first());
    assertFalse(plan.entries.get(5), "a return from elsewhere would have values come together in the loop");
  }

  @Test void aFunctionThatCallsOrIsLongIsNotCopied() {
    String code = "E8FB000000 48FFC9 75F6 C3";
    for (String function : List.of("E800000000 C3", "48FFC0".repeat(40) + "C3", "480FBCC2 C3", "FFE0")) {
      RegionPlan.Node call = Objects.requireNonNull(plan(code, function, new BitSet(), new BitSet(), true).node(0));
      assertEquals(List.of(), call.inlined, function);
    }
  }

  @Test void anIndirectCallHasCopiesOfWhereItWent() {
    // call rbx; dec rcx; jnz 0; ret
    String code = "FFD3 48FFC9 75F9 C3";
    IndirectCalls went = new IndirectCalls();
    went.add(new int[] {2}, new long[] {OTHER, OTHER + 4}, 0);
    RegionPlan plan = plan(code, "48FFC0 C3 48FFC8 C3", new BitSet(), new BitSet(), true, went);
    RegionPlan.Node call = Objects.requireNonNull(plan.node(0));
    assertEquals(List.of(OTHER, OTHER + 4), plan.successors(call).stream().map(n -> n.offset).toList());
    IndirectCalls fromElsewhere = new IndirectCalls();
    fromElsewhere.add(new int[] {1}, new long[] {OTHER - 1, 0}, 1);
    RegionPlan moved = plan(code, "48FFC0 C3", new BitSet(), new BitSet(), true, fromElsewhere);
    assertEquals(1, Objects.requireNonNull(moved.node(0)).inlined.size());
  }

  @Test void whatRegionsKnowOfACallIsPutTogether() {
    IndirectCalls went = new IndirectCalls();
    went.add(new int[] {2}, new long[] {OTHER, 0}, 0);
    went.add(new int[] {1, 7}, new long[] {OTHER - 1, OTHER + 3, 9, 0}, 1);
    went.add(new int[] {2}, new long[] {OTHER + 8, 0}, 0);
    assertEquals(List.of((long) OTHER, OTHER + 4L), went.targets(2), "the first two");
    assertEquals(List.of(10L), went.targets(8));
    assertEquals(List.of(), went.targets(7));
  }

  @Test void controlComesBackOnlyFromCallsThatAreNotCopiedAndIndirectJumps() {
    String loop = "48FFC9 75FB C3";
    assertFalse(plan(loop, "C3", new BitSet(), new BitSet(), true).comesBack());
    assertFalse(plan("E8FB000000" + loop, "C3", new BitSet(), new BitSet(), true).comesBack());
    assertTrue(plan("E8FB000000" + loop, "48FFC0".repeat(40) + "C3", new BitSet(), new BitSet(), true).comesBack());
    assertTrue(plan("48FFC9 75FB FFE0", "C3", new BitSet(), new BitSet(), true).comesBack());
  }
}
