/*
 * The times of a day that lists of hours, minutes and seconds name together, as seconds since midnight. Every
 * combination counts, so the product is looked up by its three factors and never written out: all of them
 * together would be 86,400 times.
 */
export interface TimeFields {
  /** Each ascending, without repetition, not empty. */
  readonly hours: readonly number[];
  readonly minutes: readonly number[];
  readonly seconds: readonly number[];
}

export interface TimesOfDay {
  readonly count: number;
  /** The earliest time at or after `second` of the day; null when the day has no more. */
  atOrAfter(second: number): number | null;
  /** The time at a place in the ascending order, 0 to count − 1. */
  at(index: number): number;
}

export function timesOfDay({ hours, minutes, seconds }: TimeFields): TimesOfDay {
  const hourFrom = followers(hours, 24);
  const minuteFrom = followers(minutes, 60);
  const secondFrom = followers(seconds, 60);
  const firstSecond = seconds[0] ?? 0;
  const firstInHour = (minutes[0] ?? 0) * 60 + firstSecond;

  const inMinute = (second: number): number | null => found(secondFrom, second);
  const inHour = (minute: number, second: number): number | null => {
    const here = found(minuteFrom, minute);
    const within = here === minute ? inMinute(second) : null;
    if (within !== null) return minute * 60 + within;
    const later = here === minute ? found(minuteFrom, minute + 1) : here;
    return later === null ? null : later * 60 + firstSecond;
  };

  return {
    count: hours.length * minutes.length * seconds.length,
    atOrAfter: (time) => {
      const hour = Math.floor(time / 3600);
      const here = found(hourFrom, hour);
      const within = here === hour ? inHour(Math.floor(time / 60) % 60, time % 60) : null;
      if (within !== null) return hour * 3600 + within;
      const later = here === hour ? found(hourFrom, hour + 1) : here;
      return later === null ? null : later * 3600 + firstInHour;
    },
    at: (index) => {
      const second = seconds[index % seconds.length] ?? 0;
      const minute = minutes[Math.floor(index / seconds.length) % minutes.length] ?? 0;
      const hour = hours[Math.floor(index / (seconds.length * minutes.length))] ?? 0;
      return hour * 3600 + minute * 60 + second;
    },
  };
}

/** For every value up to `size` the smallest allowed one that is not less; -1 where there is none. */
export function followers(values: readonly number[], size: number): Int8Array {
  const allowed = new Set(values);
  const table = new Int8Array(size + 1).fill(-1);
  for (let value = size - 1; value >= 0; value--)
    table[value] = allowed.has(value) ? value : (table[value + 1] ?? -1);
  return table;
}

/** A look-up in such a table; null where there is none. */
export function found(table: Int8Array, value: number): number | null {
  const follower = table[value] ?? -1;
  return follower < 0 ? null : follower;
}
