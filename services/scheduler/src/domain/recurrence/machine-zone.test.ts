/*
 * The time zone of the machine is nobody's: every case gets the same answer and the same words on any of them.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { digest } from "../testing/digest.ts";

const PROGRAM = new URL("../testing/digest.ts", import.meta.url).pathname;
const run = promisify(execFile);

describe("a machine in another time zone", () => {
  const here = digest();

  it.concurrent.each([
    ["UTC", 0],
    ["America/Los_Angeles", 16],
    ["Asia/Kolkata", 5],
    ["Pacific/Apia", 13],
  ])("answers the same in %s", async (zone, hourAtMidnight) => {
    const { stdout } = await run(process.execPath, [PROGRAM], { env: { ...process.env, TZ: zone } });
    expect(stdout).toBe(`${hourAtMidnight} ${here}\n`);
  });
});
