/**
 * Triggers made to be dear, from a seed: soup of the grammars' own tokens, lists at their limits, exceptions that take
 * everything away, rules that never fire or hardly ever, zones that change their clocks often, and plain rubbish up to 64 KB.
 */

import type { Random } from "../sim/random.ts";

export interface HostileTrigger {
  readonly type: string;
  readonly [field: string]: unknown;
}

const ZONES = [
  "UTC",
  "America/New_York",
  "Africa/Casablanca",
  "Australia/Lord_Howe",
  "Pacific/Apia",
  "Mars/Base",
];
const FREQUENCIES = ["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY"];
const WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
const INTERVALS = [1, 1, 1, 2, 7, 12, 24, 60, 997, 1_001, 1_440, 86_399, 86_400, 999_999_999];
const COUNTS = [1, 100, 9_999, 10_000, 10_001];
const TEXT_MAX = 65_536;

export function hostileTrigger(random: Random): HostileTrigger {
  const kinds = [cron, cron, recurrence, recurrence, recurrence, soup, rubbish];
  return random.pick(kinds)(random);
}

function cron(random: Random): HostileTrigger {
  const { pick, chance, between } = random;
  const field = (): string => {
    if (chance(0.05))
      return pick(["", "99", "*/0", "5-1", "L-31", "1#6", "?", "@every 1s", "1,".repeat(100)]);
    if (chance(0.4)) return "*";
    const value = between(0, 31);
    return pick([
      `${value}`,
      `*/${value}`,
      `${value}-59`,
      `${value},${between(0, 12)}`,
      "L",
      `${value}W`,
      "FRI#5",
      "2",
    ]);
  };
  const fields = Array.from({ length: chance(0.9) ? 5 : between(0, 8) }, field);
  const sparse = pick(["0 0 29 2 1", "0 0 29 2 SUN", "59 23 31 12 7", "0 0 30 2 *", "0 0 L-30 2 *"]);
  return {
    type: "cron",
    expression: chance(0.1) ? sparse : fields.join(pick([" ", " ", " ", "\t", "  "])),
    timezone: pick(ZONES),
    ...(chance(0.3) ? { dayMatch: pick(["and", "or"]) } : {}),
    ...(chance(0.3)
      ? { dst: { gap: pick(["next", "shift", "skip"]), overlap: pick(["first", "second", "both"]) } }
      : {}),
  };
}

/** A whole number's list: all of a range, or a few of it. */
function list(random: Random, min: number, max: number, signed = false): string {
  const { between, chance } = random;
  const all = Array.from({ length: max - min + 1 }, (_, n) => min + n);
  if (chance(0.2)) return (signed && chance(0.5) ? [...all, ...all.map((value) => -value)] : all).join(",");
  const one = () => (signed && chance(0.3) ? -1 : 1) * between(min, max);
  return Array.from({ length: between(1, 4) }, one).join(",");
}

function rule(random: Random): string {
  const { pick, chance, between } = random;
  const freq = pick(FREQUENCIES);
  const long = freq === "YEARLY" || freq === "MONTHLY";
  const weekday = () => `${long && chance(0.3) ? pick(["1", "-1", "5", "53"]) : ""}${pick(WEEKDAYS)}`;
  const parts: readonly (readonly [number, string, () => string | number])[] = [
    [0.5, "INTERVAL", () => pick(INTERVALS)],
    [0.25, "COUNT", () => pick(COUNTS)],
    [0.3, "BYMONTH", () => (chance(0.5) ? 2 : list(random, 1, 12))],
    [
      freq === "WEEKLY" ? 0.02 : 0.3,
      "BYMONTHDAY",
      () => (chance(0.5) ? between(29, 31) : list(random, 1, 31, true)),
    ],
    [freq === "YEARLY" || freq.endsWith("LY") ? 0.1 : 0.01, "BYYEARDAY", () => list(random, 1, 366, true)],
    [0.1, "BYWEEKNO", () => (chance(0.5) ? 53 : list(random, 1, 53, true))],
    [0.3, "BYDAY", () => Array.from({ length: between(1, 3) }, weekday).join(",")],
    [0.3, "BYHOUR", () => list(random, 0, 23)],
    [0.2, "BYMINUTE", () => list(random, 0, 59)],
    [0.2, "BYSECOND", () => list(random, 0, 59)],
    [0.2, "BYSETPOS", () => (chance(0.3) ? 366 : list(random, 1, 366, true))],
    [0.1, "WKST", () => pick(WEEKDAYS)],
  ];
  const given = parts.filter(([share]) => chance(share)).map(([, name, value]) => `;${name}=${value()}`);
  return `FREQ=${freq}${given.join("")}`;
}

