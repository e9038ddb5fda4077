/**
 * The one reader of the environment in this package: what a terminal says about itself, and what the demo's
 * processes inherit. Settings of a scheduler that happen to stand in the environment are not passed on, since
 * the demo is the same everywhere.
 */

/** What a Node process needs of a machine, and no setting of anybody. */
const INHERITED = ["PATH", "HOME", "TMPDIR", "TEMP", "TMP", "SystemRoot", "LANG", "LD_LIBRARY_PATH"] as const;

export function bareEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    INHERITED.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
  );
}

/** Whether colours are unwelcome (https://no-color.org): any value that is not empty counts. */
export const isColourUnwelcome = (): boolean => (process.env["NO_COLOR"] ?? "") !== "";

/** A terminal that cannot move its cursor. */
export const isDumbTerminal = (): boolean => process.env["TERM"] === "dumb";
