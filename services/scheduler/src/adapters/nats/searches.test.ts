import { describe, expect, it } from "vitest";
import { type Found, type Search, Searches } from "./searches.ts";

const search = (subject: string, since: number, ...ids: string[]): Search => ({
  stream: "MAIL",
  subject,
  since,
  ids: new Set(ids),
});

/** A pass that finds what is stored, and notes what it was asked for. */
function stored(ids: readonly string[], complete = true) {
  const passes: Search[] = [];
  const pass = async (asked: Search): Promise<Found> => {
    passes.push(asked);
    return { found: new Map(ids.filter((id) => asked.ids.has(id)).map((id, i) => [id, i + 1])), complete };
  };
  return { passes, searches: new Searches(pass) };
}

describe("searches of one subject", () => {
  it("share a pass that begins with the earliest", async () => {
    const { passes, searches } = stored(["a", "c"]);
    const answers = await Promise.all([
      searches.find(search("cmd.mail", 20, "a")),
      searches.find(search("cmd.mail", 10, "b", "c")),
    ]);
    expect(passes).toEqual([search("cmd.mail", 10, "a", "b", "c")]);
    expect(answers.map(({ found }) => [...found.keys()])).toEqual([["a"], ["c"]]);
  });

  it("know for themselves whether they found everything", async () => {
    const { searches } = stored(["a"], false);
    const answers = await Promise.all([
      searches.find(search("cmd.mail", 0, "a")),
      searches.find(search("cmd.mail", 0, "b")),
    ]);
    expect(answers.map(({ complete }) => complete)).toEqual([true, false]);
  });

  it("go on after a pass that failed", async () => {
    let fails = true;
    const searches = new Searches(async () => {
      if (fails) throw new Error("link down");
      return { found: new Map(), complete: true };
    });
    await expect(searches.find(search("cmd.mail", 0, "a"))).rejects.toThrow("link down");
    fails = false;
    expect(await searches.find(search("cmd.mail", 0, "a"))).toMatchObject({ complete: true });
  });
});

it("searches different subjects side by side", async () => {
  const { passes, searches } = stored([]);
  await Promise.all([searches.find(search("cmd.mail", 0, "a")), searches.find(search("cmd.sms", 0, "b"))]);
  expect(passes.map(({ subject }) => subject)).toEqual(["cmd.mail", "cmd.sms"]);
});
