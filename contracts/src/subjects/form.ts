/*
 * A form is a subject (or key) with named places, such as `cmd.@.{tenant}.{verb}.{scheduleId}`, where `@` is
 * the installation. Building, parsing and filtering all read the same template, so they cannot disagree.
 */

type SlotsOf<Template extends string> = Template extends `${string}{${infer Slot}}${infer Rest}`
  ? Slot | SlotsOf<Rest>
  : never;

export interface Form<Slot extends string> {
  /** Every subject of this form, as a pattern with `*` in each place. */
  readonly pattern: string;
  /** The subject with each place filled; refuses nothing, so check names before. */
  build(tokens: Readonly<Record<Slot, string | number>>): string;
  /** The tokens by place; null where `subject` has another form. Tokens are not checked further. */
  parse(subject: string): Readonly<Record<Slot, string>> | null;
  /** The pattern with some places filled. */
  filter(tokens: Readonly<Partial<Record<Slot, string | number>>>): string;
}

export const form = <Template extends string>(
  template: Template,
  installation: string,
): Form<SlotsOf<Template>> => {
  type Slot = SlotsOf<Template>;
  const parts = template.split(".").map((part) => (part === "@" ? installation : part));
  const slots = parts.map((part) => (part.startsWith("{") ? (part.slice(1, -1) as Slot) : null));
  const filter = (tokens: Readonly<Partial<Record<Slot, string | number>>>): string => {
    let subject = "";
    for (let index = 0; index < parts.length; index++) {
      const slot = slots[index] ?? null;
      subject += `${index === 0 ? "" : "."}${slot === null ? parts[index] : (tokens[slot] ?? "*")}`;
    }
    return subject;
  };
  const parse = (subject: string): Readonly<Record<Slot, string>> | null => {
    const found: Partial<Record<Slot, string>> = {};
    let from = 0;
    for (let index = 0; index < parts.length; index++) {
      const dot = subject.indexOf(".", from);
      if (dot < 0 !== (index === parts.length - 1)) return null;
      const token = subject.slice(from, dot < 0 ? undefined : dot);
      const slot = slots[index] ?? null;
      if (slot === null ? parts[index] !== token : token === "") return null;
      if (slot !== null) found[slot] = token;
      from = dot + 1;
    }
    return found as Record<Slot, string>;
  };
  return { pattern: filter({} as Partial<Record<Slot, string | number>>), build: filter, parse, filter };
};
