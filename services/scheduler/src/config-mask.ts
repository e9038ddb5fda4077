/**
 * What of a value may be shown. Credentials live in a few variables and in the user part of urls; both look the same in a log
 * line, a fault and the printed configuration.
 */

const MASK = "***";

/** The value as people may see it: `whole` hides all of it, `url` the user part of every url in it. */
export function masked(value: string | number, secret: "none" | "whole" | "url"): string | number {
  if (secret === "none" || typeof value === "number") return value;
  return secret === "whole" ? MASK : value.split(NEXT_URL).map(maskedUrl).join(",");
}

/** A comma alone may stand in a password. */
const NEXT_URL = /,(?=[a-z][a-z0-9+.-]*:\/\/)/i;

/** Up to the last @, since passwords hold slashes and signs more often than hosts do. */
const maskedUrl = (url: string): string => url.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, `$1${MASK}@`);
