package annulus.device.rtc;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/** Between seconds since 1970 and the clock's ten time registers, in the format register B asks for. */
final class Calendar {
  /** Register numbers: seconds, minutes, hours, day of week, day of month, month, year, century. */
  static final int[] REGISTERS = {0, 2, 4, 6, 7, 8, 9, Rtc.CENTURY};

  private static final int PM = 0x80;

  private Calendar() {}

  /** Writes the time of {@code second} into the registers. */
  static void store(long second, byte[] registers, int statusB) {
    LocalDateTime t = LocalDateTime.ofEpochSecond(second, 0, ZoneOffset.UTC);
    int[] values = {
      t.getSecond(), t.getMinute(), t.getHour(), t.getDayOfWeek().getValue() % 7 + 1, t.getDayOfMonth(), t.getMonthValue(),
      t.getYear() % 100, t.getYear() / 100
    };
    for (int i = 0; i < values.length; i++) {
      registers[REGISTERS[i]] = (byte) (i == 2 ? encodeHour(values[i], statusB) : encode(values[i], statusB));
    }
  }

  /** Seconds since 1970 of the registers; values out of range carry over, as the counters they are would. */
  static long load(byte[] r, int statusB) {
    // The century register is always kept in BCD by firmware, and follows the data mode here as the others do
    int year = decode(r[Rtc.CENTURY], statusB) * 100 + decode(r[9], statusB);
    // 64 bits of nanoseconds reach from 1677 to 2262
    return LocalDate.of(Math.clamp(year, 1700, 2240), 1, 1).plusMonths(decode(r[8], statusB) - 1L).plusDays(decode(r[7], statusB) - 1L)
        .atStartOfDay().plusHours(decodeHour(r[4], statusB)).plusMinutes(decode(r[2], statusB)).plusSeconds(decode(r[0], statusB))
        .toEpochSecond(ZoneOffset.UTC);
  }

  static int encode(int value, int statusB) {
    return (statusB & Rtc.B_BINARY) != 0 ? value : value / 10 << 4 | value % 10;
  }

  static int decode(int value, int statusB) {
    return (statusB & Rtc.B_BINARY) != 0 ? value & 0xFF : (value >> 4 & 15) * 10 + (value & 15);
  }

  static int encodeHour(int hour, int statusB) {
    if ((statusB & Rtc.B_24_HOURS) != 0) {
      return encode(hour, statusB);
    }
    return encode((hour + 11) % 12 + 1, statusB) | (hour >= 12 ? PM : 0);
  }

  static int decodeHour(int value, int statusB) {
    if ((statusB & Rtc.B_24_HOURS) != 0) {
      return decode(value, statusB);
    }
    return decode(value & ~PM & 0xFF, statusB) % 12 + ((value & PM) != 0 ? 12 : 0);
  }
}
