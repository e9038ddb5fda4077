import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT, readAlerts, readShown } from "./files.ts";

const RUNBOOK = "services/scheduler/docs/operating.md";
const alerts = readAlerts();
const names = alerts.map(({ name }) => name);

describe("the alerts", () => {
  it("say how urgent they are, and what is wrong", () => {
    for (const { severity, annotations } of alerts) {
      expect(["critical", "warning"]).toContain(severity);
      expect(Object.keys(annotations)).toEqual(["summary", "description", "runbook"]);
    }
  });

  it("lead each to its own section of the runbook, and every such section belongs to one", () => {
    const page = readFileSync(join(ROOT, RUNBOOK), "utf8");
    const sections = [...page.matchAll(/^### (Carillon\w+)$/gm)].map(([, name]) => name);
    expect(sections).toEqual(names);
    for (const { name, annotations } of alerts) {
      expect(annotations["runbook"]).toBe(`${RUNBOOK}#${name.toLowerCase()}`);
    }
  });

  it("are each shown firing and shown silent", () => {
    const shown = readShown();
    expect([...shown.keys()].toSorted()).toEqual(names.toSorted());
    expect([...shown.values()].filter(({ fires, silent }) => !fires || !silent)).toEqual([]);
  });
});
