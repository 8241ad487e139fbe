package annulus.device.lapic;

import annulus.device.DeviceContext;
import annulus.device.DeviceException;
import annulus.device.MmioRegion;
import java.util.HashSet;
import java.util.Set;

/**
 * The pages xAPIC registers appear on: normally one for all processors, each of which finds its own APIC there; software can
 * move them (SDM 3A 10.4.5).
 */
final class ApicPages {
  private static final int PAGE = 0x1000;

  private final DeviceContext context;
  private final LocalApic[] apics;
  private final Set<Long> claimed = new HashSet<>();

  ApicPages(DeviceContext context, LocalApic[] apics) throws DeviceException {
    this.context = context;
    this.apics = apics;
    claimPage(Registers.BASE_RESET);
  }

  long nanos() {
    return context.clock().nanos();
  }

  /** Makes registers appear where {@code base}, a value of IA32_APIC_BASE, says. */
  void claim(long base) {
    long page = base & -PAGE;
    if (!claimed.contains(page)) {
      try {
        claimPage(page);
      } catch (DeviceException e) {
        if (e.reason() != DeviceException.Reason.REGION_TAKEN) {
          throw new IllegalStateException("cannot move the local APIC to 0x%x".formatted(page), e);
        }
        // Something else answers there: that APIC's registers stay out of reach
      }
    }
  }

  private void claimPage(long page) throws DeviceException {
    Page region = new Page(page);
    context.mmio(page, PAGE, region);
    claimed.add(page);
  }

  private final class Page implements MmioRegion {
    private final long page;

    Page(long page) {
      this.page = page;
    }

    /** Whether the accessing processor has its registers here. */
    private boolean present(int vcpu) {
      if (vcpu < 0) {
        return false;
      }
      Registers r = apics[vcpu].r;
      return r.enabled() && !r.x2apic() && (r.base & -PAGE) == page;
    }

    @Override public long read(long offset, int size) {
      int vcpu = context.currentVcpu();
      if (!present(vcpu)) {
        return -1;
      }
      // Registers are 32 bits wide at multiples of 16; what lies between them reads as zero
      int within = (int) offset & 15;
      return within >= 4 ? 0 : Integer.toUnsignedLong(apics[vcpu].read((int) offset >> 4)) >>> 8 * within;
    }

    @Override public void write(long offset, int size, long value) {
      int vcpu = context.currentVcpu();
      if (present(vcpu) && (offset & 15) == 0 && size >= 4) {
        apics[vcpu].write((int) offset >> 4, (int) value);
      }
    }
  }
}
