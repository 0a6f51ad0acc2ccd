import type { Ladder } from '../../ladder/ladder.ts';
import { wrapped } from '../../shell/wrapped.ts';
import type { EventRow } from '../../views/events.ts';
import type { MonitorData, MonitoredSubscriber, MonitorFigures } from '../../views/monitor.ts';
import { ladderOfRows } from '../event-rows.ts';
import { detailsOf } from './details-pane.ts';
import { helpLines } from './help.ts';
import { ladderRows, timeModes } from './ladder-screen.ts';
import { columnsFor, type ListColumn, listColumns, listRows, readColumns } from './list-screen.ts';
import { fitted, row, type ScreenRow } from './screen-row.ts';

/** A key as terminals send it: `down`, `f5`, `return`, or a character. */
export interface Key {
  readonly name: string;
  /** What it types; empty for a key that types nothing. */
  readonly text: string;
}

/** What a key wants of whoever has the events. */
export type MonitorWish =
  | { readonly kind: 'quit' }
  /** What is wanted has changed: it is to be fetched anew. */
  | { readonly kind: 'refresh' }
  /** `events` if they are those of the ladder, else all of these subscribers. */
  | {
      readonly kind: 'save';
      readonly file: string;
      readonly macs: readonly string[];
      readonly events: readonly EventRow[] | undefined;
    }
  | { readonly kind: 'explain' | 'paths'; readonly mac: string };

/** What is to be on the screen. */
export interface Wanted {
  readonly screen: 'list' | 'ladder';
  /** Of the ladder; undefined for all subscribers. */
  readonly mac: string | undefined;
  readonly filter: string;
}

type PromptKind = 'filter' | 'search' | 'file' | 'columns';

const prompts: Readonly<Record<PromptKind, string>> = {
  ...{ filter: 'filter: ', search: 'search: ', file: 'save as: ' },
  columns: `columns (${listColumns.join(' ')}): `,
};
const sorts = ['age', 'mac', 'state', 'faults', 'moves'] as const;
/** A ladder longer than that loses its oldest part. */
const eventsMax = 2000;
/** From here on the details stand at the right of the ladder. */
const wideFrom = 120;
const promptLengthMax = 400;

const compare: Readonly<
  Record<(typeof sorts)[number], (left: MonitoredSubscriber, right: MonitoredSubscriber) => number>
> = {
  // As the gateway gives them.
  age: () => 0,
  mac: (left, right) => (left.mac < right.mac ? -1 : 1),
  state: (left, right) => (left.state < right.state ? -1 : left.state > right.state ? 1 : 0),
  faults: (left, right) => right.faults - left.faults,
  moves: (left, right) => right.moves - left.moves,
};

/** The monitor without a terminal: it is given keys and events, and says what is on each row. */
export class MonitorScreen {
  /** Where the events come from, such as `samog-1 [Active]`. */
  title = '';
  /** Why there is nothing new; empty while there is. */
  failure = '';
  #notice = '';
  #screen: 'list' | 'ladder';
  readonly #opensLadder: boolean;
  #filters = { list: '', ladder: '' };
  #mac: string | undefined;
  #list: MonitorData | undefined;
  #figures: (MonitorFigures & { readonly ratePerSecond: number }) | undefined;
  #selectedMac: string | undefined;
  readonly #marked = new Set<string>();
  #sort: (typeof sorts)[number] = 'age';
  /** Undefined for what fits the screen. */
  #columns: readonly ListColumn[] | undefined;
  #width = 0;
  #events: EventRow[] = [];
  #ladder: Ladder = { columns: [], rungs: [] };
  #rung = 0;
  #times: (typeof timeModes)[number] = 'first';
  #hex = false;
  #detailsFrom = 0;
  #frozen = false;
  #prompt: { readonly kind: PromptKind; text: string } | undefined;
  #overlay: { readonly title: string; readonly lines: readonly string[] } | undefined;

  /** @param mac begins with the ladder of this subscriber */
  constructor(filter: string, mac?: string) {
    this.#screen = mac === undefined ? 'list' : 'ladder';
    this.#opensLadder = mac !== undefined;
    this.#mac = mac;
    this.#filters[this.#screen] = filter;
  }

