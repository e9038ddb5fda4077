/*
 * Instants as text, RFC 3339 in UTC with milliseconds. Every fire writes a dozen of them, of a few days, so each day is written once and
 * remembered, and so are the last instants: most are written again at once, as those of what is due in the same millisecond.
 * Each is in one piece (`whole-text.ts`).
 */

const DAY_MS = 86_400_000;

const TWO = Array.from({ length: 60 }, (_, n) => String(n).padStart(2, "0"));
/** Behind the seconds. */
const MILLISECONDS = Array.from({ length: 1_000 }, (_, n) => `.${String(n).padStart(3, "0")}Z`);

/** Neighbouring days have places of their own. */
const DAYS_MAX = 32;
const days = Array.from({ length: DAYS_MAX }, () => ({ day: Number.NaN, text: "" }));

const dayText = (day: number): string => {
  const place = days[((day % DAYS_MAX) + DAYS_MAX) % DAYS_MAX];
  if (place?.day === day) return place.text;
  const text = new Date(day * DAY_MS).toISOString().slice(0, "2026-11-21T".length);
  if (place !== undefined) Object.assign(place, { day, text });
  return text;
};

/** A power of two. */
const INSTANTS_MAX = 1_024;
const instants = Array.from({ length: INSTANTS_MAX }, () => ({ at: Number.NaN, text: "" }));

/** `2026-11-21T09:00:00.000Z`; whole milliseconds of the epoch within the years 0 to 9999. */
export const instantText = (at: number): string => {
  const place = instants[at & (INSTANTS_MAX - 1)];
  if (place?.at === at) return place.text;
  const text = textOf(at);
  if (place !== undefined) {
    place.at = at;
    place.text = text;
  }
  return text;
};

const textOf = (at: number): string => {
  const day = Math.floor(at / DAY_MS);
  const ms = at - day * DAY_MS;
  const seconds = Math.floor(ms / 1_000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const clock = `${TWO[hours]}:${TWO[minutes - hours * 60]}:${TWO[seconds - minutes * 60]}`;
  return [dayText(day), clock, MILLISECONDS[ms - seconds * 1_000]].join("");
};

/** The same without what subjects and ids may not hold: `20261121T090000000Z`. */
export const compactInstant = (at: number): string => {
  const text = instantText(at);
  return `${text.slice(0, 4)}${text.slice(5, 7)}${text.slice(8, 13)}${text.slice(14, 16)}${text.slice(17, 19)}${text.slice(20)}`;
};
