/** A tracked text file; `path` from the project's folder, with `/`. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Where a regular expression may begin: after these, `/` is no division. */
const beforeRegex = /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|in|of))\s*$/;

const literal = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//y;
const regex = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/y;
const templatePart = /(?:\\[\s\S]|\$(?!\{)|[^`$\\])*/y;

function blank(text: string): string {
  return text.replace(/[^\n]/g, ' ');
}

/** A comment with its slashes, and the character at which it begins. */
export interface Comment {
  readonly at: number;
  readonly text: string;
}

interface Scanned {
  readonly code: string;
  readonly comments: readonly Comment[];
}

/**
 * TypeScript with comments and the insides of literals replaced by blanks, so that rules look at code only. Every
 * character keeps its place; the quotes of strings stay.
 */
export function codeOf(text: string): string {
  return scanned(text).code;
}

/** The comments of TypeScript, in order. */
export function commentsOf(text: string): readonly Comment[] {
  return scanned(text).comments;
}

/** Most rules look at the same files: each is scanned once. */
const scans = new Map<string, Scanned>();

function scanned(text: string): Scanned {
  const known = scans.get(text) ?? scan(text);
  scans.set(text, known);
  return known;
}

function scan(text: string): Scanned {
  let code = '';
  const comments: Comment[] = [];
  /** For each open template substitution, the number of braces open in it. */
  const substitutions: number[] = [];
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = code.length;
    return pattern.exec(text)?.[0];
  };
  const takeTemplate = (): void => {
    code += blank(take(templatePart) ?? '');
    if (text.startsWith('${', code.length)) {
      code += '${';
      substitutions.push(0);
    } else if (code.length < text.length) code += '`';
  };
  while (code.length < text.length) {
    const character = text[code.length]!;
    const found = take(literal) ?? (character === '/' && beforeRegex.test(code) ? take(regex) : undefined);
    if (found !== undefined) {
      const quoted = character !== '/';
      if (/^\/[/*]/.test(found)) comments.push({ at: code.length, text: found });
      code += quoted ? `${character}${blank(found.slice(1, -1))}${character}` : blank(found);
    } else if (character === '`') {
      code += '`';
      takeTemplate();
    } else if (character === '}' && substitutions.at(-1) === 0) {
      substitutions.pop();
      code += '}';
      takeTemplate();
    } else {
      const depth = substitutions.length - 1;
      if (depth >= 0 && character === '{') substitutions[depth]! += 1;
      if (depth >= 0 && character === '}') substitutions[depth]! -= 1;
      code += character;
    }
  }
  return { code, comments };
}

/** What a file imports or re-exports, as written: `./address.ts`, `zod`, `node:fs`. */
export function importsOf(file: SourceFile): string[] {
  const pattern = /\bfrom\s*(['"])( *)\1|\bimport\s*\(?\s*(['"])( *)\3/dg;
  return [...codeOf(file.text).matchAll(pattern)].map((match) => {
    const [start, end] = (match.indices![2] ?? match.indices![4])!;
    return file.text.slice(start, end);
  });
}

/** The path of the file that a relative import names. */
export function resolveImport(from: string, specifier: string): string {
  const parts = from.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}
