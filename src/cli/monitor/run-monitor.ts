import { captureOf } from '../../operations/capture/capture-file.ts';
import { type Key, MonitorScreen, type MonitorWish } from '../../operations/monitor/screens/monitor-screen.ts';
import type { EventRow } from '../../operations/views/events.ts';
import { CommandError } from '../exit-code.ts';
import { writeNewFile } from '../new-file.ts';
import { projectVersion } from '../version.ts';
import type { MonitorSource } from './monitor-source.ts';
import { TerminalScreen } from './terminal-screen.ts';

/** What is fetched, four times a second; a key is shown at once, and never more often than ten times a second. */
const pollMs = 250;
const paintMs = 100;
const titleMs = 2000;

/** The monitor at a terminal, until its user leaves it. */
export async function runMonitor(source: MonitorSource, filter: string, mac: string | undefined): Promise<void> {
  // What is wrong from the beginning is said as any command says it.
  const title = await source.title();
  await source.subscribers(mac === undefined ? filter : '');
  const running = new Monitor(source, new MonitorScreen(filter, mac), title);
  await running.run();
}

class Monitor {
  readonly #source: MonitorSource;
  readonly #screen: MonitorScreen;
  readonly #terminal = new TerminalScreen();
  #leave: () => void = () => {};
  #poll: NodeJS.Timeout | undefined;
  #paint: NodeJS.Timeout | undefined;
  #paintedAt = 0;
  /** Counts what was asked for: an answer to what is not wanted any more is dropped. */
  #asked = 0;
  #after = 0;
  #titleAt = 0;
  #totalBefore: { readonly total: number; readonly at: number } | undefined;

  constructor(source: MonitorSource, screen: MonitorScreen, title: string) {
    this.#source = source;
    this.#screen = screen;
    screen.title = title;
  }

  async run(): Promise<void> {
    const left = new Promise<void>((resolve) => {
      this.#leave = resolve;
    });
    this.#terminal.open(
      (key) => this.#pressed(key),
      () => this.#show(),
    );
    this.#refresh();
    await left;
    clearTimeout(this.#poll);
    clearTimeout(this.#paint);
    this.#asked += 1;
    this.#terminal.close();
  }

  #pressed(key: Key): void {
    if (key.name === 'ctrl-c') return this.#leave();
    const wish = this.#screen.press(key);
    if (wish !== undefined) void this.#fulfil(wish);
    this.#show();
  }

  async #fulfil(wish: MonitorWish): Promise<void> {
    try {
      switch (wish.kind) {
        case 'quit':
          return this.#leave();
        case 'refresh':
          return this.#refresh();
        case 'save':
          this.#screen.say(await this.#save(wish));
          break;
        case 'explain':
          this.#screen.showText(`Subscriber ${wish.mac}`, await this.#source.explain(wish.mac));
          break;
        case 'paths':
          this.#screen.say('sending packets, which takes some seconds …');
          this.#show();
          this.#screen.showText(`Tunnels of ${wish.mac}`, await this.#source.paths(wish.mac));
      }
    } catch (error) {
      this.#screen.say(whyNot(error));
    }
    this.#show();
  }

  /** Fetches everything that is wanted now, whatever is under way. */
  #refresh(): void {
    this.#after = 0;
    clearTimeout(this.#poll);
    void this.#fetch(true);
  }

  async #fetch(anew: boolean): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    if (anew || !this.#screen.frozen) {
      try {
        const take = await this.#fetched(anew);
        if (asked !== this.#asked) return;
        take();
      } catch (error) {
        if (asked !== this.#asked) return;
        this.#screen.failure = whyNot(error);
      }
      this.#show();
    }
    this.#poll = setTimeout(() => void this.#fetch(false), pollMs);
  }

  async #fetched(anew: boolean): Promise<() => void> {
    const { screen, mac, filter } = this.#screen.wanted;
    const now = performance.now();
    const title = now - this.#titleAt > titleMs ? await this.#source.title() : this.#screen.title;
    if (screen === 'list') {
      const list = await this.#source.subscribers(filter);
      return () => {
        this.#took(title, now);
        this.#screen.takeList(list, this.#rateOf(list.events.total, now));
      };
    }
    const found = await this.#source.events(mac, filter, this.#after);
    return () => {
      this.#took(title, now);
      this.#after = found.next;
      this.#screen.takeEvents(
        found.events,
        anew || found.restarted,
        found.figures,
        this.#rateOf(found.figures.total, now),
      );
    };
  }

  #took(title: string, now: number): void {
    if (title !== this.#screen.title || now - this.#titleAt > titleMs) this.#titleAt = now;
    this.#screen.title = title;
  }

  /** Of the last second or two. */
  #rateOf(total: number, now: number): number {
    const before = this.#totalBefore;
    if (before === undefined || now - before.at > 1000 || total < before.total) this.#totalBefore = { total, at: now };
    return before === undefined || now === before.at
      ? 0
      : Math.max(0, ((total - before.total) * 1000) / (now - before.at));
  }

  async #save({ file, macs, events }: Extract<MonitorWish, { kind: 'save' }>): Promise<string> {
    const saved = events ?? (await this.#eventsOf(macs));
    const about = `saved from ${this.#screen.title}`;
    writeNewFile(file, captureOf(saved, `samog ${projectVersion()}`, about));
    const packets = saved.filter(({ message }) => message !== null).length;
    return `${file}: ${packets} packets, ${saved.length - packets} other events as comments`;
  }

  async #eventsOf(macs: readonly string[]): Promise<readonly EventRow[]> {
    const found = await Promise.all(macs.map((mac) => this.#source.events(mac, '', 0)));
    return found.flatMap(({ events }) => events).sort((left, right) => left.number - right.number);
  }

  #show(): void {
    if (this.#paint !== undefined) return;
    const waitMs = Math.max(0, this.#paintedAt + paintMs - performance.now());
    this.#paint = setTimeout(() => {
      this.#paint = undefined;
      this.#paintedAt = performance.now();
      this.#terminal.show(this.#screen.rows(this.#terminal.width, this.#terminal.height));
    }, waitMs);
  }
}

function whyNot(error: unknown): string {
  // Anything else is a fault of ours, and ends the program.
  if (!(error instanceof CommandError)) throw error;
  return error.message.replace(/\s+/g, ' ');
}
