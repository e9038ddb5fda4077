/**
 * Version numbers as servers and packages spell them: `nats-server: v2.15.1`, `Redis server v=7.0.15 …`,
 * `2.9.10-1+b3`, `5:7.0.15-1~deb12u10`. Only major.minor.patch counts; suffixes are packaging.
 */

const NUMBERS = /(\d+)\.(\d+)(?:\.(\d+))?/;

/** The first version in a text as `major.minor.patch`; null when there is none. */
export function versionIn(text: string): string | null {
  const match = NUMBERS.exec(text);
  return match ? `${match[1]}.${match[2]}.${match[3] ?? 0}` : null;
}

/** Negative when `a` is older than `b`, zero when equal, positive when newer. Both as from `versionIn`. */
export function compareVersions(a: string, b: string): number {
  const left = a.split(".").map(Number);
  const right = b.split(".").map(Number);
  for (const part of [0, 1, 2]) {
    const difference = (left[part] ?? 0) - (right[part] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

export function isAtLeast(version: string, minimum: string): boolean {
  return compareVersions(version, minimum) >= 0;
}
