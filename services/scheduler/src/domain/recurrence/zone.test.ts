import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findZone } from "./zone.ts";

const ZONES = [
  "UTC",
  "America/New_York",
  "Europe/Dublin",
  "Australia/Lord_Howe",
  "Pacific/Apia",
  "Africa/Casablanca",
];
const anyInstant = fc.integer({ min: Date.UTC(1850, 0, 1), max: Date.UTC(2200, 0, 1) });

describe("findZone", () => {
  it.each([
    ["europe/berlin", "Europe/Berlin"],
    ["utc", "UTC"],
    ["Etc/GMT+5", "Etc/GMT+5"],
    ["US/Eastern", "US/Eastern"],
  ])("knows %s as %s", (name, canonical) => {
    expect(findZone(name)?.name).toBe(canonical);
  });

  it.each(["", "+02:00", "Z", "PST", "Mars/Olympus", "2026-01-01T00:00[UTC]", "UTC\n", "A".repeat(65)])(
    "has no zone %j",
    (name) => {
      expect(findZone(name)).toBeNull();
    },
  );
});

describe("segmentAt", () => {
  it("ends where the clocks change", () => {
    const segment = findZone("America/New_York")?.segmentAt(Date.UTC(2026, 0, 1));
    expect(segment).toEqual({
      startAt: Date.UTC(2025, 10, 2, 6),
      endAt: Date.UTC(2026, 2, 8, 7),
      offsetMs: -5 * 3_600_000,
      offsetBeforeMs: -4 * 3_600_000,
      offsetAfterMs: -4 * 3_600_000,
    });
  });

  it("is in every zone and every year what the zone database says", () => {
    const names = Intl.supportedValuesOf("timeZone");
    const anyYear = fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(9999, 10, 1) });
    fc.assert(
      fc.property(fc.constantFrom(...names), anyYear, (name, at) => {
        const segment = findZone(name)?.segmentAt(at);
        const local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(name);
        const change = local.getTimeZoneTransition("next")?.epochMilliseconds ?? Number.POSITIVE_INFINITY;
        expect(segment).toMatchObject({ offsetMs: local.offsetNanoseconds / 1e6, endAt: change });
      }),
      { numRuns: 1_000 },
    );
  });

  it("begins at the very instant of a clock change", () => {
    const changeAt = Date.UTC(2026, 2, 8, 7);
    const zone = findZone("America/New_York");
    expect(zone?.segmentAt(changeAt).startAt).toBe(changeAt);
    expect(zone?.segmentAt(changeAt - 1).endAt).toBe(changeAt);
  });

  it("holds the instant asked for, at the offset that the zone database gives", () => {
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), anyInstant, (name, at) => {
        const segment = findZone(name)?.segmentAt(at);
        const local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(name);
        expect(segment?.offsetMs).toBe(local.offsetNanoseconds / 1e6);
        expect(segment !== undefined && segment.startAt <= at && at < segment.endAt).toBe(true);
      }),
    );
  });
});
