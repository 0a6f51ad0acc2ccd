import { isMap, isScalar, parseDocument } from 'yaml';

/** Sections that are shown to nobody and changed by nobody but whoever edits the file itself: not even that they are there is told. */
const confidentialSections: ReadonlySet<string> = new Set(['lawful-intercept']);

/** A file in two parts, which together mean what it means. */
export interface SplitConfiguration {
  /** What operators see and change. */
  readonly open: string;
  /** The rest; empty if there is none. */
  readonly confidential: string;
}

/** @param text readable YAML */
export function splitConfiguration(text: string): SplitConfiguration {
  const document = parseDocument(text, { logLevel: 'silent' });
  const { contents } = document;
  if (!isMap(contents)) return { open: text, confidential: '' };
  const names = contents.items.map(({ key }) => (isScalar(key) ? String(key.value) : ''));
  if (!names.some((name) => confidentialSections.has(name))) return { open: text, confidential: '' };
  const starts = contents.items.map(({ key }) => (isScalar(key) ? startOfBlock(text, key.range![0]) : 0));
  const isByLines = contents.flow !== true && new Set(starts).size === starts.length;
  if (!isByLines) return splitAsData(contents.toJSON() as Record<string, unknown>);
  let open = text.slice(0, starts[0]);
  let confidential = '';
  for (const [index, name] of names.entries()) {
    const block = text.slice(starts[index], starts[index + 1]);
    if (confidentialSections.has(name)) confidential += ended(block);
    else open += block;
  }
  return { open, confidential };
}

/** The file of both parts. */
export function joinedConfiguration({ open, confidential }: SplitConfiguration): string {
  return confidential === '' ? open : `${ended(open)}${confidential}`;
}

/** All on one line, or so: it cannot be taken apart as it is written. JSON is YAML. */
function splitAsData(data: Record<string, unknown>): SplitConfiguration {
  const part = (isConfidential: boolean) =>
    Object.entries(data)
      .filter(([name]) => confidentialSections.has(name) === isConfidential)
      .map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}\n`)
      .join('');
  return { open: part(false), confidential: part(true) };
}

/** The beginning of a key's line, or of the comments right above it. */
function startOfBlock(text: string, offset: number): number {
  let start = text.lastIndexOf('\n', offset - 1) + 1;
  while (start > 0) {
    const above = text.lastIndexOf('\n', start - 2) + 1;
    if (!text.startsWith('#', above)) break;
    start = above;
  }
  return start;
}

function ended(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}
