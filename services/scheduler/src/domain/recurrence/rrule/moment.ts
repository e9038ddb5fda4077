/*
 * The dates of RFC 5545 as they are written (§3.3.4, §3.3.5): `20261121`, `20261121T090000`, and with `Z`.
 */
import { DAY_SECONDS, dayNumber, daysInMonth, SECOND_MS, type WallMs } from "../civil.ts";
import { RruleFault, shown } from "./fault.ts";

export interface Moment {
  readonly wall: WallMs;
  /** Written with `Z`: `wall` is UTC. Otherwise it is local time in a zone that stands elsewhere. */
  readonly utc: boolean;
  /** A date without a time: `wall` is its midnight. */
  readonly dateOnly: boolean;
}

const MOMENT = /^(\d{4})(\d{2})(\d{2})(?:T([01]\d|2[0-3])([0-5]\d)([0-5]\d)(Z?))?$/;

export function parseMoment(text: string, where: string): Moment {
  const match = MOMENT.exec(text);
  const [year, month, day] = [Number(match?.[1]), Number(match?.[2]), Number(match?.[3])];
  if (match === null || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) {
    throw new RruleFault(
      `${where}, "${shown(text)}": expected a date that exists, as 20261121, 20261121T090000 or 20261121T090000Z`,
    );
  }
  const time = Number(match[4] ?? 0) * 3600 + Number(match[5] ?? 0) * 60 + Number(match[6] ?? 0);
  return {
    wall: (dayNumber(year, month, day) * DAY_SECONDS + time) * SECOND_MS,
    utc: match[7] === "Z",
    dateOnly: match[4] === undefined,
  };
}

/** A moment as it was written. */
export function formatMoment({ wall, utc, dateOnly }: Moment): string {
  const text = formatWall(wall);
  return dateOnly ? text.slice(0, 8) : `${text}${utc ? "Z" : ""}`;
}

/** `20261121T090000`, as DTSTART writes local time. */
export function formatWall(wall: WallMs): string {
  return new Date(wall).toISOString().slice(0, 19).replaceAll(/[-:]/g, "");
}
