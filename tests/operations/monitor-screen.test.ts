import { describe, expect, it } from 'vitest';
import { RecordedEvents } from '../../src/operations/monitor/event-rows.ts';
import { MonitorScreen } from '../../src/operations/monitor/screens/monitor-screen.ts';
import type { ScreenRow } from '../../src/operations/monitor/screens/screen-row.ts';
import type { EventRow } from '../../src/operations/views/events.ts';
import { MemoryWorld } from '../scenarios/memory-world.ts';
import { eventRowsOf } from '../support/captured-world.ts';

const world = new MemoryWorld();
for (const node of [world.wlc1, world.rg1, world.wlc2]) {
  world.ue.moveTo(node, 'dhcp-discover', world.now);
  world.run(3000);
}
const events = eventRowsOf(world);
const figures = { total: 9, kept: 8, keptMax: 7, dropped: 6 };
const ue = '02:00:5e:10:00:01';

function press(screen: MonitorScreen, ...names: readonly string[]) {
  return names.map((name) => screen.press({ name, text: name.length === 1 ? name : '' })).at(-1);
}

function textOf(rows: readonly ScreenRow[]): string[] {
  return rows.map((segments) => segments.map(({ text }) => text).join(''));
}

function shown(screen: MonitorScreen, width = 100, height = 30): string {
  return textOf(screen.rows(width, height)).join('\n');
}

/** A screen with a subscriber's ladder on it. */
function ladderOf(rows: readonly EventRow[] = events): MonitorScreen {
  const screen = new MonitorScreen('', ue);
  screen.takeEvents(rows, true, figures, 0);
  return screen;
}

function listOf(rows: readonly EventRow[] = events): MonitorScreen {
  const screen = new MonitorScreen('');
  const list = new RecordedEvents(rows).subscribers('', 50);
  if (list.ok) screen.takeList(list.value, 12);
  return screen;
}

