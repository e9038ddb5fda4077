import { describe, expect, it } from "vitest";
import { additionsIn, candidateIn, settingsText } from "./apt.ts";
import { mirrorIn, releaseFrom } from "./newer-suite.ts";

describe("apt's answers", () => {
  it("name the version that would be installed", () => {
    const policy =
      "nats-server:\n  Installed: (none)\n  Candidate: 2.9.10-1+b3\n  Version table:\n     2.9.10-1+b3 500\n";
    expect(candidateIn(policy)).toBe("2.9.10");
  });

  it("name no version for a package that only others mention, or that the lists do not know", () => {
    expect(candidateIn("redis-server:\n  Installed: (none)\n  Candidate: (none)\n")).toBeNull();
    expect(candidateIn("")).toBeNull();
  });

  it("name the packages that an installation would add", () => {
    const simulation = [
      "The following NEW packages will be installed:",
      "Inst libjemalloc2 (5.3.0-1 Debian:12.15/oldstable [amd64])",
      "Inst redis-server (5:7.0.15-1~deb12u10 Debian-Security:12/oldstable-security [amd64])",
      "Conf redis-server (5:7.0.15-1~deb12u10 Debian-Security:12/oldstable-security [amd64])",
    ].join("\n");
    expect(additionsIn(simulation)).toEqual(["libjemalloc2", "redis-server"]);
  });
});

describe("apt's settings", () => {
  it("keep lists and sources of our own apart from the machine's, and never touch the checks", () => {
    const text = settingsText("/cache/apt", { kind: "own", line: "deb http://mirror suite main" });
    expect(text).toContain('Dir::State::lists "/cache/apt/lists";');
    expect(text).toContain('Dir::Etc::sourceparts "/dev/null";');
    expect(text).toContain("#clear APT::Update::Post-Invoke;");
    expect(text).not.toMatch(/AllowUnauthenticated|AllowInsecure|trusted/i);
  });

  it("leave the machine's sources where they are when only its lists are missing", () => {
    expect(settingsText("/cache/apt", { kind: "fresh" })).not.toContain("Dir::Etc");
    expect(settingsText("/cache/apt", { kind: "machine" })).not.toContain("Dir::State");
  });
});

describe("the release of a machine", () => {
  it.each([
    ['ID=debian\nVERSION_CODENAME=bookworm\nPRETTY_NAME="Debian GNU/Linux 12"', "bookworm", "forky"],
    ["ID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME=noble\nUBUNTU_CODENAME=noble", "noble", "devel"],
    [
      'ID=linuxmint\nID_LIKE="ubuntu debian"\nVERSION_CODENAME=wilma\nUBUNTU_CODENAME=noble',
      "noble",
      "devel",
    ],
  ])("%j", (osRelease, codename, newerSuite) => {
    expect(releaseFrom(osRelease)).toMatchObject({ codename, newerSuite });
  });

  it("is not ours to know on another distribution", () => {
    expect(releaseFrom("ID=alpine\nVERSION_ID=3.22")).toBeNull();
  });
});

describe("the mirror", () => {
  it("is the one that serves the installed release", () => {
    const addresses = [
      "'https://deb.nodesource.com/node_20.x/dists/nodistro/InRelease' x 0 ",
      "'http://mirror.local/debian-security/dists/bookworm-security/InRelease' x 0 ",
      "'http://mirror.local/debian/dists/bookworm/InRelease' x 0 ",
      "'http://mirror.local/debian/dists/bookworm/main/binary-amd64/Packages.xz' x 0 ",
    ].join("\n");
    expect(mirrorIn(addresses, "bookworm")).toBe("http://mirror.local/debian");
  });

  it("is unknown when no source names the release", () => {
    expect(mirrorIn("", "bookworm")).toBeNull();
  });
});
