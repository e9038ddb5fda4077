/*
 * Makes contracts/dist, ready for `npm publish contracts/dist`: JavaScript and declarations for Node 20 and
 * later, with a manifest of its own. Inside the repository nothing needs this; the sources run as they are.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const HERE = new URL("../", import.meta.url);
const pathOf = (name: string): string => fileURLToPath(new URL(name, HERE));
const DIST = pathOf("dist/");

rmSync(DIST, { recursive: true, force: true });
compile();
for (const name of ["validators.js", "validators.d.ts"]) {
  copyFileSync(pathOf(`src/generated/${name}`), `${DIST}generated/${name}`);
}
for (const name of globSync("**/*.d.ts", { cwd: DIST })) rewriteImports(`${DIST}${name}`);
for (const name of ["README.md", "LICENSE"]) copyFileSync(pathOf(name), `${DIST}${name}`);
writeFileSync(`${DIST}package.json`, `${JSON.stringify(manifest(), null, 2)}\n`);

function compile(): void {
  const tsc = createRequire(import.meta.url)
    .resolve("typescript/package.json")
    .replace("package.json", "bin/tsc");
  execFileSync(process.execPath, [tsc, "-p", pathOf("tsconfig.build.json")], { stdio: "inherit" });
}

/** The compiler turns `.ts` into `.js` in what it emits to run, and leaves declarations as they were written. */
function rewriteImports(file: string): void {
  const text = readFileSync(file, "utf8");
  writeFileSync(file, text.replaceAll(/(from\s+|import\()"(\.[^"]+)\.ts"/g, '$1"$2.js"'));
}

/** The package's own manifest, with its exports pointed at what was built and without what only building needs. */
function manifest(): object {
  const { devDependencies, scripts, exports, ...kept } = JSON.parse(
    readFileSync(pathOf("package.json"), "utf8"),
  );
  return {
    ...kept,
    sideEffects: false,
    exports: {
      ".": { types: "./index.d.ts", default: "./index.js" },
      "./client": { types: "./client/index.d.ts", default: "./client/index.js" },
    },
  };
}