describe('the screen of the monitor', () => {
  it.each([
    [80, 24],
    [100, 30],
    [120, 24],
    [203, 61],
    [40, 10],
  ])('fills %d columns and %d rows, whatever is on it', (width, height) => {
    const help = listOf();
    press(help, '?');
    const hex = ladderOf();
    press(hex, 'f4');
    for (const screen of [listOf(), help, ladderOf(), hex, new MonitorScreen(''), new MonitorScreen('', ue)]) {
      const rows = textOf(screen.rows(width, height));
      expect(rows).toHaveLength(height);
      expect(rows.filter((row) => Array.from(row).length !== width)).toEqual([]);
    }
  });

  it('shows nothing of what peers sent that a terminal could take for a command', () => {
    const hostile = events.map((event) => ({ ...event, text: `\u001b]0;x\u0007\u009b2J\u202e日本${event.text}` }));
    for (const screen of [ladderOf(hostile), listOf(hostile)]) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
      expect(shown(screen).replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e日]/);
    }
  });

  it('lists subscribers, marks them, and opens the ladder of one', () => {
    const screen = listOf();
    expect(shown(screen)).toMatch(new RegExp(`▸ +${ue} +- +wlc 192\\.0\\.2\\.12 +\\w+ +2 `));
    press(screen, 'space');
    expect(shown(screen)).toContain(`▸*${ue}`);
    expect(press(screen, 'return')).toEqual({ kind: 'refresh' });
    expect(screen.wanted).toEqual({ screen: 'ladder', mac: ue, filter: '' });
    expect(shown(screen)).toContain(`Nothing of ${ue} is in the events yet`);
    expect(press(screen, 'q')).toEqual({ kind: 'refresh' });
    expect(press(screen, 'q')).toEqual({ kind: 'quit' });
  });

  it('has the columns that somebody chooses, and says which there are', () => {
    const screen = listOf();
    const choose = (text: string) => press(screen, 'f7', 'clear', ...Array.from(text, (sign) => sign), 'return');
    choose('age,state mac mac');
    expect(shown(screen)).toMatch(/^ {2}Age +State +MAC +Last decision/m);
    choose('weight');
    expect(shown(screen)).toMatch(/there is no column weight; there are mac imsi /);
    choose('');
    expect(shown(screen)).toMatch(/^ {2}MAC +IMSI +Access/m);
    expect(shown(screen, 80)).toMatch(/^ {2}MAC +Access/m);
  });

  it('follows the end of a ladder, and stays where somebody looks at an older part', () => {
    const screen = ladderOf(events.slice(0, 10));
    screen.takeEvents(events.slice(10, 12), false, figures, 0);
    expect(shown(screen)).toMatch(/ 12 of 12 |1\d of 1\d/);
    press(screen, 'home');
    screen.takeEvents(events.slice(12), false, figures, 0);
    expect(shown(screen)).toMatch(/ 1 of \d+ /);
  });

  it('jumps to decisions, errors and handovers, and to what is looked for', () => {
    const screen = ladderOf();
    press(screen, 'home', 'n');
    expect(shown(screen)).toMatch(/#\d+ session-attempted/);
    press(screen, 'h');
    expect(shown(screen)).toMatch(/#\d+ handover-accepted/);
    press(screen, 'g');
    expect(shown(screen)).toContain('no switchover here');
    press(screen, 'home', 'f3', ...'offer', 'return');
    expect(shown(screen)).toMatch(/#\d+ dhcp-offer-sent/);
    expect(shown(screen)).toContain('DHCPv4 OFFER');
  });

  it('tells what was decided of a message, and what a decision means', () => {
    const screen = ladderOf();
    press(screen, 'home', 'f3', ...'discover', 'return');
    expect(shown(screen, 160)).toMatch(/decision: handover pmip-to-\w+ accepted|decision: handover .* accepted/);
    press(screen, 'h');
    expect(shown(screen, 160)).toContain('handover-accepted');
  });

  it.each([
    ['first', /\+\d+\.\d{3} /],
    ['previous', /\+\d+\.\d{3}!/],
    ['absolute', /\d\d:\d\d:\d\d\.\d{3}/],
  ])('shows times since the %s', (mode, pattern) => {
    const screen = ladderOf();
    for (let tries = 0; tries < 3 && !shown(screen).includes(`Δ ${mode}`); tries += 1) press(screen, 't');
    expect(shown(screen)).toMatch(pattern);
  });

  it('asks for a filter and a file name, and takes them back with Escape', () => {
    const screen = ladderOf();
    press(screen, '/', ...'kind=refusal', 'backspace', 'escape');
    expect(screen.wanted.filter).toBe('');
    expect(press(screen, '/', ...'party=aaa', 'return')).toEqual({ kind: 'refresh' });
    expect(screen.wanted.filter).toBe('party=aaa');
  });

  it('saves the events that are on the screen, or those who are marked', () => {
    expect(press(ladderOf(), 'f2', 'return')).toEqual({
      ...{ kind: 'save', file: 'samog-02005e100001.pcapng', macs: [] },
      events,
    });
    expect(press(listOf(), 'f2', 'clear', ...'a', 'return')).toEqual({
      ...{ kind: 'save', file: 'a', macs: [ue], events: undefined },
    });
  });

  it('says what a key came to until the next key, whatever comes meanwhile', () => {
    const screen = ladderOf();
    press(screen, 'g');
    screen.takeEvents(events, true, figures, 0);
    expect(shown(screen)).toContain('no switchover here');
    press(screen, 'down');
    expect(shown(screen)).not.toContain('no switchover here');
    screen.failure = 'no gateway answers';
    expect(shown(screen)).toContain('no gateway answers');
    screen.takeEvents([], false, figures, 0);
    expect(shown(screen)).not.toContain('no gateway answers');
  });

  it('has the number of events that were dropped on every screen', () => {
    for (const screen of [ladderOf(), listOf()]) expect(shown(screen, 80, 24)).toMatch(/dropped \d/);
  });

  it('stands still when it is frozen', () => {
    const screen = ladderOf();
    press(screen, 'f5');
    expect([screen.frozen, shown(screen).includes('FROZEN')]).toEqual([true, true]);
    press(screen, 'p');
    expect(screen.frozen).toBe(false);
  });
});
