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
      new Exclusion("AVX-512 and Xeon Phi encodings are beyond x86-64-v3", "(EVEX|MVEX)_.*|VEX_K.*|VEX_(Tile|Ldtilecfg|Sttilecfg|Td|V?KNC).*"),
      new Exclusion("AMX is beyond x86-64-v3", "VEX_(Tdp|Tcmm|Tcvt|Tile|Ldtile|Sttile).*"),
      new Exclusion("XOP, TBM and FMA4 were withdrawn by AMD",
          "XOP_.*|VEX_V(fmadd|fmsub|fnmadd|fnmsub|fmaddsub|fmsubadd)[ps][sd]_.*|VEX_Vpermil2.*"),
      new Exclusion("3DNow! was withdrawn by AMD", "D3NOW_.*|Femms"),
      new Exclusion("later vector extensions of VEX",
          "VEX_(Vpdp.*|Vpmadd52.*|Vbcstn.*|Vcvtne.*|Vsha512.*|Vsm[34].*|Vgf2p8.*|Vaes(enc|dec)(last)?_ymm.*|Vpclmulqdq_ymm.*"
              + "|Cmp\\w+xadd.*|Urdmsr.*|Uwrmsr.*)|Gf2p8.*"),
      new Exclusion("no CpuFeature: MPX", "Bnd.*"),
      new Exclusion("no CpuFeature: CET; its hint forms are tested as NOP",
          "Rdssp.*|Incssp.*|Saveprevssp|Rstorssp.*|Setssbsy|Clrssbsy.*|Wrss.*|Wruss.*"),
      new Exclusion("no CpuFeature: SGX, SMX, TDX, TSX, Key Locker, SNP, FRED, user interrupts and other later system instructions",
          "Encl.*|Getsec.*|Seam.*|Tdcall|Xabort.*|Xbegin.*|Xend|Xtest|Aes(enc|dec)(wide)?(128|256)kl.*|Encodekey.*|Loadiwkey.*"
              + "|Psmash|Pvalidate.|Rmp.*|Erets|Eretu|Lkgs.*|Clui|Stui|Testui|Uiret|Senduipi.*|Hreset.*|Pconfig|Serialize|Enqcmd.*"
              + "|Movdir.*|Ptwrite.*|Umonitor.*|Umwait.*|Tpause.*|Xsusldtrk|Xresldtrk|Rdpru|Mcommit|Monitorx.|Mwaitx|Invlpgb.|Tlbsync"
              + "|Vmgexit.*|Wrmsrns|Aadd.*|Aand.*|Aor.*|Axor.*|Rdmsrlist|Wrmsrlist|Prefetchit.*|Prefetchwt1.*|Cldemote.*|Rdudbg|Wrudbg"
              + "|Pbndkb|Ccs_.*|Via_.*"),
      new Exclusion("no CpuFeature: supervisor states of XSAVE", "Xsaves.*|Xrstors.*"),
      new Exclusion("other makers' and withdrawn instructions",
          "Xstore.*|Xcrypt.*|Xsha.*|Montmul.*|Undoc.*|Altinst|Cyrix.*|Smint.*|Dmint|Cpu_.*|Bb[01]_.*|Rdshr.*|Wrshr.*|Svdc.*|Rsdc.*"
              + "|Svldt.*|Rsldt.*|Svts.*|Rsts.*|Rdm|Storeall|Cl1invmb|Loadall.*|Umov.*|Xbts.*|Ibts.*|Cmpxchg486.*|Jmpe.*|Pcommit"
              + "|Paddsiw.*|Psubsiw.*|Paveb.*|Pmagw.*|Pdistib.*|Pmv.*|Pmulhriw.*|Pmulhrw.*|Pmachriw.*|Fnstdw.*|Fnstsg.*|Frstpm|Frichop|Frinear"
              + "|Frint2|Ftstp"));

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
