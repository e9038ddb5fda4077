import { expect, it } from "vitest";
import { sharingParts, sharingWithin } from "./alike.ts";
import { aSchedule } from "./testing/builders.ts";

const { record } = aSchedule();
/** As if it were another one that was read. */
const readAgain = () => structuredClone(record);

it("changes nothing that a definition says", () => {
  expect(sharingWithin(readAgain())).toEqual(record);
});

it("keeps once what two definitions have in common", () => {
  const [one, two] = [sharingParts(readAgain().effective), sharingParts(readAgain().effective)];
  expect([one.retry === two.retry, one.target === two.target]).toEqual([true, true]);
});

it("keeps apart what differs, in value or by a field that this version does not know", () => {
  const one = sharingParts(readAgain().effective);
  const retry = { ...one.retry, later: true };
  const two = sharingParts({ ...readAgain().effective, retry, tags: ["a"] });
  expect([two.retry, two.tags, one.retry === two.retry]).toEqual([retry, ["a"], false]);
});

it("keeps once the payload that a record names twice", () => {
  const payload = { deep: [1, { two: 3 }] };
  const { definition, effective } = readAgain();
  const once = sharingWithin({
    ...record,
    definition: { ...definition, payload },
    effective: { ...effective, payload: structuredClone(payload) },
  });
  expect(once.effective.payload).toBe(once.definition.payload);
});
