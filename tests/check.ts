/** `npm run check`: everything that is looked at without running the product. Goes on after a failure, so that one run shows all. */

import { spawnSync } from "node:child_process";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..");

const CHECKS = [
  { title: "types", command: ["tsc", "-p", "tsconfig.json"] },
  { title: "lint and format", command: ["biome", "check", "--error-on-warnings", "."] },
  { title: "generated files are current", command: ["node", "contracts/generate/main.ts", "--check"] },
  { title: "architecture", command: ["vitest", "run", "tests/tidy.test.ts", "--reporter=dot"] },
] as const;

const failed = CHECKS.filter(({ title, command: [program, ...args] }) => {
  process.stdout.write(`\n> ${title}\n`);
  const { status } = spawnSync(program, args, { cwd: ROOT, stdio: "inherit" });
  return status !== 0;
});

process.stdout.write(
  failed.length === 0
    ? "\nall checks passed\n"
    : `\nfailed: ${failed.map(({ title }) => title).join(", ")}\n`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
