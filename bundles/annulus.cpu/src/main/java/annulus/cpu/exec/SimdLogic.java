package annulus.cpu.exec;

import static annulus.cpu.decode.Mnemonic.*;

/** Bitwise logic on whole registers; the floating-point names do the same and raise nothing (SDM 2B PAND, ANDPS ...). */
public final class SimdLogic implements Family {
  @Override public void define(Definitions d) {
    Semantics and = (c, i) -> SimdOperands.halves(c, i, (a, b) -> a & b);
    Semantics andNot = (c, i) -> SimdOperands.halves(c, i, (a, b) -> ~a & b);
    Semantics or = (c, i) -> SimdOperands.halves(c, i, (a, b) -> a | b);
    Semantics xor = (c, i) -> SimdOperands.halves(c, i, (a, b) -> a ^ b);
    d.define(PAND, and);
    d.define(ANDPS, and);
    d.define(ANDPD, and);
    d.define(PANDN, andNot);
    d.define(ANDNPS, andNot);
    d.define(ANDNPD, andNot);
    d.define(POR, or);
    d.define(ORPS, or);
    d.define(ORPD, or);
    d.define(PXOR, xor);
    d.define(XORPS, xor);
    d.define(XORPD, xor);
  }
}
