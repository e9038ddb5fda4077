/** Text within a width: cut, filled, wrapped. Every character is taken to be one column wide. */

/** At most `columns` characters; what is cut off shows as `…`. */
export function cut(text: string, columns: number): string {
  if (text.length <= columns) return text;
  return columns < 1 ? "" : `${text.slice(0, columns - 1)}…`;
}

/** Exactly `columns` characters. */
export const fill = (text: string, columns: number): string => cut(text, columns).padEnd(columns);

export const fillLeft = (text: string, columns: number): string => cut(text, columns).padStart(columns);

/** Lines of at most `columns` characters, broken at spaces; a longer word is cut. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (longer.length <= columns) line = longer;
    else {
      if (line !== "") lines.push(line);
      line = cut(word, columns);
    }
  }
  return line === "" ? lines : [...lines, line];
}

/** `── title ─────────`, exactly `columns` wide. */
export function rule(title: string, columns: number): string {
  const head = title === "" ? "" : `── ${title} `;
  return cut(head + "─".repeat(Math.max(0, columns - head.length)), columns);
}
