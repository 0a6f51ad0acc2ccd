import type { Column, Observation } from './observation.ts';
import type { FlowLine } from './step-watcher.ts';

/** Gives text emphasis on a terminal, and leaves it alone elsewhere. */
export interface Style {
  strong(text: string): string;
  faint(text: string): string;
  good(text: string): string;
  bad(text: string): string;
}

const same = (text: string): string => text;
export const plainStyle: Style = { strong: same, faint: same, good: same, bad: same };

const inSequence =
  (code: number) =>
  (text: string): string =>
    `\u001b[${code}m${text}\u001b[0m`;
export const colourStyle: Style = {
  strong: inSequence(1),
  faint: inSequence(2),
  good: inSequence(32),
  bad: inSequence(31),
};

/** Where the lifeline of each column stands, counted from 0. */
const lifelines: Readonly<Record<Column, number>> = { ue: 14, access: 34, samog: 55, aaa: 76, lma: 96 };
const columns = Object.keys(lifelines) as Column[];
const headings: Readonly<Record<Column, string>> = {
  ue: 'UE',
  access: 'RG/WLC',
  samog: 'SaMOG',
  aaa: 'AAA',
  lma: 'LMA',
};
export const ladderWidth = 100;

/** A call flow as a ladder: one line per message, with the number of the step that was seen by it at the left. */
export function ladderLines(flow: readonly FlowLine[], style: Style = plainStyle): string[] {
  const head = new Canvas();
  for (const column of columns) head.centre(lifelines[column], headings[column]);
  return [style.strong(`step      ms${head.text.slice(11)}`), ...flow.map((line) => ladderLine(line, style))];
}

function ladderLine({ observation, step }: FlowLine, style: Style): string {
  const canvas = new Canvas();
  for (const column of columns) canvas.put(lifelines[column], '│');
  if (observation.from === observation.to) drawDecision(canvas, observation);
  else drawArrow(canvas, observation);
  const number = step === undefined ? '    ' : `  ${String(step).padStart(2, '0')}`;
  const line = `${number}${observation.at.toFixed(1).padStart(8)}${canvas.text.slice(12)}`;
  return step === undefined ? style.faint(line) : style.strong(line);
}

function drawArrow(canvas: Canvas, observation: Observation): void {
  const { from, to, accessPoint } = observation;
  const left = Math.min(lifelines[from], lifelines[to]) + 1;
  const right = Math.max(lifelines[from], lifelines[to]) - 1;
  // The name of the RG or WLC stands on its lifeline, and the arrow ends beside it.
  const nameRoom = accessPoint === undefined ? 0 : Math.ceil(accessPoint.length / 2);
  const atLeft = from === 'access' || to === 'access';
  const start = atLeft && left > lifelines.access ? left + nameRoom : left;
  const end = atLeft && right < lifelines.access ? right - nameRoom : right;
  for (let at = start; at <= end; at += 1) canvas.put(at, '─');
  if (lifelines[to] > lifelines[from]) canvas.put(end, '▶');
  else canvas.put(start, '◀');
  const room = end - start - 3;
  const detailed = `${observation.what} ${shortened(observation)}`.trimEnd();
  const label = detailed.length <= room ? detailed : observation.what;
  canvas.put(start + 2, label.slice(0, room));
  if (accessPoint !== undefined) canvas.centre(lifelines.access, accessPoint);
}

/** An address says enough of a DHCP message; of a PBU the NAI is too long for its arrow. */
function shortened({ what, detail }: Observation): string {
  return what === 'PBA' ? detail.replace('status ', '') : detail;
}

function drawDecision(canvas: Canvas, { what, detail }: Observation): void {
  canvas.put(lifelines.samog, '◆');
  // To the left of SaMOG there is room for the texts, and nothing is drawn there.
  const room = lifelines.samog - lifelines.ue - 3;
  const said = decisionTexts[what]?.(detail) ?? detail;
  const text = said.length > room ? `${said.slice(0, room - 1)}…` : said;
  canvas.put(lifelines.samog - 1 - text.length, text);
}

/** Events whose own texts are too long here: what they say is drawn around them. */
const decisionTexts: Readonly<Record<string, (detail: string) => string>> = {
  'session-attempted': () => 'session attempted',
  'session-established': () => 'session established',
  'path-switched': (detail) => `data path switched to ${/ to (\S+)/.exec(detail)?.[1] ?? 'another'}`,
  'access-session-cleaned': () => 'PMIPv6 session at old WLC cleaned up',
  'late-deregistration': () => 'deregistration comes late',
};

/** One line of characters. */
class Canvas {
  #characters: string[] = new Array<string>(ladderWidth).fill(' ');

  put(at: number, text: string): void {
    for (const [index, character] of [...text].entries()) {
      const place = at + index;
      if (place >= 0 && place < ladderWidth) this.#characters[place] = character;
    }
  }

  centre(at: number, text: string): void {
    this.put(at - Math.floor(text.length / 2), text);
  }

  get text(): string {
    return this.#characters.join('').trimEnd();
  }
}
