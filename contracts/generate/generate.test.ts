import { describe, expect, it } from "vitest";
import { envExample, readmeWith } from "./config-rows.ts";
import { declarations } from "./declarations.ts";
import { entriesOf, type Schema, type SchemaFile } from "./schema-set.ts";

const fileOf = (stem: string, root: Schema): SchemaFile => ({ stem, id: `${stem}.schema.json`, root });

const shapes = fileOf("shapes", {
  $defs: {
    Bell: {
      title: "Bell",
      description: "It rings.",
      type: "object",
      required: ["tone"],
      properties: {
        tone: { description: "In hertz.", type: "number", minimum: 20, maximum: 20_000, default: 440 },
        "x-label": { type: ["string", "null"] },
        marks: { $ref: "#/$defs/marks" },
        tower: {
          title: "Tower",
          type: ["object", "null"],
          properties: { bells: { type: "array", items: { $ref: "#/$defs/Bell" } } },
        },
      },
    },
    marks: { type: "object", additionalProperties: { enum: ["a", 1] } },
  },
});

describe("declarations", () => {
  it("turns titled schemas into readonly shapes, with ranges and defaults from the schema", () => {
    expect(declarations([shapes])).toBe(`// Generated from schemas/ by contracts/generate; do not edit.

/** It rings. */
export interface Bell {
  /** In hertz. 20 to 20000. Default 440. */
  readonly tone: number;
  readonly "x-label"?: string | null;
  readonly marks?: { readonly [key: string]: "a" | 1 };
  readonly tower?: Tower | null;
}

export interface Tower {
  readonly bells?: readonly Bell[];
}
`);
  });
});

describe("entriesOf", () => {
  it("refuses one title for two shapes", () => {
    const again = fileOf("again", { title: "Bell" });
    expect(() => entriesOf([shapes, again])).toThrow("title Bell stands twice");
  });
});

const config = fileOf("config", {
  title: "Configuration",
  properties: {
    BELLS: {
      "x-group": "Tower",
      description: "How many `bells`.",
      type: "integer",
      minimum: 1,
      maximum: 9,
      default: 3,
    },
  },
  "x-patterns": { "ROPE_*": { "x-group": "Tower", description: "Ropes.", "x-default-text": "off" } },
} as Schema);

describe("the configuration table", () => {
  it("replaces what stands between the markers, and nothing else", () => {
    const readme = "before\n<!-- config:begin -->\nold\n<!-- config:end -->\nafter\n";
    const made = readmeWith([config], readme);
    expect(made).toContain("before\n<!-- config:begin -->\n| variable");
    expect(made).toContain(
      "| `BELLS` | `3` | How many `bells`. 1 to 9. |\n| `ROPE_*` | off | Ropes. |\n<!-- config:end -->\nafter\n",
    );
    expect(readmeWith([config], made)).toBe(made);
  });

  it("refuses a README without markers", () => {
    expect(() => readmeWith([config], "before")).toThrow("expected <!-- config:begin -->");
  });

  it("comments every variable out at its default", () => {
    expect(envExample([config])).toContain(
      "# --- Tower ---\n\n# How many bells. 1 to 9.\n#BELLS=3\n\n# Ropes. Default: off.\n",
    );
  });
});