  get wanted(): Wanted {
    return { screen: this.#screen, mac: this.#mac, filter: this.#filters[this.#screen] };
  }

  get frozen(): boolean {
    return this.#frozen;
  }

  /** @param ratePerSecond events that come */
  takeList(list: MonitorData, ratePerSecond: number): void {
    this.#list = list;
    this.#figures = { ...list.events, ratePerSecond };
    this.failure = '';
  }

  /** @param anew whether they are all that there are, or what has come since; oldest first */
  takeEvents(events: readonly EventRow[], anew: boolean, figures: MonitorFigures, ratePerSecond: number): void {
    const atEnd = this.#rung >= this.#ladder.rungs.length - 1;
    this.#figures = { ...figures, ratePerSecond };
    this.failure = '';
    if (!anew && events.length === 0) return;
    this.#events = [...(anew ? [] : this.#events), ...events].slice(-eventsMax);
    this.#ladder = ladderOfRows(this.#events);
    // Who looks at the end goes on to see the end.
    if (anew ? this.#rung === 0 : atEnd) this.#select(this.#ladder.rungs.length - 1);
    else this.#select(this.#rung);
  }

  /** Says something until a key is pressed. */
  say(notice: string): void {
    this.#notice = notice;
  }

  /** Shows a text until a key is pressed. */
  showText(title: string, lines: readonly string[]): void {
    this.#overlay = { title, lines };
  }

  press(key: Key): MonitorWish | undefined {
    this.#notice = '';
    if (this.#prompt !== undefined) return this.#type(this.#prompt, key);
    if (this.#overlay !== undefined) {
      this.#overlay = undefined;
      return undefined;
    }
    switch (key.name) {
      case '/':
        return this.#ask('filter', this.#filters[this.#screen]);
      case 'f2':
        return this.#ask('file', this.#fileName());
      case 'f5':
      case 'p':
        this.#frozen = !this.#frozen;
        return undefined;
      case '?':
      case 'f1':
        this.showText('Keys', helpLines);
        return undefined;
      case 'q':
        return this.#screen === 'list' || this.#opensLadder ? { kind: 'quit' } : this.#back();
      default:
        return this.#screen === 'list' ? this.#pressInList(key) : this.#pressInLadder(key);
    }
  }

  /** Every row of a screen of this size. */
  rows(width: number, height: number): ScreenRow[] {
    this.#width = width;
    const body = height - 2;
    const content = this.#overlay === undefined ? this.#content(width, body) : this.#overlayRows(width, body);
    const filled = [...content.slice(0, body)];
    while (filled.length < body) filled.push(row(' '.repeat(width)));
    return [row(fitted(this.#header(), width), 'bar'), ...filled, row(fitted(this.#footer(), width), 'bar')];
  }

  #content(width: number, height: number): ScreenRow[] {
    if (this.#screen === 'list') {
      const subscribers = this.#subscribers();
      const selected = this.#selectedIn(subscribers);
      return listRows({ subscribers, selected, marked: this.#marked, columns: this.#columns }, width, height);
    }
    if (this.#ladder.rungs.length === 0) {
      const whose = this.#mac === undefined ? 'Nothing' : `Nothing of ${this.#mac}`;
      return [row(fitted(`${whose} is in the events yet; x tells what the gateway has of it`, width))];
    }
    const content = { ladder: this.#ladder, selected: this.#rung, times: this.#times };
    if (width >= wideFrom) {
      const side = Math.floor(width * 0.4);
      const details = this.#details(side - 2, height);
      const left = ladderRows(content, width - side, height);
      while (left.length < height) left.push(row(' '.repeat(width - side)));
      return left.map((segments, index) => [
        ...segments,
        { text: fitted(`│ ${details[index] ?? ''}`, side), style: 'plain' as const },
      ]);
    }
    const below = Math.floor(height * 0.4);
    const above = ladderRows(content, width, height - below - 1);
    const details = this.#details(width, below);
    return [...above, row('─'.repeat(width), 'faint'), ...details.map((line) => row(fitted(line, width)))];
  }

  #details(width: number, height: number): string[] {
    const rung = this.#ladder.rungs[this.#rung];
    const place = this.#events.findIndex(({ number }) => number === rung?.number);
    const event = this.#events[place];
    if (event === undefined) return [];
    const later = this.#events.slice(place + 1).filter(({ mac }) => mac === event.mac);
    const next = later.findIndex(({ kind }) => kind === 'message');
    const followers = event.kind === 'message' ? later.slice(0, next < 0 ? later.length : next) : [];
    const lines = detailsOf({ event, followers, hex: this.#hex }, width);
    this.#detailsFrom = Math.max(0, Math.min(this.#detailsFrom, lines.length - height));
    return lines.slice(this.#detailsFrom, this.#detailsFrom + height);
  }

  #overlayRows(width: number, height: number): ScreenRow[] {
    const { title, lines } = this.#overlay!;
    const shown = wrapped(lines, width - 2).slice(0, height - 2);
    return [row(fitted(title, width), 'decision'), ...shown.map((line) => row(fitted(`  ${line}`, width)))];
  }

  #header(): string {
    const state = this.#frozen ? 'FROZEN' : 'live';
    const filter = this.#filters[this.#screen];
    const parts = filter === '' ? [] : [`filter: ${filter}`];
    if (this.#screen === 'ladder') {
      const { length } = this.#ladder.rungs;
      parts.unshift(this.title, `${this.#mac ?? 'all'}  ${length === 0 ? 0 : this.#rung + 1} of ${length}`);
      parts.push(`Δ ${this.#times}`);
    } else {
      parts.unshift(`samog monitor  ${this.title}`);
      if (this.#list !== undefined) parts.push(`${this.#list.matching} of ${this.#list.known}`);
    }
    if (this.#figures !== undefined) {
      const { kept, keptMax, dropped, ratePerSecond } = this.#figures;
      parts.push(`${state} ${Math.round(ratePerSecond)}/s  dropped ${dropped}  kept ${kept}/${keptMax}`);
    } else parts.push(state);
    return ` ${parts.join(' ── ')}`;
  }

  #footer(): string {
    if (this.#prompt !== undefined) return ` ${prompts[this.#prompt.kind]}${this.#prompt.text}_`;
    if (this.#notice !== '') return ` ${this.#notice}`;
    if (this.failure !== '') return ` ${this.failure}`;
    return this.#screen === 'list'
      ? ' / filter  Enter ladder  Space mark  F2 save  F5 freeze  F7 columns  s sort  ? help  q'
      : ' F2 save  F3 search  F4 hex  F5 freeze  t time  n/e/h/g jump  x explain  ? help  q back';
  }

  #subscribers(): MonitoredSubscriber[] {
    return [...(this.#list?.subscribers ?? [])].sort(compare[this.#sort]);
  }

  /** A subscriber stays selected wherever the list takes it. */
  #selectedIn(subscribers: readonly MonitoredSubscriber[]): number {
    const found = subscribers.findIndex(({ mac }) => mac === this.#selectedMac);
    return Math.max(0, found);
  }

  #pressInList({ name }: Key): MonitorWish | undefined {
    const subscribers = this.#subscribers();
    const selected = this.#selectedIn(subscribers);
    const mac = subscribers[selected]?.mac;
    const steps: Readonly<Record<string, number>> = { up: -1, down: 1, k: -1, j: 1, pageup: -10, pagedown: 10 };
    const jumps: Readonly<Record<string, number>> = { home: 0, end: subscribers.length - 1 };
    const to = jumps[name] ?? (steps[name] === undefined ? undefined : selected + steps[name]);
    if (to !== undefined) {
      this.#selectedMac = subscribers[Math.max(0, Math.min(subscribers.length - 1, to))]?.mac;
      return undefined;
    }
    switch (name) {
      case 's':
        this.#sort = sorts[(sorts.indexOf(this.#sort) + 1) % sorts.length]!;
        this.#notice = `sorted by ${this.#sort}`;
        return undefined;
      case 'f7':
        return this.#ask('columns', (this.#columns ?? columnsFor(this.#width)).join(' '));
      case 'a':
        return this.#open(undefined);
    }
    if (mac === undefined) return undefined;
    switch (name) {
      case 'return':
      case 'right':
        return this.#open(mac);
      case 'space':
        if (!this.#marked.delete(mac)) this.#marked.add(mac);
        this.#selectedMac = subscribers[Math.min(selected + 1, subscribers.length - 1)]?.mac;
        return undefined;
      case 'x':
        return { kind: 'explain', mac };
      case 'm':
        return { kind: 'paths', mac };
      default:
        return undefined;
    }
  }

  #pressInLadder({ name }: Key): MonitorWish | undefined {
    const { length } = this.#ladder.rungs;
    switch (name) {
      case 'up':
      case 'k':
        return this.#select(this.#rung - 1);
      case 'down':
      case 'j':
        return this.#select(this.#rung + 1);
      case 'home':
        return this.#select(0);
      case 'end':
        return this.#select(length - 1);
      case 'pageup':
        this.#detailsFrom = Math.max(0, this.#detailsFrom - 5);
        return undefined;
      case 'pagedown':
        this.#detailsFrom += 5;
        return undefined;
      case 't':
        this.#times = timeModes[(timeModes.indexOf(this.#times) + 1) % timeModes.length]!;
        return undefined;
      case 'f4':
        this.#hex = !this.#hex;
        this.#detailsFrom = 0;
        return undefined;
      case 'f3':
        return this.#ask('search', '');
      case 'n':
        return this.#jump('decision', (rung) => rung.kind !== 'message');
      case 'e':
        return this.#jump('refusal or timer', (rung) => rung.kind === 'refusal' || rung.kind === 'timer');
      case 'h':
        return this.#jump('handover', (rung) => /^handover-|path-switched$/.test(rung.name));
      case 'g':
        return this.#jump('switchover', (rung) => rung.name.startsWith('chassis-'));
      case 'x':
        return this.#about('explain');
      case 'm':
        return this.#about('paths');
      case 'escape':
      case 'left':
      case 'backspace':
        return this.#opensLadder ? undefined : this.#back();
      default:
        return undefined;
    }
  }

  #about(kind: 'explain' | 'paths'): MonitorWish | undefined {
    const mac = this.#mac ?? this.#ladder.rungs[this.#rung]?.mac ?? undefined;
    return mac === undefined ? undefined : { kind, mac };
  }

  #select(rung: number): undefined {
    const to = Math.max(0, Math.min(this.#ladder.rungs.length - 1, rung));
    if (to !== this.#rung) this.#detailsFrom = 0;
    this.#rung = to;
  }

  /** To the next rung of a kind, and behind the last one to the first. */
  #jump(what: string, is: (rung: Ladder['rungs'][number]) => boolean): undefined {
    const { rungs } = this.#ladder;
    for (let step = 1; step <= rungs.length; step += 1) {
      const place = (this.#rung + step) % rungs.length;
      if (is(rungs[place]!)) return this.#select(place);
    }
    this.#notice = `no ${what} here`;
  }

  #open(mac: string | undefined): MonitorWish {
    this.#screen = 'ladder';
    this.#mac = mac;
    this.#filters.ladder = '';
    this.#empty();
    return { kind: 'refresh' };
  }

  #back(): MonitorWish {
    this.#screen = 'list';
    this.#frozen = false;
    return { kind: 'refresh' };
  }

  #empty(): void {
    this.#events = [];
    this.#ladder = { columns: [], rungs: [] };
    this.#rung = 0;
    this.#detailsFrom = 0;
    this.#frozen = false;
  }

  #fileName(): string {
    const [mac] = this.#screen === 'ladder' ? [this.#mac] : this.#macsToSave();
    return `samog-${mac?.replaceAll(':', '') ?? 'all'}.pcapng`;
  }

  /** Those that are marked, or else the one that is selected. */
  #macsToSave(): readonly string[] {
    if (this.#marked.size > 0) return [...this.#marked];
    const subscribers = this.#subscribers();
    const mac = subscribers[this.#selectedIn(subscribers)]?.mac;
    return mac === undefined ? [] : [mac];
  }

  /** An empty line is what fits the screen again. */
  #choose(text: string): undefined {
    const columns = readColumns(text);
    if ('unknown' in columns)
      this.#notice = `there is no column ${columns.unknown}; there are ${listColumns.join(' ')}`;
    else this.#columns = columns.length === 0 ? undefined : columns;
  }

  #ask(kind: PromptKind, text: string): undefined {
    this.#prompt = { kind, text };
  }

  #type(prompt: { readonly kind: PromptKind; text: string }, { name, text }: Key): MonitorWish | undefined {
    if (name === 'escape') this.#prompt = undefined;
    else if (name === 'backspace') prompt.text = Array.from(prompt.text).slice(0, -1).join('');
    else if (name === 'clear') prompt.text = '';
    else if (name === 'return') return this.#answered(prompt);
    else if (prompt.text.length < promptLengthMax) prompt.text += text;
    return undefined;
  }

  #answered({ kind, text }: { readonly kind: PromptKind; readonly text: string }): MonitorWish | undefined {
    this.#prompt = undefined;
    switch (kind) {
      case 'filter':
        this.#filters[this.#screen] = text.trim();
        if (this.#screen === 'ladder') this.#empty();
        return { kind: 'refresh' };
      case 'search': {
        const wanted = text.toLowerCase();
        return this.#jump(`"${text}"`, (rung) => `${rung.name} ${rung.text}`.toLowerCase().includes(wanted));
      }
      case 'columns':
        return this.#choose(text);
      case 'file': {
        if (text.trim() === '') return undefined;
        const macs = this.#screen === 'ladder' ? [] : this.#macsToSave();
        const events = this.#screen === 'ladder' ? [...this.#events] : undefined;
        return { kind: 'save', file: text.trim(), macs, events };
      }
    }
  }
}
