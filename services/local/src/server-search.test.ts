import { describe, expect, it } from "vitest";
import { versionsAmong } from "./cache-folder.ts";
import { type Finding, found, missing } from "./finding.ts";
import { LocalStackError } from "./local-stack-error.ts";
import { NATS_SERVER, PROMETHEUS, REDIS_SERVER } from "./server-kind.ts";
import { firstFound, type Place, placesOf } from "./server-search.ts";

const binary = { path: "/opt/nats-server", version: "2.15.1", libraryFolders: [] };

describe("the order of the search", () => {
  it("is the search path, then the cache, then the distribution", () => {
    const names = placesOf(NATS_SERVER, () => {}).map((place) => place.name);
    expect(names).toEqual(["search path", "cache folder", "distribution"]);
  });

  it("takes the first binary and looks no further", async () => {
    const looked: string[] = [];
    const place = (name: string, finding: Finding): Place => ({
      name,
      look: async () => {
        looked.push(name);
        return finding;
      },
    });
    const places = [
      place("first", missing("none")),
      place("second", found(binary)),
      place("third", found(binary)),
    ];
    expect(await firstFound(NATS_SERVER, places)).toBe(binary);
    expect(looked).toEqual(["first", "second"]);
  });
});

describe("a machine that has no server", () => {
  it.each([NATS_SERVER, REDIS_SERVER, PROMETHEUS])(
    "is told what to install in three lines: $name",
    async (kind) => {
      const places: Place[] = [
        { name: "search path", look: async () => missing("/usr/bin/it is 1.0.0") },
        { name: "distribution", look: async () => missing("not Debian or Ubuntu") },
      ];
      const error = await firstFound(kind, places).catch((cause: unknown) => cause);
      if (!(error instanceof LocalStackError)) throw new Error("expected a LocalStackError");
      expect(error.code).toBe("server_not_found");
      const [head, ...install] = error.message.split("\n");
      expect(head).toContain(kind.addressVariable ?? "Install one:");
      expect(head).toContain("search path: /usr/bin/it is 1.0.0; distribution: not Debian or Ubuntu");
      expect(install.map((line) => line.split(":")[0])).toEqual(["macOS", "Linux", "Windows"]);
    },
  );
});

describe("cache entries", () => {
  it("are taken newest first, those too old or of another name not at all", () => {
    const names = ["nats-server-2.9.10", "nats-server-2.12.3", "nats-server-2.15.1", "redis-server-7.0.15"];
    expect(versionsAmong([...names, "nats-server.lock", "staging-x1"], NATS_SERVER)).toEqual([
      "2.15.1",
      "2.12.3",
    ]);
  });
});
