/** The documents as a test: what they point at is there. A rule that fails names the document and what it points at. */

import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { READ_VERBS, WRITE_VERBS } from "@carillon/contracts";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..");
const NOT_OURS = ["node_modules", "dist", "coverage"];

const files = globSync("**/*.*", { cwd: ROOT, exclude: (name) => NOT_OURS.includes(basename(name)) });
const documents = files
  .filter((path) => path.endsWith(".md"))
  .map((path) => ({ path, text: readFileSync(join(ROOT, path), "utf8") }));

const FENCED = /^```[\s\S]*?^```$/gm;
const prose = (text: string): string => text.replace(FENCED, "");

/** As GitHub makes them of headings. */
const anchorsOf = (text: string): string[] =>
  [...prose(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );

/** Relative ones, from the root: `path#anchor`. */
const linksOf = (path: string, text: string): string[] =>
  [...prose(text).matchAll(/\]\((?!\w+:)([^)\s]*)\)/g)].map(([, link = ""]) =>
    link.startsWith("#") ? `${path}${link}` : relative(ROOT, join(ROOT, dirname(path), link)),
  );

function leadsSomewhere(link: string): boolean {
  const [path = "", anchor] = link.split("#");
  if (anchor === undefined) return existsSync(join(ROOT, path));
  return documents.some((document) => document.path === path && anchorsOf(document.text).includes(anchor));
}

describe("a document", () => {
  it("links to what is there", () => {
    const broken = documents.flatMap(({ path, text }) =>
      linksOf(path, text)
        .filter((link) => !leadsSomewhere(link))
        .map((link) => `${path} → ${link}`),
    );
    expect(broken).toEqual([]);
  });

  it("names source files that exist", () => {
    /** What a reader is asked to make. */
    const made = ["first.ts"];
    const exists = (name: string): boolean => files.some((path) => `/${path}`.endsWith(`/${name}`));
    const unknown = documents.flatMap(({ path, text }) =>
      [...prose(text).matchAll(/`(?:\.\.\/)*([\w./-]+\.ts)`/g)]
        .map(([, name = ""]) => name)
        .filter((name) => !made.includes(name) && !exists(name))
        .map((name) => `${path} → ${name}`),
    );
    expect(unknown).toEqual([]);
  });

  it("calls no verb missing that is there", () => {
    const readme = documents.find(({ path }) => path === "README.md")?.text ?? "";
    const notYet = /^### Not yet$([\s\S]*?)^#/m.exec(readme)?.[1] ?? "";
    expect(notYet).toContain("the verbs");
    expect([...WRITE_VERBS, ...READ_VERBS].filter((verb) => notYet.includes(`\`${verb}\``))).toEqual([]);
  });
});
