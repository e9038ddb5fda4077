/** What a process has used of the machine, as the kernel counts it. Linux only, like the benchmarks that ask. */

import { readFileSync } from "node:fs";

/** Of `/proc/<pid>/stat`: USER_HZ, which is 100 on every Linux that Node runs on. */
const TICK_MS = 10;
/** Places of utime and stime behind the command's name, which may itself hold spaces. */
const USER_TICKS = 11;
const SYSTEM_TICKS = 12;
const KIBIBYTE = 1_024;

/** Processor time of all its threads since it started, in steps of 10 ms. */
export function cpuMsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[USER_TICKS]) + Number(fields[SYSTEM_TICKS])) * TICK_MS;
}

/** Bytes of memory that are its own or shared, and not swapped out. */
export function rssOf(pid: number): number {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  if (kibibytes === undefined) throw new Error(`process ${pid} shows no VmRSS`);
  return Number(kibibytes) * KIBIBYTE;
}
