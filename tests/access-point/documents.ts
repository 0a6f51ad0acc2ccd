import { readFileSync } from 'node:fs';

/** A document of the project, for tests that do what it says. */
export class Document {
  readonly #path: string;
  readonly #text: string;

  /** @param path from the project's folder */
  constructor(path: string) {
    this.#path = path;
    this.#text = readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
  }

  /** The first box of code after a text. @throws Error if there is none */
  boxAfter(text: string): string {
    const at = this.#text.indexOf(text);
    const box = at < 0 ? null : /^```\w*\n(.*?)^```$/ms.exec(this.#text.slice(at));
    if (box === null) throw new Error(`${this.#path} has no box of code after "${text}"`);
    return box[1]!;
  }
}
