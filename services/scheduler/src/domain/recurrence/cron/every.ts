/*
 * `@every 1h30m`: a fixed rate, written where a cron expression is expected, as Go's cron libraries have it. It has
 * no wall clock, so it is resolved to an interval at once and nothing behind knows of it. The duration is Go's,
 * strictly: each unit at most once, from long to short, in lower case.
 */

export type ParsedEvery = { ok: true; everySeconds: number } | { ok: false; message: string };

/** In seconds: the same bounds as of the trigger type interval. */
const EVERY_SECONDS_MIN = 0.1;
const EVERY_SECONDS_MAX = 315_576_000;

const NUMBER = String.raw`(\d+(?:\.\d+)?)`;
const DURATION = new RegExp(
  `^@every[ \\t]+(?=\\d)(?:${NUMBER}h)?(?:${NUMBER}m)?(?:${NUMBER}s)?(?:${NUMBER}ms)?$`,
);
const UNITS_MS = [3_600_000, 60_000, 1000, 1];

/** Null: it is no such expression, but one of fields, or another nickname. To the millisecond. */
export function parseEvery(expression: string): ParsedEvery | null {
  const text = expression.trim();
  if (!/^@every(?![a-z_])/i.test(text)) return null;
  const parts = DURATION.exec(text.replace(/^@every/i, "@every"));
  const ms =
    parts === null ? 0 : UNITS_MS.reduce((sum, unit, index) => sum + unit * Number(parts[index + 1] ?? 0), 0);
  const everySeconds = Math.round(ms) / 1000;
  if (everySeconds >= EVERY_SECONDS_MIN && everySeconds <= EVERY_SECONDS_MAX)
    return { ok: true, everySeconds };
  const shown = text.length > 64 ? `${text.slice(0, 64)}…` : text;
  return {
    ok: false,
    message: `"${shown}": expected @every and a duration of 100ms to 87660h, such as 90s, 1h30m, 1.5h or 500ms`,
  };
}
