/*
 * The times of a day that lists of hours, minutes and seconds name together, as seconds since midnight. Every
 * combination counts, so the product is looked up by its three factors and never written out: all of them
 * together would be 86,400 times. Each factor is a set of bits, so a timeline holds five small numbers of it.
 */
export interface TimeFields {
  /** Each ascending, without repetition, not empty. */
  readonly hours: readonly number[];
  readonly minutes: readonly number[];
  readonly seconds: readonly number[];
}

/** A whole number 0 to 59 in each of them; the upper half stands in a word of its own, as bits are 32. */
const HALF = 30;

/** A set of whole numbers from 0 to 59. */
export class ValueSet {
  readonly #low: number;
  readonly #high: number;

  constructor(values: readonly number[]) {
    let low = 0;
    let high = 0;
    for (const value of values) {
      if (value < HALF) low |= 1 << value;
      else high |= 1 << (value - HALF);
    }
    this.#low = low;
    this.#high = high;
  }

  /** The smallest member that is not less than `value`, 0 to 60; -1 where there is none. */
  atOrAfter(value: number): number {
    const low = value < HALF ? this.#low & (-1 << value) : 0;
    if (low !== 0) return lowestBit(low);
    const high = value < HALF ? this.#high : value < 2 * HALF ? this.#high & (-1 << (value - HALF)) : 0;
    return high === 0 ? -1 : HALF + lowestBit(high);
  }
}

/** The place of the lowest bit that is set; `bits` is not 0. */
export function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}

export class TimesOfDay {
  readonly #hours: ValueSet;
  readonly #minutes: ValueSet;
  readonly #seconds: ValueSet;

  constructor({ hours, minutes, seconds }: TimeFields) {
    this.#hours = new ValueSet(hours);
    this.#minutes = new ValueSet(minutes);
    this.#seconds = new ValueSet(seconds);
  }

  /** The earliest time at or after `second` of the day; -1 when the day has no more. */
  atOrAfter(time: number): number {
    const hour = Math.floor(time / 3600);
    const here = this.#hours.atOrAfter(hour);
    const within = here === hour ? this.#inHour(Math.floor(time / 60) % 60, time % 60) : -1;
    if (within >= 0) return hour * 3600 + within;
    const later = here === hour ? this.#hours.atOrAfter(hour + 1) : here;
    return later < 0 ? -1 : later * 3600 + this.#inHour(0, 0);
  }

  #inHour(minute: number, second: number): number {
    const here = this.#minutes.atOrAfter(minute);
    const within = here === minute ? this.#seconds.atOrAfter(second) : -1;
    if (within >= 0) return minute * 60 + within;
    const later = here === minute ? this.#minutes.atOrAfter(minute + 1) : here;
    return later < 0 ? -1 : later * 60 + this.#seconds.atOrAfter(0);
  }
}

/** The same times by their place in the ascending order, from 0. */
export class TimePlaces {
  readonly count: number;
  readonly #fields: TimeFields;

  constructor(fields: TimeFields) {
    this.count = fields.hours.length * fields.minutes.length * fields.seconds.length;
    this.#fields = fields;
  }

  at(place: number): number {
    const { hours, minutes, seconds } = this.#fields;
    const second = seconds[place % seconds.length] ?? 0;
    const minute = minutes[Math.floor(place / seconds.length) % minutes.length] ?? 0;
    const hour = hours[Math.floor(place / (seconds.length * minutes.length))] ?? 0;
    return hour * 3600 + minute * 60 + second;
  }

  /** The place of a time that is one of them. */
  of(time: number): number {
    const { hours, minutes, seconds } = this.#fields;
    const hour = hours.indexOf(Math.floor(time / 3600));
    const minute = minutes.indexOf(Math.floor(time / 60) % 60);
    return (hour * minutes.length + minute) * seconds.length + seconds.indexOf(time % 60);
  }
}
