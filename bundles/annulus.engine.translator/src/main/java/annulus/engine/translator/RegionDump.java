package annulus.engine.translator;

import annulus.cpu.decode.Disassembler;
import annulus.cpu.decode.Instruction;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Writes each region for people: the guest's code, why its blocks end, and the bytecode. */
final class RegionDump {
  /** System property: a folder for the dumps. */
  static final String PROPERTY = "annulus.translator.dump";

  private final Path folder;

  private RegionDump(Path folder) {
    this.folder = folder;
  }

  static @Nullable RegionDump configured() {
    String folder = System.getProperty(PROPERTY);
    return folder == null ? null : new RegionDump(Path.of(folder));
  }

  void write(long gfn, RegionPlan plan, byte[] bytes) {
    StringBuilder text = new StringBuilder();
    text.append("frame ").append(Long.toHexString(gfn)).append(" entries ").append(plan.entries).append('\n');
    for (RegionPlan.Node n : plan.nodes) {
      int at = n.offset;
      text.append(n.flagsLive ? "block, with flags" : "block");
      text.append(n.function == null ? "\n" : ", copied for the call before " + Integer.toHexString(n.function.returnTo) + '\n');
      for (Instruction i : n.instructions) {
        text.append("  ").append(Integer.toHexString(at)).append("  ").append(Disassembler.text(i, at)).append('\n');
        at += i.length;
      }
      text.append("  ").append(Integer.toHexString(at)).append(": ").append(n.reason).append('\n');
    }
    ClassModel model = ClassFile.of().parse(bytes);
    text.append('\n');
    BytecodeListing.of(bytes).forEach(line -> text.append(line).append('\n'));
    String name = model.thisClass().asInternalName();
    try {
      Files.createDirectories(folder);
      String file = name.substring(name.lastIndexOf('/') + 1);
      Files.writeString(folder.resolve(file + ".txt"), text);
      Files.write(folder.resolve(file + ".class"), bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Bytes of bytecode of the region's method. */
  static int codeSize(byte[] bytes) {
    for (MethodModel m : ClassFile.of().parse(bytes).methods()) {
      if (m.methodName().equalsString("run")) {
        return m.findAttribute(Attributes.code()).orElseThrow().codeLength();
      }
    }
    throw new IllegalArgumentException("a region's class without the method run");
  }
}
