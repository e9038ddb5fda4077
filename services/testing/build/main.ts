/**
 * Makes services/testing/dist, ready for `npm publish services/testing/dist`: one file of JavaScript with the scheduler in it, its
 * declarations, and a manifest of its own. Inside the repository nothing needs this; the sources run as they are.
 */

import { execFileSync } from "node:child_process";
import { copyFileSync, globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";

const HERE = new URL("../", import.meta.url);
const pathOf = (name: string): string => fileURLToPath(new URL(name, HERE));
const DIST = pathOf("dist/");

/** Whoever uses the kit has these beside it, and hands their values over. */
const SHARED = ["@carillon/contracts", "@nats-io/nats-core", "ms", "@types/ms"];

const {
  devDependencies: _,
  dependencies,
  scripts: __,
  exports: ___,
  private: ____,
  ...manifest
} = JSON.parse(readFileSync(pathOf("package.json"), "utf8"));

rmSync(DIST, { recursive: true, force: true });
buildSync({
  entryPoints: [pathOf("src/index.ts")],
  outfile: `${DIST}index.js`,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "esnext",
  external: SHARED.flatMap((name) => [name, `${name}/*`]),
});
declare();
for (const name of ["README.md", "../../LICENSE"])
  copyFileSync(pathOf(name), `${DIST}${name.split("/").at(-1)}`);
const shared = Object.fromEntries(Object.entries(dependencies).filter(([name]) => SHARED.includes(name)));
const types = "./types/services/testing/src/index.d.ts";
const made = { ...manifest, dependencies: shared, exports: { ".": { types, default: "./index.js" } } };
writeFileSync(`${DIST}package.json`, `${JSON.stringify(made, null, 2)}\n`);

/** The compiler leaves `.ts` in the imports of declarations, as they were written. */
function declare(): void {
  const tsc = createRequire(import.meta.url)
    .resolve("typescript/package.json")
    .replace("package.json", "bin/tsc");
  execFileSync(process.execPath, [tsc, "-p", pathOf("tsconfig.build.json")], { stdio: "inherit" });
  for (const name of globSync("types/**/*.d.ts", { cwd: DIST })) {
    const text = readFileSync(`${DIST}${name}`, "utf8");
    writeFileSync(`${DIST}${name}`, text.replaceAll(/(from\s+|import\()"(\.[^"]+)\.ts"/g, '$1"$2.js"'));
  }
}
