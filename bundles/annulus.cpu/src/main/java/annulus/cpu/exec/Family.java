package annulus.cpu.exec;

import annulus.cpu.decode.Mnemonic;

/** A family of instructions: says what each of its mnemonics does. */
public interface Family {
  /** Where a family enters its instructions. */
  interface Definitions {
    /** @throws IllegalStateException when the mnemonic has a meaning already */
    void define(Mnemonic mnemonic, Semantics semantics);
  }

  void define(Definitions definitions);
}
