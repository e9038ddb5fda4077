/**
 * Keeps the tenants file in force while it changes. The folder is watched, since editors and mounted ConfigMaps replace files rather
 * than write them; a look every few seconds covers what the watch misses, and the payload schemas. A bad file changes nothing: the
 * former one stays in force, and it is said why.
 */

import { type FSWatcher, watch } from "node:fs";
import { dirname } from "node:path";
import type { Tell } from "../../app/signals.ts";
import type { Tenants } from "../../domain/tenants.ts";
import { haveChanged } from "./file-mark.ts";
import { readTenants, type TenantsRead, type TenantsSettings } from "./tenants-file.ts";

export interface TenantsWatch {
  /** What is in force now. */
  current(): Tenants;
  /** Reads the file now, changed or not (SIGHUP); resolves when it is in force or refused. */
  reread(): Promise<void>;
  close(): Promise<void>;
}

export interface TenantsWatchOptions {
  readonly settings: TenantsSettings;
  /** What was read at start. */
  readonly first: TenantsRead & { readonly ok: true };
  /** Makes ready what new tenants need (their captured subjects); faults keep the former ones in force. */
  admit(
    tenants: Tenants,
  ): Promise<{ readonly faults: readonly string[]; readonly warnings: readonly string[] }>;
  readonly tell: Tell;
}

/** A file is read this long after its last change, since many are written in several steps. */
const SETTLE_MS = 100;

/** How often the files are looked at without any notice. */
const LOOK_EVERY_MS = 5_000;

export function watchTenants({ settings, first, admit, tell }: TenantsWatchOptions): TenantsWatch {
  let tenants = first.tenants;
  let files = first.files;
  let closed = false;
  let turn: Promise<void> = Promise.resolve();

  const take = async (): Promise<void> => {
    const read = await readTenants(settings);
    if (closed) return;
    files = read.files;
    const admission = read.ok ? await admitted(admit, read.tenants) : { faults: read.faults, warnings: [] };
    if (closed) return;
    if (!read.ok || admission.faults.length > 0)
      return tell({ kind: "tenants.refused", faults: admission.faults });
    tenants = read.tenants;
    const warnings = [...read.warnings, ...admission.warnings];
    tell({ kind: "tenants.reloaded", tenants: tenants.names.length, warnings });
  };
  const look = async (): Promise<void> => {
    if (await haveChanged(files)) await take();
  };
  /** One after the other, so that an older file never overtakes a newer one. */
  const queue = (step: () => Promise<void>): Promise<void> => {
    turn = turn.then(() => (closed ? undefined : step()));
    return turn;
  };

  const notice = settled(() => void queue(look));
  const watcher = settings.path === null ? null : watchFolder(dirname(settings.path), notice.call);
  const timer = settings.path === null ? null : setInterval(() => void queue(look), LOOK_EVERY_MS);
  // What changed between the first reading and the watch.
  void queue(look);
  return {
    current: () => tenants,
    reread: () => queue(take),
    close: async () => {
      closed = true;
      notice.cancel();
      watcher?.close();
      if (timer !== null) clearInterval(timer);
      await turn;
    },
  };
}

async function admitted(admit: TenantsWatchOptions["admit"], tenants: Tenants) {
  try {
    return await admit(tenants);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { faults: [`its captured subjects could not be provided: ${reason}`], warnings: [] };
  }
}

/** Null where the folder cannot be watched; the regular look remains. */
function watchFolder(folder: string, notice: () => void): FSWatcher | null {
  try {
    const watcher = watch(folder, notice);
    watcher.on("error", () => watcher.close());
    return watcher;
  } catch {
    return null;
  }
}

/** Calls `step` once SETTLE_MS have passed without a further call. */
function settled(step: () => void): { call: () => void; cancel: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const cancel = () => clearTimeout(timer);
  return {
    cancel,
    call: () => {
      cancel();
      timer = setTimeout(step, SETTLE_MS);
    },
  };
}
