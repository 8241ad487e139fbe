package annulus.engine.translator;

import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.Instruction;
import java.lang.classfile.Label;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.ExceptionCatch;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LabelTarget;
import java.lang.classfile.instruction.LoadInstruction;
import java.lang.classfile.instruction.LookupSwitchInstruction;
import java.lang.classfile.instruction.StoreInstruction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The bytecode of a region's method as text: a line an instruction, locals by number, labels in order of appearance. */
final class BytecodeListing {
  private final Map<Label, String> labels = new HashMap<>();

  private BytecodeListing() {}

  static List<String> of(byte[] classFile) {
    BytecodeListing listing = new BytecodeListing();
    List<String> lines = new ArrayList<>();
    for (CodeElement e : run(classFile)) {
      String line = listing.line(e);
      if (!line.isEmpty()) {
        lines.add(line);
      }
    }
    return lines;
  }

  private static CodeModel run(byte[] classFile) {
    for (MethodModel m : ClassFile.of().parse(classFile).methods()) {
      if (m.methodName().equalsString("run")) {
        return m.code().orElseThrow();
      }
    }
    throw new IllegalArgumentException("a region's class without the method run");
  }

  private String line(CodeElement e) {
    return switch (e) {
      case LabelTarget t -> name(t.label()) + ":";
      case LoadInstruction i -> "  " + i.typeKind().name().charAt(0) + "load " + i.slot();
      case StoreInstruction i -> "  " + i.typeKind().name().charAt(0) + "store " + i.slot();
      case ConstantInstruction i -> "  push " + i.constantValue();
      case FieldInstruction i -> "  " + opcode(i) + " " + i.name().stringValue();
      case InvokeInstruction i -> "  call " + simple(i.owner().asInternalName()) + "." + i.name().stringValue();
      case BranchInstruction i -> "  " + opcode(i) + " " + name(i.target());
      case LookupSwitchInstruction i -> "  switch " + i.cases().stream().map(c -> c.caseValue() + " " + name(c.target())).toList()
          + " else " + name(i.defaultTarget());
      case ExceptionCatch c -> "  catch " + name(c.tryStart()) + " to " + name(c.tryEnd()) + " at " + name(c.handler());
      case Instruction i -> "  " + opcode(i);
      default -> "";
    };
  }

  private static String opcode(Instruction i) {
    return i.opcode().name().toLowerCase(Locale.ROOT);
  }

  private static String simple(String internalName) {
    return internalName.substring(internalName.lastIndexOf('/') + 1);
  }

  private String name(Label l) {
    return labels.computeIfAbsent(l, x -> "L" + labels.size());
  }
}
