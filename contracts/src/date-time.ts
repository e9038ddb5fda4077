/*
 * The format `date-time` of the schemas: RFC 3339 with a real calendar check. Years 0000 to 9999, as written and in UTC,
 * at most nine digits of a second's fraction, no leap second: what every reader of instants here can hold.
 */
const DATE_TIME =
  /^(\d{4})-(\d{2})-(\d{2})[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** Whether `text` is an RFC 3339 date-time that exists in the calendar. */
export const dateTime = (text: string): boolean => {
  const match = DATE_TIME.exec(text);
  if (match === null) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  return month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month) && inUtc(text);
};

const YEAR_0000 = -62_167_219_200_000;
const YEAR_10000 = 253_402_300_800_000;

/** An offset can lead out of the years that four digits can write. */
const inUtc = (text: string): boolean => {
  const at = Date.parse(text.toUpperCase());
  return at >= YEAR_0000 && at < YEAR_10000;
};

const daysIn = (year: number, month: number): number => {
  if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
};

/** By the name that schemas use; the generated validators look here. */
export const formats = { "date-time": dateTime };
