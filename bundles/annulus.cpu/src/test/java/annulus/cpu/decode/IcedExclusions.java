package annulus.cpu.decode;

import java.util.List;
import java.util.regex.Pattern;

/** The lines of the decoder tables that this decoder does not claim, each group with its reason. */
final class IcedExclusions {
  private record Exclusion(String reason, Pattern code) {
    Exclusion(String reason, String code) {
      this(reason, Pattern.compile(code));
    }
  }

  private static final List<Exclusion> CODES = List.of(
      new Exclusion("AVX-512 and Xeon Phi encodings are beyond x86-64-v3", "(EVEX|MVEX)_.*|VEX_K.*"),
      new Exclusion("AMX is beyond x86-64-v3", "VEX_(Tdp|Tile|Ldtile|Sttile).*"),
      new Exclusion("XOP, TBM and FMA4 were withdrawn by AMD",
          "XOP_.*|VEX_V(fmadd|fmsub|fnmadd|fnmsub|fmaddsub|fmsubadd)[ps][sd]_.*|VEX_Vpermil2.*"),
      new Exclusion("3DNow! was withdrawn by AMD", "D3NOW_.*|Femms"),
      new Exclusion("later vector extensions",
          "VEX_(Vpdp.*|Vpmadd52.*|Vbcstn.*|Vcvtne.*|Vsha512.*|Vsm[34].*|Vgf2p8.*|Vaes(enc|dec)(last)?_ymm.*"
              + "|Vpclmulqdq_ymm.*|Cmp\\w+xadd.*)|Gf2p8.*"),
      new Exclusion("no CpuFeature: CET",
          "Rdssp.*|Incssp.*|Saveprevssp|Rstorssp.*|Setssbsy|Clrssbsy.*|Wrss.*|Wruss.*"),
      new Exclusion("no CpuFeature: SGX, SMX, TDX, SEAM, SNP, FRED", "Encl.*|Getsec.*|Seam.*|Tdcall|Psmash|Pvalidate."
          + "|Rmp.*|Vmgexit.*|Invlpgb.|Tlbsync|Erets|Eretu|Lkgs.*|Pconfig"),
      new Exclusion("no CpuFeature: TSX, Key Locker, user interrupts", "Xabort.*|Xbegin.*|Xend|Xtest|Xsusldtrk|Xresldtrk"
          + "|Aes(enc|dec)(wide)?(128|256)kl.*|Encodekey.*|Loadiwkey.*|Clui|Stui|Testui|Uiret|Senduipi.*"),
      new Exclusion("no CpuFeature: later instructions, NOP where they are hints", "Hreset.*|Serialize|Enqcmd.*|Movdir.*"
          + "|Ptwrite.*|Umonitor.*|Umwait.*|Tpause.*|Rdpru|Mcommit|Monitorx.|Mwaitx|Wrmsrns|Aadd.*|Aand.*|Aor.*|Axor.*"
          + "|Prefetchit.*|Prefetchwt1.*|Cldemote.*"),
      new Exclusion("no CpuFeature: supervisor states of XSAVE", "Xsaves.*|Xrstors.*"),
      new Exclusion("VIA, Cyrix and 486", "Xstore.*|Xcrypt.*|Xsha.*|Montmul.*|Via_.*|Ccs_.*|Storeall|Cl1invmb|Pcommit"
          + "|Fnstdw.*|Fnstsg.*|Frstpm"));

  private IcedExclusions() {}

  /** Whether the line is of a processor, an option or an extension that this decoder does not claim. */
  static boolean excludes(IcedCase c) {
    String options = c.options();
    // NoInvalidCheck decodes what processors reject; other options are of old or foreign processors.
    return !options.isEmpty() && !options.equals("AMD")
        // UD0 with or without ModRM only changes which fault an instruction fetch at a page's end raises first.
        // XCHG R8, rAX with F3: processors exchange (measured), REX.B takes the encoding away from PAUSE.
        || c.line().startsWith("F3 47 90,")
        || options.equals("AMD") && c.code().equals("Ud0")
        || CODES.stream().anyMatch(e -> e.code.matcher(c.wouldBe()).matches());
  }
}
