/**
 * The vocabulary of the search: a binary that was found, or the reason why a place has none.
 */

export type ServerBinary = {
  /** Absolute path. */
  readonly path: string;
  /** `major.minor.patch`. */
  readonly version: string;
  /** Folders of shared libraries that must be named to it; empty for an installed binary. */
  readonly libraryFolders: readonly string[];
};

export type Finding = { readonly found: ServerBinary } | { readonly missing: string };

/** Called with one line of text for the person who waits. */
export type Report = (line: string) => void;

export function found(binary: ServerBinary): Finding {
  return { found: binary };
}

export function missing(reason: string): Finding {
  return { missing: reason };
}
