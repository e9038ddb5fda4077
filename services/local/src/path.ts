/** Looks at paths. */

import { access } from "node:fs/promises";

/** Whether `path` leads anywhere; false also where it may not be looked at. */
export async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
