package annulus.engine.lockstep;

import annulus.arch.CpuMode;
import annulus.arch.Seg;
import annulus.arch.SegmentState;
import annulus.arch.StateException;
import annulus.arch.StateGroup;
import annulus.arch.VcpuState;
import annulus.cpu.decode.Decoder;
import annulus.cpu.decode.Disassembler;
import annulus.cpu.decode.Instruction;
import annulus.cpu.exec.InstructionSet;
import annulus.engine.EngineException;
import annulus.engine.PendingEvents;
import annulus.vendor.CpuModel;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds the instruction at which a step went apart. Both sides go back to the start of the step (state, memory, pending events) and
 * do a part of it again, with answers from the journal, so that the machine notices nothing; the length of the part is bisected. At
 * the end the leading side is as it was.
 */
final class Locator {
  /** Length of the longest instruction in bytes. */
  private static final int LONGEST = 15;

  private final Pair pair;
  private final VcpuState start;
  private final long startTime;
  private final int startEvents;
  /** Contents of frames at the start of the step. */
  private final Map<Integer, byte[]> before = new HashMap<>();
  private final Decoder decoder;

  /**
   * To be made right after the step that went apart.
   *
   * @param start state of both sides before it
   * @param startEvents what was pending for both
   */
  Locator(Pair pair, CpuModel model, VcpuState start, long startTime, int startEvents) {
    this.pair = pair;
    this.start = start;
    this.startTime = startTime;
    this.startEvents = startEvents;
    decoder = new Decoder(model.features(), model.traits(), InstructionSet.standard());
    remember();
  }

  /** A frame that the checked side has not written still holds what it held. */
  private void remember() {
    pair.b.memory.before().forEach(before::putIfAbsent);
    BitSet pages = pair.written();
    for (int gfn = pages.nextSetBit(0); gfn >= 0; gfn = pages.nextSetBit(gfn + 1)) {
      int frame = gfn;
      before.computeIfAbsent(frame, pair.b.memory::page);
    }
  }

  /**
   * What was found.
   *
   * @param instructions after the start of the step; the last of them is the one that differs
   * @param exact whether the difference came again; otherwise {@code instructions} is the whole step
   * @param trace the instructions of the step up to there, as the leading side does them
   */
  record Place(long instructions, boolean exact, List<String> differences, List<String> trace) {}

  /** @param length instructions of the step */
  Place find(long length, List<String> differences) {
    Map<Integer, byte[]> after = new HashMap<>();
    for (int gfn : before.keySet()) {
      after.put(gfn, pair.a.memory.page(gfn));
    }
    VcpuState end = pair.takeState();
    long endTime = pair.time();
    int endEvents = pair.a.pending.get();
    try {
      List<String> found = attempt(length);
      boolean exact = !found.isEmpty();
      long differing = length;
      long equal = 0;
      while (exact && differing - equal > 1) {
        long middle = equal + differing >>> 1;
        List<String> here = attempt(middle);
        if (here.isEmpty()) {
          equal = middle;
        } else {
          differing = middle;
          found = here;
        }
      }
      return new Place(differing, exact, exact ? found : differences, trace(differing));
    } catch (StateException | Divergence | EngineException e) {
      return new Place(length, false, differences, List.of("the step cannot be repeated: " + e.getMessage()));
    } finally {
      remember();
      before.keySet().forEach(gfn -> after.computeIfAbsent(gfn, before::get));
      try {
        back(pair.a, end, endTime, endEvents, after);
      } catch (StateException e) {
        differences.add("the leading engine could not be brought back to the end of the step: " + e.getMessage());
      }
    }
  }

  private static void back(Side s, VcpuState state, long time, int events, Map<Integer, byte[]> pages) throws StateException {
    pages.forEach(s.memory::setPage);
    s.outside.detach(time, state.control() == null ? 0 : state.control().cr8());
    s.restore(state);
    s.pending.clear(PendingEvents.INTERRUPT | PendingEvents.NMI);
    s.pending.raise(events & (PendingEvents.INTERRUPT | PendingEvents.NMI));
  }

  private List<String> attempt(long n) throws EngineException, StateException {
    back(pair.a, start, startTime, startEvents, before);
    back(pair.b, start, startTime, startEvents, before);
    List<String> differences = pair.step(n, false);
    remember();
    return differences;
  }

  private List<String> trace(long n) throws EngineException, StateException {
    back(pair.a, start, startTime, startEvents, before);
    List<String> trace = new ArrayList<>();
    Side a = pair.a;
    a.startStep();
    if (pair.journal.stream().findFirst().filter(r -> r.kind == Request.Kind.ACKNOWLEDGE).isPresent()) {
      trace.add("        an interrupt, then");
    } else if ((startEvents & PendingEvents.NMI) != 0) {
      trace.add("        an NMI, then");
    }
    while (a.done() < n) {
      long at = a.done();
      trace.add("%6d  %s".formatted(at + 1, instruction()));
      a.outside.replay();
      a.lead(1);
      a.outside.detach(startTime, 0);
      if (a.done() == at) {
        trace.add("        stops");
        break;
      }
    }
    return trace;
  }

  private String instruction() {
    VcpuState s = pair.a.export(StateGroup.mask(StateGroup.GENERAL, StateGroup.SEGMENTS, StateGroup.CONTROL));
    if (s.general() == null || s.segments() == null || s.control() == null) {
      return "?";
    }
    SegmentState cs = s.segments().registers().get(Seg.CS);
    boolean longMode = CpuMode.of(s.control().cr0(), s.control().efer(), s.general().rflags(), (cs.attributes() & SegmentState.LONG) != 0)
        == CpuMode.LONG;
    int bits = longMode ? 64 : (cs.attributes() & SegmentState.BIG) != 0 ? 32 : 16;
    long rip = s.general().rip();
    long linear = longMode ? rip : cs.base() + rip & 0xFFFF_FFFFL;
    byte[] code = new byte[LONGEST];
    int length = 0;
    while (length < LONGEST) {
      long gpa = pair.a.engine().translate(linear + length);
      if (gpa < 0 || pair.a.memory.hostOffset(gpa) < 0) {
        break;
      }
      pair.a.memory.read(gpa, code, length++, 1);
    }
    Instruction i = decoder.decode(code, 0, length, bits);
    return "%x  %s".formatted(rip, i == null ? "(no code)" : Disassembler.text(i, rip));
  }
}
