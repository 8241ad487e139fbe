package annulus.engine.interpreter;

import annulus.cpu.Cpu;
import annulus.engine.Exit;

/**
 * Guest instructions per second on small loops: {@code java ... SpeedMain [seconds per loop]}. Prints a line per second, so that
 * warm-up shows.
 */
public final class SpeedMain {
  private SpeedMain() {}

  private record Loop(String name, String code) {}

  private static final Loop[] LOOPS = {
    // loop: mov rax,[rsi+rcx*8]; add rax,rdx; xor rdx,rax; imul rax,rdx; mov [rdi+rcx*8],rax; shr rax,7; and eax,0xff; add rbx,rax
    // movzx r8d,byte[rsi+rax]; add ebx,r8d; test bl,1; jne +5; lea rdx,[rdx+rbx*2+5]; inc ecx; and ecx,0x1ff; dec r9; jne loop
    new Loop("mixed", "488B04CE 4801D0 4831C2 480FAFC2 488904CF 48C1E807 25FF000000 4801C3 440FB60406 4401C3 F6C301 7505 488D545A05"
        + " FFC1 81E1FF010000 49FFC9 75C3 F4"),
    // loop: add eax,ebx; rol eax,5; xor ebx,eax; mov edx,eax; and edx,ecx; add ebx,edx; add ecx,3; shr edx,2; dec r9; jne loop
    new Loop("registers", "01D8 C1C005 31C3 89C2 21CA 01D3 83C103 C1EA02 49FFC9 75E8 F4"),
    // loop: call f; dec r9; jne loop; hlt; f: push rbx; mov rbx,[rsi]; add rbx,8; mov [rsi],rbx; pop rbx; ret
    new Loop("calls", "E806000000 49FFC9 75F6 F4 53 488B1E 4883C308 48891E 5B C3"),
  };

  public static void main(String[] args) {
    int seconds = args.length > 0 ? Integer.parseInt(args[0]) : 4;
    for (Loop loop : LOOPS) {
      for (boolean specialise : new boolean[] {true, false}) {
        try (TestMachine m = new TestMachine(1, specialise)) {
          measure(m, loop, specialise, seconds);
        }
      }
    }
  }

  private static void measure(TestMachine m, Loop loop, boolean specialise, int seconds) {
    m.code(TestMachine.CODE, loop.code);
    Cpu c = m.cpu();
    c.gpr[Cpu.RSI] = 0x20_0000;
    c.gpr[Cpu.RDI] = 0x21_0000;
    c.gpr[9] = Long.MAX_VALUE;
    StringBuilder line = new StringBuilder();
    for (int s = 0; s < seconds; s++) {
      long from = m.engine().instructions();
      long start = System.nanoTime();
      while (System.nanoTime() - start < 1_000_000_000L) {
        if (m.engine().run(10_000_000) != Exit.BUDGET) {
          throw new IllegalStateException("the loop ended at " + Long.toHexString(c.rip));
        }
      }
      line.append(' ').append((m.engine().instructions() - from) * 1000 / (System.nanoTime() - start));
    }
    System.out.println(loop.name + (specialise ? " specialised:" : " generic:") + line + " million instructions/s");
  }
}
