/** Tells whether files have changed since they were read, without reading them. */

import { stat } from "node:fs/promises";

/** Files by path, each with a mark that changes whenever it is replaced, written, or comes and goes. */
export type FileMarks = ReadonlyMap<string, string>;

/** Taken before the files are read, so that a change while reading is not lost. */
export async function marksOf(files: readonly string[]): Promise<FileMarks> {
  const marks = files.map(async (file): Promise<[string, string]> => {
    const found = await stat(file).catch(() => null);
    return [file, found === null ? "absent" : `${found.ino} ${found.size} ${found.mtimeMs}`];
  });
  return new Map(await Promise.all(marks));
}

/** Whether any file has another mark by now. */
export async function haveChanged(marks: FileMarks): Promise<boolean> {
  const now = await marksOf([...marks.keys()]);
  return [...marks].some(([file, mark]) => now.get(file) !== mark);
}
