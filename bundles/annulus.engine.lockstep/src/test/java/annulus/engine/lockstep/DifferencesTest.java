package annulus.engine.lockstep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.engine.EngineException;
import annulus.engine.EngineException.Reason;
import annulus.engine.interpreter.InterpreterProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An engine that does something wrong is found out, at the instruction where it does. */
class DifferencesTest {
  private static final int RBX = 3;
  /**
   * Five instructions, over and over:
   *
   * <pre>
   * 1000  inc bx
   * 1001  mov [2000h], bx
   * 1005  in al, 10h
   * 1007  out 11h, al
   * 1009  jmp 1000h
   * </pre>
   */
  private static final String LOOP = "43 891E0020 E410 E611 EBF5";
  /** Number of the INC that makes BX 100. */
  private static final long INC_100 = 5 * 99 + 1;

  private static String difference(FaultyProvider faulty, long step) throws Exception {
    try (TestMachine m = new TestMachine(faulty, step, LOOP)) {
      EngineException e = assertThrows(EngineException.class, () -> m.engine().run(100_000));
      assertEquals(Reason.DEFECT, e.reason());
      return e.getMessage();
    }
  }

  private static void assertNames(String message, String... parts) {
    for (String part : parts) {
      assertTrue(message.contains(part), () -> "\"" + part + "\" is missing in: " + message);
    }
  }

  private static boolean wrongAtBx100(annulus.arch.VcpuState.General now, long rip) {
    return now.rip() == rip && (now.registers().get(RBX) & 0xFFFF) == 100;
  }

  @Test void wrongRegisterIsFoundAtItsInstruction() throws Exception {
    FaultyProvider faulty = new FaultyProvider((engine, now) -> {
      if (wrongAtBx100(now, 0x1001)) {
        engine.flip(RBX, 8);
      }
    });
    String message = difference(faulty, 1000);
    assertNames(message, "differ after instruction " + INC_100 + "\n", "rbx: interpreter 0x64, translator 0x6c");
    assertTrue(message.endsWith("1000  inc bx"), message);
  }

  @Test void defectThatDoesNotComeAgainIsNarrowedToItsStep() throws Exception {
    FaultyProvider faulty = new FaultyProvider((engine, now) -> {
      if (engine.instructions() == 777) {
        engine.flip(RBX, 1L << 40);
      }
    });
    assertNames(difference(faulty, 1), "differ after instruction 777\n", "rbx: ");
    String message = difference(faulty, 200);
    assertNames(message, "but not when they did them again", "rbx: ");
    String[] range = message.replaceAll("(?s).*instructions (\\d+) to (\\d+),.*", "$1 $2").split(" ");
    assertTrue(Long.parseLong(range[0]) <= 777 && 777 <= Long.parseLong(range[1]), message);
  }

  @Test void wrongMemoryIsFoundAtItsInstruction() throws Exception {
    FaultyProvider faulty = new FaultyProvider((engine, now) -> {
      if (wrongAtBx100(now, 0x1005)) {
        engine.context.memory().write(0x5123, 1, 0x77);
      }
    });
    assertNames(difference(faulty, 1000), "differ after instruction " + (INC_100 + 1) + "\n",
        "memory 0x5120: interpreter 0x0, translator 0x77000000", "mov word ptr [2000h], bx");
  }

  @Test void missingStoreIsFound() throws Exception {
    FaultyProvider faulty = new FaultyProvider((engine, now) -> {
      if (wrongAtBx100(now, 0x1005)) {
        engine.context.memory().write(0x2000, 2, 99);
      }
    });
    // The next store mends it, so only a look at each instruction shows it.
    assertNames(difference(faulty, 1), "differ after instruction " + (INC_100 + 1) + "\n",
        "memory 0x2000: interpreter 0x64, translator 0x63");
  }