/** Takes all seconds away but one in so many. */
const NEARLY_ALL = [
  "EXRULE:FREQ=SECONDLY",
  `EXRULE:FREQ=SECONDLY;BYMINUTE=${Array.from({ length: 59 }, (_, n) => n + 1).join(",")}`,
  `EXRULE:FREQ=SECONDLY;BYSECOND=${Array.from({ length: 59 }, (_, n) => n + 1).join(",")}`,
  "EXRULE:FREQ=SECONDLY;BYHOUR=1,3,5,7,9,11,13,15,17,19,21,23",
];

function recurrence(random: Random): HostileTrigger {
  const { pick, chance, between } = random;
  const zone = pick(ZONES);
  const year = chance(0.8) ? between(2015, 2030) : pick([1, 1583, 1900, 5000, 9998]);
  const zoned = chance(0.5) ? `;TZID=${zone}` : "";
  const stamp = (at: number): string => new Date(at).toISOString().slice(0, 19).replaceAll(/[-:]/g, "");
  const start = Date.UTC(2000, between(0, 11), between(1, 28), between(0, 3), between(0, 59));
  const dates = (name: string): string => {
    const step = pick([1, 7, 90, 365]) * 86_400_000;
    const count = pick([1, 10, 1_000, 1_001]);
    return `${name}${zoned}:${Array.from({ length: count }, (_, n) => stamp(start + 26 * 365.25 * 86_400_000 + n * step)).join(",")}`;
  };
  const lines = [
    ...(chance(0.8) ? [`DTSTART${zoned}:${String(year).padStart(4, "0")}${stamp(start).slice(4)}`] : []),
    ...Array.from({ length: chance(0.7) ? 1 : between(0, 5) }, () => `RRULE:${rule(random)}`),
    ...Array.from({ length: chance(0.8) ? 0 : between(1, 5) }, () => `EXRULE:${rule(random)}`),
    ...(chance(0.05) ? ["RRULE:FREQ=SECONDLY", ...NEARLY_ALL.slice(between(0, 1))] : []),
    ...(chance(0.1) ? [dates("RDATE")] : []),
    ...(chance(0.1) ? [dates("EXDATE")] : []),
  ];
  return { type: "rrule", rrule: lines.join("\n"), ...(chance(0.5) ? { timezone: zone } : {}) };
}

const TOKENS =
  "FREQ=DAILY FREQ= ; = , : \n \r\n DTSTART RRULE: EXRULE: RDATE: EXDATE: TZID= VALUE=DATE 20261121T090000 99999999 -1 \0 é 💥 * / - # L W @".split(
    " ",
  );

function soup(random: Random): HostileTrigger {
  const text = Array.from({ length: random.between(0, 40) }, () => random.pick(TOKENS)).join("");
  return random.chance(0.5) ? { type: "rrule", rrule: text } : { type: "cron", expression: text };
}

/** One token over and over, up to 64 KB; and values of the wrong kind. */
function rubbish(random: Random): HostileTrigger {
  const { pick, chance, between } = random;
  if (chance(0.3))
    return {
      type: pick(["at", "interval", "delay", "cron", "x"]),
      at: "2026",
      everySeconds: pick([-1, 0, 1e300, "1"]),
    };
  const token = pick(TOKENS);
  const length = chance(0.1) ? TEXT_MAX - 100 : between(1, 2_000);
  const text =
    pick(["", "RRULE:FREQ=DAILY;BYHOUR=", "RDATE:", "DTSTART;"]) + token.repeat(length / token.length);
  return chance(0.5) ? { type: "rrule", rrule: text } : { type: "cron", expression: text };
}
