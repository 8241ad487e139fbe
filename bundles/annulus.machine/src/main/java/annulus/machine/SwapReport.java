package annulus.machine;

import java.time.Duration;
import java.time.Instant;

/**
 * What one replacement of a provider under a machine did and how long each phase took. The guest stands still from the beginning of
 * the hold to the end of the resume.
 *
 * @param generation of the machine's bindings after it; unchanged where the swap failed
 * @param what what was replaced: {@code engine}, {@code translation}, or {@code device.NAME}
 * @param from name and bundle of the old provider
 * @param to name and bundle of the new one
 * @param succeeded false where the old provider went on
 * @param reason why it failed; empty otherwise
 * @param instructions guest instructions of the boot processor at the swap
 * @param at wall-clock time of the swap
 */
public record SwapReport(
    int generation, String what, String from, String to, boolean succeeded, String reason, Duration hold, Duration export,
    Duration restore, Duration retire, Duration resume, long instructions, Instant at) {
  /** How long the guest stood still. */
  public Duration pause() {
    return hold.plus(export).plus(restore).plus(retire).plus(resume);
  }
}
