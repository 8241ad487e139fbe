package annulus.engine.translator;

import static annulus.engine.translator.Frame.*;

import annulus.cpu.Flags;
import java.lang.classfile.CodeBuilder;

/** Writes what sets the status flags; knows their form at the place that is being written. See {@link FlagForm}. */
final class FlagWriter {
  private static final int UNKNOWN = -1;

  /** Tests them. */
  final ConditionWriter conditions;
  private final Frame f;
  private final CodeBuilder b;
  private int form = FlagForm.WORDS;
  private int size;
  /** The locals hold the two words too. */
  private boolean copied;
  /**
   * Flags that others can see are not with the processor yet, but follow from the locals by the form, which is one of a few. Accesses tell
   * their slow path, and whoever leaves the block stores them.
   */
  private boolean pending;
  /** A call has given the processor the flags: the result is at hand, and the operands would have to be kept over the call. */
  private boolean storedByCall;
  /** Whether anybody but the code of this block can see those of the instruction at hand. */
  private boolean visible;
  /** What {@link #tell} has left in locals: the number of an instruction, and whether the flags there are those that are pending. */
  private int told = UNKNOWN;
  private boolean held;
  private boolean flagsTold;

  FlagWriter(Frame f) {
    this.f = f;
    b = f.b;
    conditions = new ConditionWriter(f, this);
  }

  /** At a place that control reaches from several others: all have given the processor the flags that are looked at from here. */
  void join() {
    form = FlagForm.WORDS;
    copied = false;
    pending = false;
    toldNothing();
  }

  /** Before an instruction. */
  void visible(boolean visible) {
    this.visible = visible;
  }

  /** The instruction has left its operands and result in the flags' locals. */
  void set(int form, int size) {
    this.form = form;
    this.size = size;
    copied = form == FlagForm.WORDS;
    flagsTold = false;
    storedByCall = false;
    pending = visible;
    if (f.calls || !FlagForm.followsFromTwo(form)) {
      settle();
    }
  }

  /** Whether somebody may have to be given the flags: see {@link #settle}. */
  boolean pending() {
    return pending;
  }

  /** Gives the processor flags that it does not have yet. */
  void settle() {
    if (!pending) {
      return;
    }
    if (f.locals && FlagForm.followsFromTwo(form)) {
      park();
      pending = false;
    } else if (f.calls && FlagForm.followsFromTwo(form) && form != FlagForm.LOGIC) {
      storeByCall();
      pending = false;
    } else {
      carries();
      b.lstore(CARRIES);
      store();
    }
  }

  /** Leaves the flags in locals, where the exit of the region finds them. */
  private void park() {
    if (!flagsTold) {
      flagsTold = true;
      park(form, size);
    }
  }

  private void park(int form, int size) {
    f.constant(FlagForm.code(form, size));
    b.istore(LEFT_FORM);
    operands(form);
    b.lstore(LEFT_B).lstore(LEFT_A);
  }

  /** The same in code that leaves from here; what is written next goes on as if nothing had been done. */
  void settleAside() {
    settleAside(form, size);
  }

  /** The same for flags of a form. */
  void settleAside(int form, int size) {
    if (f.locals) {
      park(form, size);
      return;
    }
    f.cpu();
    f.constant(FlagForm.code(form, size));
    operands(form);
    f.call(FORM_TYPE, "store", V, CPU_TYPE, I, J, J);
  }

  /** Gives the processor flags that follow from two operands, where calls are shorter. */
  private void storeByCall() {
    if (form != FlagForm.ADD && form != FlagForm.SUB) {
      settleAside();
      return;
    }
    f.cpu().lload(FLAG_A).lload(FLAG_B);
    f.constant(8 * size);
    f.call(FORM_TYPE, form == FlagForm.ADD ? "storeSum" : "storeDifference", J, CPU_TYPE, J, J, I);
    b.lstore(RESULT);
    storedByCall = true;
  }

  private void operands(int form) {
    b.lload(FlagForm.keepsResult(form) ? RESULT : FLAG_A);
    if (form == FlagForm.LOGIC) {
      f.constant(0L);
    } else {
      b.lload(FlagForm.keepsResult(form) ? CARRIES : FLAG_B);
    }
  }

  int form() {
    return form;
  }

  int size() {
    return size;
  }

  /** Whether the form's operands are in locals, next to the result. */
  boolean keepsOperands() {
    return !storedByCall;
  }

