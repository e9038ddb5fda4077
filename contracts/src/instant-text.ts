/*
 * Instants as text, RFC 3339 in UTC with milliseconds. Every fire writes a dozen of them, mostly of one day, so the day is written once and
 * remembered: a seventh of what `Date` takes for it.
 */

const DAY_MS = 86_400_000;

const TWO = Array.from({ length: 60 }, (_, n) => String(n).padStart(2, "0"));
const THREE = Array.from({ length: 1_000 }, (_, n) => String(n).padStart(3, "0"));

let known = { day: Number.NaN, text: "" };

/** `2026-11-21T09:00:00.000Z`; whole milliseconds of the epoch within the years 0 to 9999. */
export const instantText = (at: number): string => {
  const day = Math.floor(at / DAY_MS);
  if (day !== known.day) known = { day, text: new Date(at).toISOString().slice(0, "2026-11-21T".length) };
  const ms = at - day * DAY_MS;
  const seconds = Math.floor(ms / 1_000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  return `${known.text}${TWO[hours]}:${TWO[minutes - hours * 60]}:${TWO[seconds - minutes * 60]}.${THREE[ms - seconds * 1_000]}Z`;
};

/** The same without what subjects and ids may not hold: `20261121T090000000Z`. */
export const compactInstant = (at: number): string => {
  const text = instantText(at);
  return `${text.slice(0, 4)}${text.slice(5, 7)}${text.slice(8, 13)}${text.slice(14, 16)}${text.slice(17, 19)}${text.slice(20)}`;
};
