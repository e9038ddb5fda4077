/**
 * Carries out a Dockerfile in plain folders, a folder a stage: COPY, RUN, WORKDIR, ENV and CMD as Docker would, with the ignore file
 * that lies beside it. What a base image brings, Node and users, is this machine's. An instruction that it does not know is an error.
 */

import { spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { cp, mkdir } from "node:fs/promises";
import { basename, join, matchesGlob, relative } from "node:path";

export interface Image {
  /** Where its command runs. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly command: readonly string[];
  /** The command that says whether it is healthy. */
  readonly health: readonly string[];
}

interface Stage {
  /** Stands for `/`. */
  readonly root: string;
  workdir: string;
  readonly env: Record<string, string>;
  command: readonly string[];
  health: readonly string[];
}

interface Surroundings {
  /** Folder of sources. */
  readonly context: string;
  readonly ignored: (path: string) => boolean;
  readonly stages: Map<string, Stage>;
}

/** Words without meaning in a folder. */
const NO_EFFECT: ReadonlySet<string> = new Set(["USER", "EXPOSE"]);

/** `into`: an empty folder. */
export async function carryOut(dockerfile: string, context: string, into: string): Promise<Image> {
  const patterns = significant(readFileSync(`${dockerfile}.dockerignore`, "utf8"));
  const around: Surroundings = { context, ignored: (path) => isIgnored(path, patterns), stages: new Map() };
  let stage: Stage | undefined;
  for (const line of instructionsOf(readFileSync(dockerfile, "utf8"))) {
    const [word = "", ...rest] = line.split(" ");
    const text = rest.join(" ");
    if (word === "FROM") {
      const name = / AS (\S+)$/.exec(text)?.[1] ?? "last";
      stage = { root: join(into, name), workdir: "/", env: {}, command: [], health: [] };
      around.stages.set(name, stage);
      await mkdir(stage.root, { recursive: true });
    } else if (stage === undefined) throw new Error(`${line}: expected FROM first`);
    else await carryOutIn(stage, word, text, around);
  }
  if (stage === undefined) throw new Error(`${dockerfile} has no stage`);
  const { root, workdir, env, command, health } = stage;
  return { folder: join(root, workdir), env, command, health };
}

const significant = (text: string): string[] =>
  text.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("#"));

const instructionsOf = (text: string): string[] =>
  significant(text)
    .join("\n")
    .replace(/\\\n\s*/g, "")
    .split("\n");

async function carryOutIn(stage: Stage, word: string, text: string, around: Surroundings): Promise<void> {
  if (NO_EFFECT.has(word)) return;
  const here = join(stage.root, stage.workdir);
  switch (word) {
    case "WORKDIR":
      stage.workdir = text;
      await mkdir(join(stage.root, text), { recursive: true });
      return;
    case "ENV":
      for (const [, name = "", value = ""] of text.matchAll(/(\w+)=(\S+)/g)) stage.env[name] = value;
      return;
    case "CMD":
      stage.command = JSON.parse(text);
      return;
    case "HEALTHCHECK":
      stage.health = JSON.parse(text.slice(text.indexOf("[")));
      return;
    case "RUN":
      return run(text, here);
    case "COPY":
      return copy(text, here, around);
    default:
      throw new Error(`${word} ${text}: expected an instruction that is known here`);
  }
}

function run(text: string, cwd: string): void {
  const { status, stderr } = spawnSync("sh", ["-c", text], { cwd, encoding: "utf8" });
  if (status !== 0) throw new Error(`RUN ${text}: ${stderr}`);
}

async function copy(text: string, here: string, { context, ignored, stages }: Surroundings): Promise<void> {
  const words = text.split(" ");
  const from = words[0]?.startsWith("--from=")
    ? stages.get(words.shift()?.slice("--from=".length) ?? "")
    : null;
  if (from === undefined) throw new Error(`COPY ${text}: expected a stage that came before`);
  const to = words.pop() ?? "";
  for (const source of words) {
    const path = join(from === null ? context : from.root, source);
    const target = to.endsWith("/") && !statSync(path).isDirectory() ? join(to, basename(source)) : to;
    await cp(path, join(here, target), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (one) => from !== null || one === context || !ignored(relative(context, one)),
    });
  }
}

/** The last pattern that fits a path, or a folder that it is in, decides. */
function isIgnored(path: string, patterns: readonly string[]): boolean {
  const steps = path.split("/");
  const folders = steps.map((_, count) => steps.slice(0, count + 1).join("/"));
  return patterns.reduce((ignored, pattern) => {
    const glob = pattern.replace(/^!/, "");
    return folders.some((one) => matchesGlob(one, glob)) ? !pattern.startsWith("!") : ignored;
  }, false);
}
