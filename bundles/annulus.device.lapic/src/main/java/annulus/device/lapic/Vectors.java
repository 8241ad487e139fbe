package annulus.device.lapic;

import java.util.Arrays;

/** 256 bits, one per vector: IRR, ISR or TMR (SDM 3A 10.8.4). */
final class Vectors {
  private final int[] words = new int[8];

  boolean has(int vector) {
    return (words[vector >> 5] & 1 << (vector & 31)) != 0;
  }

  void set(int vector, boolean on) {
    if (on) {
      words[vector >> 5] |= 1 << (vector & 31);
    } else {
      words[vector >> 5] &= ~(1 << (vector & 31));
    }
  }

  /** The highest vector that is set, or -1. */
  int highest() {
    for (int i = 7; i >= 0; i--) {
      if (words[i] != 0) {
        return 32 * i + 31 - Integer.numberOfLeadingZeros(words[i]);
      }
    }
    return -1;
  }

  int word(int i) {
    return words[i];
  }

  int[] words() {
    return words.clone();
  }

  void set(long[] from) {
    for (int i = 0; i < 8; i++) {
      words[i] = (int) from[i];
    }
  }

  void clear() {
    Arrays.fill(words, 0);
  }
}
