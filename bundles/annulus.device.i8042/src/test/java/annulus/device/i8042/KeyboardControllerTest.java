package annulus.device.i8042;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.device.Device;
import annulus.device.DeviceException;
import annulus.device.DeviceFactory;
import annulus.tck.device.DeviceContract;
import annulus.tck.device.FakeMachine;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class KeyboardControllerTest extends DeviceContract {
  private final FakeMachine m = new FakeMachine();

  @Override protected DeviceFactory factory() {
    return new KeyboardControllerFactory();
  }

  @Override protected String name() {
    return "i8042";
  }

  @Override protected Map<String, String> options() {
    return Map.of("aux", "mouse");
  }

  @Override protected void exercise(FakeMachine machine) {
    machine.out(0x64, 0x60);
    machine.out(0x60, 0x03);
    machine.characters("keyboard0").type(0x9E);
    machine.out(0x60, 0xED);
    machine.out(0x60, 0x05);
    machine.out(0x64, 0xD4);
    machine.out(0x60, 0xE9);
    machine.out(0x64, 0xD1);
  }

  @BeforeEach void start() throws DeviceException {
    m.start(factory(), "i8042", options());
  }

  private List<Integer> read() {
    List<Integer> bytes = new ArrayList<>();
    while ((m.in(0x64) & 1) != 0) {
      bytes.add(m.in(0x60));
    }
    return bytes;
  }

  private List<Integer> command(int command) {
    m.out(0x64, command);
    return read();
  }

  private List<Integer> keyboard(int value) {
    m.out(0x60, value);
    return read();
  }

  private List<Integer> mouse(int value) {
    m.out(0x64, 0xD4);
    m.out(0x60, value);
    return read();
  }

  private void commandByte(int value) {
    m.out(0x64, 0x60);
    m.out(0x60, value);
  }

  @Test void controllerAndInterfacesPassTheirTests() {
    assertEquals(List.of(0x55), command(0xAA));
    assertEquals(List.of(0x00), command(0xAB));
    assertEquals(List.of(0x00), command(0xA9));
  }

  @Test void commandByteReadsBack() {
    commandByte(0x47);
    assertEquals(List.of(0x47), command(0x20));
  }

  @Test void keyArrivesTranslatedWithAnEdgePerByte() {
    commandByte(0x41);
    m.log.clear();
    m.characters("keyboard0").type(0xE0);
    m.characters("keyboard0").type(0x48);
    assertEquals(List.of(0xE0, 0x48), read());
    m.characters("keyboard0").type(0x9E);
    assertEquals(List.of(0x9E), read());
    assertEquals(List.of("line 1 high", "line 1 low", "line 1 high", "line 1 low", "line 1 high", "line 1 low"), m.log);
  }

  @Test void everyKeySurvivesTheWayThroughSetTwo() {
    for (int code = 1; code < 0x80; code++) {
      m.characters("keyboard0").type(code);
      m.characters("keyboard0").type(code | 0x80);
      boolean prefix = (code | 0x80) == 0xE0 || (code | 0x80) == 0xE1;
      assertEquals(List.of(code, code | 0x80), read(), prefix ? "a prefix" : "a key");
    }
  }

  @Test void withoutTranslationSetTwoIsSeen() {
    commandByte(0x01);
    m.characters("keyboard0").type(0x1E);
    m.characters("keyboard0").type(0x9E);
    assertEquals(List.of(0x1C, 0xF0, 0x1C), read());
  }

  @Test void keyboardIdentifiesItselfTranslatedOrNot() {
    assertEquals(List.of(0xFA, 0xAB, 0x41), keyboard(0xF2));
    commandByte(0x00);
    assertEquals(List.of(0xFA, 0xAB, 0x83), keyboard(0xF2));
    assertEquals(List.of(0xFA, 0xAA), keyboard(0xFF));
    assertEquals(List.of(0xEE), keyboard(0xEE));
    assertEquals(List.of(0xFA), keyboard(0xF0));
    assertEquals(List.of(0xFA, 0x02), keyboard(0x00));
    assertEquals(List.of(0xFE), keyboard(0x12));
  }

  @Test void keysWaitWhileTheKeyboardIsOff() {
    command(0xAD);
    m.characters("keyboard0").type(0x10);
    assertEquals(List.of(), read());
    assertEquals(List.of(0x10), command(0xAE));
  }

  @Test void keysAreLostWhileScanningIsOff() {
    keyboard(0xF5);
    m.characters("keyboard0").type(0x10);
    assertEquals(List.of(), read());
    assertEquals(List.of(0xFA), keyboard(0xF4));
  }

  @Test void mouseAnswersOnTheAuxiliaryPort() {
    commandByte(0x02);
    m.log.clear();
    m.out(0x64, 0xD4);
    m.out(0x60, 0xFF);
    assertEquals(0x20, m.in(0x64) & 0x20);
    assertEquals(List.of(0xFA, 0xAA, 0x00), read());
    assertTrue(m.log.contains("line 12 high") && !m.log.contains("line 1 high"));
    assertEquals(List.of(0xFA, 0x00), mouse(0xF2));
    assertEquals(List.of(0xFA), mouse(0xF3));
    assertEquals(List.of(0xFA), mouse(60));
    assertEquals(List.of(0xFA), mouse(0xF4));
    assertEquals(List.of(0xFA, 0x20, 2, 60), mouse(0xE9));
  }

  @Test void loopBackTellsWhetherThereIsAnAuxiliaryPort() throws DeviceException {
    m.out(0x64, 0xD3);
    m.out(0x60, 0x5A);
    assertEquals(0x21, m.in(0x64) & 0x21);
    assertEquals(0x5A, m.in(0x60));
    FakeMachine without = new FakeMachine();
    without.start(factory(), "i8042", Map.of());
    without.out(0x64, 0xD3);
    without.out(0x60, 0x5A);
    assertEquals(0x01, without.in(0x64) & 0x21);
  }

  @Test void pulseAndOutputPortReset() {
    m.out(0x64, 0xFF);
    assertEquals(List.of(), m.log);
    m.out(0x64, 0xFE);
    assertEquals(List.of("reset"), m.log);
    m.out(0x64, 0xD1);
    m.out(0x60, 0x02);
    assertEquals(List.of("reset", "reset"), m.log);
  }

  @Test void a20BitIsKept() {
    m.out(0x64, 0xD1);
    m.out(0x60, 0x01);
    assertEquals(List.of(0x01), command(0xD0));
  }

  @Test void stateOfAMachineWithoutMouseIsRefused() throws DeviceException {
    Device without = new FakeMachine().create(factory(), "i8042", Map.of());
    Device with = new FakeMachine().create(factory(), "i8042", Map.of("aux", "mouse"));
    assertThrows(annulus.arch.StateException.class, () -> with.restore(without.export()));
    assertFalse(without.export().equals(with.export()));
  }
}
