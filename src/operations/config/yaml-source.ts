import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { Refusal } from './values.ts';

/** Keys and list positions (counted from 0) from the top of the file. */
export type Path = readonly (string | number)[];

/** Counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface YamlSource {
  /** False if the text is no YAML that could be looked at further. */
  readonly readable: boolean;
  /** Plain data; undefined unless readable. */
  readonly data: unknown;
  readonly problems: readonly (Refusal & Position & { readonly path: Path })[];
  /** Where a key or value is; for one that is not in the file, where the mapping around it begins. */
  locate(path: Path, part: 'key' | 'value'): Position;
}

/** Several thousand clients fit. A file of this size that is all errors takes the YAML parser a second or two. */
const charactersMax = 262_144;
/** More of them in one file are what one mistake, or another kind of file, comes to. */
const syntaxProblemsMax = 10;
/** What no text has: controls other than tabs and ends of lines, and what stands for octets that are no UTF-8. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const noText = /[\u0000-\u0008\u000e-\u001f\u007f\ufffd]/;
/** The schema is 5 deep. */
const depthMax = 32;

const topOfFile: Position = { line: 1, column: 1 };

function unreadable(refusal: Refusal, position = topOfFile): YamlSource {
  return {
    readable: false,
    data: undefined,
    problems: [{ ...refusal, ...position, path: [] }],
    locate: () => topOfFile,
  };
}

/** Reads YAML 1.2 of one document, without aliases, with duplicate keys found and all positions kept. */
export function readYaml(text: string): YamlSource {
  if (text.length > charactersMax) {
    const hint = 'a configuration has at most 262144: is this the right file?';
    return unreadable({ code: 'too-large', message: `has ${text.length} characters`, hint });
  }
  const deep: Refusal = { code: 'too-deep', message: 'is nested too deeply', hint: 'is this the right file?' };
  const foreign = noText.exec(text)?.index;
  if (foreign !== undefined) {
    const before = text.slice(0, foreign).split('\n');
    const hint = 'a configuration is YAML, in UTF-8: is this the right file?';
    const position = { line: before.length, column: before.at(-1)!.length + 1 };
    return unreadable({ code: 'syntax', message: 'is no text: it has other octets here', hint }, position);
  }
  const lines = new LineCounter();
  let document: Document.Parsed;
  try {
    document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false, logLevel: 'error' });
  } catch {
    return unreadable(deep);
  }
  const positionOf = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const problems: (Refusal & Position & { readonly path: Path })[] = [...document.errors, ...document.warnings].map(
    (error) => ({
      code: 'syntax',
      message: `is not valid YAML: ${error.message}`,
      hint: 'check indentation, quotes and brackets around this place',
      path: [],
      ...positionOf(error.pos[0]),
    }),
  );
  if (problems.length > syntaxProblemsMax) {
    const { code, message, hint, line, column } = problems[0]!;
    const refusal = { code, message: `${message}; and in ${problems.length - 1} places after it`, hint };
    return unreadable({ ...refusal, hint: `${hint}, and whether this is the right file` }, { line, column });
  }
  inspect(document.contents, [], (refusal, offset, path) => problems.push({ ...refusal, ...positionOf(offset), path }));
  if (document.contents === null && problems.length === 0) {
    return unreadable({ code: 'missing', message: 'is empty', hint: 'begin with config/samog.example.yaml' });
  }
  const readable = problems.every((problem) => problem.code === 'duplicate-key');
  return {
    readable,
    data: readable ? document.toJS() : undefined,
    problems,
    locate: (path, part) => positionOf(offsetOf(document.contents, path, part)),
  };
}

type Complain = (refusal: Refusal, offset: number, path: Path) => void;

/** Looks for what YAML allows and a configuration does not. The parser's own search for duplicates is quadratic. */
function inspect(node: unknown, path: Path, complain: Complain): void {
  const offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
  if (isAlias(node)) {
    complain(
      { code: 'alias', message: 'is a YAML alias', hint: 'write the value out: aliases are not allowed' },
      offset,
      path,
    );
  } else if (path.length > depthMax) {
    complain({ code: 'too-deep', message: 'is nested too deeply', hint: 'is this the right file?' }, offset, []);
  } else if (isSeq(node)) {
    for (const [index, item] of node.items.entries()) inspect(item, [...path, index], complain);
  } else if (isMap(node)) {
    const seen = new Set<string>();
    for (const { key, value } of node.items) {
      const name = keyText(key);
      if (!isScalar(key)) {
        const hint = 'write a plain word before the colon';
        complain({ code: 'syntax', message: 'has a key that is not plain text', hint }, startOf(key, offset), path);
        continue;
      }
      if (seen.has(name)) {
        const hint = 'remove one of the two: neither may silently win';
        complain({ code: 'duplicate-key', message: 'is given twice', hint }, startOf(key, offset), [...path, name]);
      }
      seen.add(name);
      inspect(value, [...path, name], complain);
    }
  }
}

function keyText(key: unknown): string {
  return isScalar(key) ? String(key.value) : '';
}

function startOf(node: unknown, otherwise: number): number {
  return isNode(node) ? ((node as Node).range?.[0] ?? otherwise) : otherwise;
}

function offsetOf(contents: unknown, path: Path, part: 'key' | 'value'): number {
  let node: unknown = contents;
  let offset = startOf(node, 0);
  for (const [depth, step] of path.entries()) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => keyText(key) === String(step));
      if (!pair) return offset;
      node = pair.value;
      const keyStart = startOf(pair.key, offset);
      const last = depth === path.length - 1;
      offset = last && part === 'value' ? startOf(node, keyStart) : keyStart;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      offset = startOf(node, offset);
    } else return offset;
  }
  return offset;
}