  /** Pushes what the slow path of an access needs to know: number of the instruction and form of the flags, budget, and operands. */
  void where() {
    f.constant(f.number | (pending ? FlagForm.code(form, size) << GuestAccess.FLAGS_SHIFT : 0));
    f.rest();
    if (pending) {
      operands(form);
    } else {
      f.constant(0L);
      f.constant(0L);
    }
  }

  /**
   * Leaves in locals what whoever leaves the region before the instruction at hand needs to know of it, unless that has been done since
   * control came together the last time.
   */
  void tell() {
    if (held) {
      return;
    }
    if (told != f.number) {
      told = f.number;
      f.constant(told);
      b.istore(AT);
    }
    if (pending) {
      park();
    }
  }

  /** Whether what {@link #tell} has left is to stay: whoever leaves the region goes back to the instruction that it was last asked at. */
  void hold(boolean hold) {
    held = hold;
  }

  /** Where control came here, {@link #tell} may not have been run. */
  void toldNothing() {
    told = UNKNOWN;
    flagsTold = false;
  }

  /** The instruction has changed the words in their locals, which are the form. */
  void changed() {
    copied = true;
    pending = false;
    flagsTold = false;
    if (visible) {
      store();
    }
  }

  /** Takes the flags of COMISD, FCOMI and their like from the order on the stack. */
  void compared() {
    b.istore(INT);
    b.iload(INT);
    f.call(FORM_TYPE, "comparedResult", J, I);
    b.lstore(RESULT).iload(INT);
    f.call(FORM_TYPE, "comparedCarries", J, I);
    b.lstore(CARRIES);
    set(FlagForm.WORDS, 0);
  }

  private void store() {
    copied = true;
    pending = false;
    flagsTold = false;
    f.cpu().lload(RESULT).putfield(CPU_TYPE, "flagResult", J);
    f.cpu().lload(CARRIES).putfield(CPU_TYPE, "flagCarries", J);
    if (f.locals) {
      f.constant(0);
      b.istore(LEFT_FORM);
    }
  }

  /** Gives the processor the flags that are in locals, if any are. */
  void storeParked() {
    f.cpu().iload(LEFT_FORM).lload(LEFT_A).lload(LEFT_B);
    f.call(FORM_TYPE, "storePending", V, CPU_TYPE, I, J, J);
  }

  /** Sees to it that the locals of words hold them. */
  void fetch() {
    if (form == FlagForm.WORDS && !copied) {
      copied = true;
      if (f.locals) {
        storeParked();
      }
      f.cpu().getfield(CPU_TYPE, "flagResult", J).lstore(RESULT);
      f.cpu().getfield(CPU_TYPE, "flagCarries", J).lstore(CARRIES);
    }
  }

  /** Brings the words into their locals. */
  void words() {
    settle();
    carries();
    b.lstore(CARRIES);
    form = FlagForm.WORDS;
    copied = true;
  }

  /** Pushes the carries word. */
  void carries() {
    fetch();
    if (copied) {
      b.lload(CARRIES);
      return;
    }
    switch (form) {
      case FlagForm.WORDS -> b.lload(CARRIES);
      case FlagForm.LOGIC -> f.constant(0L);
      case FlagForm.ADD, FlagForm.ADC -> carries("add");
      case FlagForm.SUB, FlagForm.SBB -> carries("subtract");
      default -> {
        f.constant(FlagForm.code(form, size));
        boolean step = form == FlagForm.INC || form == FlagForm.DEC;
        unless(step, FLAG_A);
        unless(step, FLAG_B);
        b.lload(RESULT);
        unless(!step, CARRIES);
        f.call(FORM_TYPE, "carries", J, I, J, J, J, J);
      }
    }
  }

  /** Pushes a local, or 0 where the form does not look at it and it may never have been set. */
  private void unless(boolean unused, int local) {
    if (unused) {
      f.constant(0L);
    } else {
      b.lload(local);
    }
  }

  private void carries(String operation) {
    b.lload(FLAG_A).lload(FLAG_B).lload(RESULT);
    f.constant(8 * size);
    f.call(type(Flags.class), operation, J, J, J, J, I);
  }

  /** Pushes CF as a long, 0 or 1. */
  void carry() {
    carries();
    f.constant(63);
    b.lushr();
  }

  /** Pushes a word with CF in bit 63, for INC and DEC. */
  void carryWord() {
    if ((form == FlagForm.INC || form == FlagForm.DEC) && !copied) {
      b.lload(CARRIES);
    } else {
      carries();
    }
  }
}
