import { mkdtemp, rename, rm, symlink, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { names } from "@carillon/contracts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Signal } from "../../app/signals.ts";
import { checkTarget } from "../../domain/target.ts";
import { readTenants, type TenantsSettings } from "./tenants-file.ts";
import { type TenantsWatch, type TenantsWatchOptions, watchTenants } from "./tenants-watch.ts";

let folder = "";
let path = "";
let settings: TenantsSettings = { path: null, maxSchedulesPerCreator: 7, installation: names() };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "carillon-tenants-"));
  path = join(folder, "tenants.json");
  settings = { ...settings, path };
});
afterEach(() => rm(folder, { recursive: true }));

const write = (value: unknown, name = "tenants.json"): Promise<void> =>
  writeFile(join(folder, name), typeof value === "string" ? value : JSON.stringify(value));

const allowing = (...subjects: string[]) => ({
  tenants: { acme: { targets: subjects.map((subject) => ({ subject, capture: true })) } },
});

describe("readTenants", () => {
  const faultsOf = async (value: unknown): Promise<readonly string[]> => {
    await write(value);
    const read = await readTenants(settings);
    return read.ok ? [] : read.faults;
  };

  it("knows the tenant default and no target where no file is named, and says so", async () => {
    const read = await readTenants({ ...settings, path: null });
    expect(read).toMatchObject({ ok: true, tenants: { names: ["default"] }, files: new Map() });
    expect(read.ok && read.warnings).toEqual([expect.stringContaining("no target is allowed")]);
  });

  it("names the file that is not there, is no JSON, or has another shape", async () => {
    expect(await readTenants(settings)).toMatchObject({
      ok: false,
      faults: [expect.stringContaining("ENOENT")],
    });
    expect(await faultsOf('{"tenants":')).toEqual([expect.stringMatching(/tenants\.json: it is not JSON/)]);
    const twice = '{"tenants":{"acme":{"targets":[]},"acme":{"targets":[{"subject":">"}]}}}';
    expect(await faultsOf(twice)).toEqual([expect.stringMatching(/it names "acme" twice in one object$/)]);
    expect(
      await faultsOf({ tenants: { "a b": { targets: [] }, c: { targets: [{}], maxSchedule: 1 } } }),
    ).toEqual([
      expect.stringMatching(/a b.*expected 1 to 64 of/),
      expect.stringContaining("/tenants/c/maxSchedule: unknown field"),
      expect.stringContaining("/tenants/c/targets/0/subject: missing"),
    ]);
    expect(await faultsOf({ tenants: { c: { targets: [{ subject: "a..b" }] } } })).toEqual([
      expect.stringMatching(/tenants\.json: tenants\.c\.targets\[0\] "a\.\.b": expected tokens/),
    ]);
  });

  it("checks payloads by the schemas that it names, relative to itself", async () => {
    await write({ type: "object", required: ["id"], properties: { id: { type: "integer" } } }, "order.json");
    await write({
      tenants: { acme: { targets: [{ subject: "cmd.order", payloadSchema: "./order.json" }] } },
    });
    const read = await readTenants(settings);
    if (!read.ok) throw new Error(read.faults.join());
    const check = (payload: unknown) => checkTarget(read.tenants, "acme", { subject: "cmd.order" }, payload);
    expect([...read.files.keys()]).toEqual([path, join(folder, "order.json")]);
    expect(check({ id: 1 })).toBeNull();
    expect(check({ id: "1" })).toMatchObject({ code: "payload_invalid", details: [{ path: "/payload/id" }] });
    expect(check([])).toMatchObject({
      path: "/payload",
      message: "payload: a list of 0; expected object",
    });
  });

  it.each([
    ["absent", null, /order\.json: ENOENT/],
    ["no JSON", "{", /order\.json: it is not JSON/],
    ["no schema", "[1]", /order\.json: expected a JSON Schema/],
    ["a wrong schema", '{"type":"strin"}', /order\.json: schema is invalid/],
    ["one that refers elsewhere", '{"$ref":"http://example.com/x"}', /order\.json: can't resolve reference/],
    ["too large", `{"description":"${"x".repeat(300_000)}"}`, /order\.json: 3\d+ bytes; expected at most/],
  ])("names a payload schema that is %s", async (_, text, message) => {
    if (text !== null) await write(text, "order.json");
    expect(
      await faultsOf({
        tenants: { acme: { targets: [{ subject: "cmd.order", payloadSchema: "order.json" }] } },
      }),
    ).toEqual([expect.stringMatching(message)]);
  });
});

describe("watchTenants", () => {
  let watching: TenantsWatch | null = null;
  afterEach(async () => {
    await watching?.close();
    watching = null;
  });

  /** Watches the file as it is; `next` waits for the next signal. */
  const start = async (admit?: TenantsWatchOptions["admit"]) => {
    const signals: Signal[] = [];
    let arrived = Promise.withResolvers<void>();
    const tell = (signal: Signal) => {
      signals.push(signal);
      arrived.resolve();
    };
    const first = await readTenants(settings);
    if (!first.ok) throw new Error(first.faults.join());
    const none = async () => ({ faults: [], warnings: [] });
    watching = watchTenants({ settings, first, admit: admit ?? none, tell });
    const next = async (): Promise<Signal | undefined> => {
      while (signals.length === 0) {
        await arrived.promise;
        arrived = Promise.withResolvers();
      }
      return signals.shift();
    };
    return { watched: watching, next };
  };

  it("takes a file that is written over", async () => {
    await write(allowing("cmd.a"));
    const { watched, next } = await start();
    await write(allowing("cmd.a", "cmd.b"));
    expect(await next()).toEqual({ kind: "tenants.reloaded", tenants: 1, warnings: [] });
    expect(watched.current().captured).toEqual(["cmd.a", "cmd.b"]);
  });

  it("takes a file that is moved into place, and a link that points elsewhere", async () => {
    await write(allowing("cmd.a"), "one.json");
    await write(allowing("cmd.b"), "two.json");
    await symlink("one.json", path);
    const { watched, next } = await start();
    await symlink("two.json", join(folder, "new"));
    await rename(join(folder, "new"), path);
    expect(await next()).toMatchObject({ kind: "tenants.reloaded" });
    expect(watched.current().captured).toEqual(["cmd.b"]);
  });

  it("keeps the former file in force while the new one is bad or gone", async () => {
    await write(allowing("cmd.a"));
    const { watched, next } = await start();
    await write("{");
    expect(await next()).toEqual({
      kind: "tenants.refused",
      faults: [expect.stringContaining("it is not JSON")],
    });
    await unlink(path);
    expect(await next()).toMatchObject({ kind: "tenants.refused" });
    expect(watched.current().captured).toEqual(["cmd.a"]);
    await write(allowing("cmd.c"));
    expect(await next()).toMatchObject({ kind: "tenants.reloaded" });
    expect(watched.current().captured).toEqual(["cmd.c"]);
  });

  it("keeps the former file in force where the new one's subjects cannot be captured", async () => {
    await write(allowing("cmd.a"));
    let faults: string[] = ["stream OTHER holds cmd.b"];
    const { watched, next } = await start(async () => ({ faults, warnings: ["short window"] }));
    await write(allowing("cmd.b"));
    expect(await next()).toEqual({ kind: "tenants.refused", faults });
    expect(watched.current().captured).toEqual(["cmd.a"]);
    faults = [];
    await watched.reread();
    expect(await next()).toEqual({ kind: "tenants.reloaded", tenants: 1, warnings: ["short window"] });
    expect(watched.current().captured).toEqual(["cmd.b"]);
  });

  it("notices a payload schema that changes", async () => {
    await write(true, "any.json");
    await write({ tenants: { acme: { targets: [{ subject: "cmd.a", payloadSchema: "any.json" }] } } });
    const { watched, next } = await start();
    await write("false", "any.json");
    expect(await next()).toMatchObject({ kind: "tenants.reloaded" });
    expect(checkTarget(watched.current(), "acme", { subject: "cmd.a" }, 1)).toMatchObject({
      code: "payload_invalid",
    });
  });

  it("says nothing more once it is closed", async () => {
    await write(allowing("cmd.a"));
    const { watched } = await start();
    await watched.close();
    await watched.reread();
    expect(watched.current().captured).toEqual(["cmd.a"]);
  });
});