  @Test void wrongValueWrittenToAPortIsFound() throws Exception {
    FaultyProvider faulty = new FaultyProvider((method, arguments, original) -> {
      if (method.equals("writePort") && (int) arguments[2] == 9) {
        arguments[2] = 8;
      }
      return original.call(arguments);
    });
    // The tenth read gives 9.
    assertNames(difference(faulty, 1000), "differ after instruction " + (5 * 9 + 4) + "\n",
        "write of 0x8 to port 0x11, 1 bytes, where the leading engine asked for: write of 0x9 to port 0x11", "out 11h, al");
  }

  @Test void requestTooManyIsFound() throws Exception {
    FaultyProvider faulty = new FaultyProvider((method, arguments, original) -> {
      if (method.equals("writePort") && (int) arguments[2] == 9) {
        original.call(arguments);
      }
      return original.call(arguments);
    });
    String message = difference(faulty, 1);
    assertNames(message, "differ after instruction " + (5 * 9 + 4) + "\n",
        "write of 0x9 to port 0x11, 1 bytes, which the leading engine did not ask for");
  }

  @Test void requestTooFewIsFound() throws Exception {
    FaultyProvider faulty = new FaultyProvider((method, arguments, original) ->
        method.equals("writePort") && (int) arguments[2] == 9 ? null : original.call(arguments));
    assertNames(difference(faulty, 1), "differ after instruction " + (5 * 9 + 4) + "\n",
        "translator did not ask for: write of 0x9 to port 0x11");
  }

  @Test void failureOfTheCheckedEngineIsADifference() throws Exception {
    FaultyProvider faulty = new FaultyProvider((engine, now) -> {
      if (wrongAtBx100(now, 0x1001)) {
        throw new IllegalStateException("broken here");
      }
    });
    assertNames(difference(faulty, 1000), "differ after instruction " + INC_100 + "\n", "translator failed: ", "broken here");
  }

  @Test void machineNoticesNothingOfTheSearch() throws Exception {
    FaultyProvider faulty = new FaultyProvider((engine, now) -> {
      if (wrongAtBx100(now, 0x1001)) {
        engine.flip(RBX, 8);
      }
    });
    try (TestMachine m = new TestMachine(faulty, 1000, LOOP)) {
      assertThrows(EngineException.class, () -> m.engine().run(100_000));
      long iterations = m.engine().instructions() / 5;
      long begun = (m.engine().instructions() + 4) / 5;
      assertEquals(begun, m.register(RBX) & 0xFFFF);
      assertTrue(iterations <= m.written.size() && m.written.size() <= begun, "writes to the port: " + m.written.size());
      EngineException again = assertThrows(EngineException.class, () -> m.engine().run(1));
      assertEquals(Reason.DEFECT, again.reason());
    }
  }

  @Test void logHoldsTheWholeStep(@TempDir Path folder) throws Exception {
    Path log = folder.resolve("differences.txt");
    FaultyProvider faulty = new FaultyProvider((engine, now) -> {
      if (wrongAtBx100(now, 0x1001)) {
        engine.flip(RBX, 8);
      }
    });
    try (TestMachine m = new TestMachine(faulty, Map.of("step", 1000, "log", log.toString()), LOOP, 1)) {
      String message = assertThrows(EngineException.class, () -> m.engine().run(100_000)).getMessage();
      String text = Files.readString(log);
      assertNames(text, "differ after instruction " + INC_100, "requests of the step:", "read of port 0x10, 1 bytes -> 0x",
          "state before it:");
      assertTrue(text.length() > message.length());
    }
  }

  @Test void sameEngineTwiceHasNoDifference() throws Exception {
    try (TestMachine m = new TestMachine(new InterpreterProvider(), 100, LOOP)) {
      m.engine().run(50_000);
      assertEquals(50_000, m.engine().instructions());
      assertEquals(10_000, m.written.size());
      assertFalse(m.engine().counters().get("steps") < 500);
      assertEquals(0, m.engine().counters().get("steps-unchecked"));
    }
  }
}
