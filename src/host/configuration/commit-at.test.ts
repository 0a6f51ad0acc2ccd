import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ConfigurationDesk } from './configuration-desk.ts';

const example = readFileSync(new URL('../../../config/samog.example.yaml', import.meta.url), 'utf8');
const start = Date.parse('2026-03-01T01:00:00Z');
const hour = 3_600_000;
const folders: string[] = [];

afterEach(() => {
  vi.useRealTimers();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A gateway with a file, whose clock stands until it is moved. */
class World {
  readonly folder = mkdtempSync(join(tmpdir(), 'samog-at-'));
  readonly file = join(this.folder, 'samog.yaml');
  readonly events: string[] = [];
  now = start;

  constructor() {
    folders.push(this.folder);
    writeFileSync(this.file, example);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  }

  open(): Promise<ConfigurationDesk> {
    return ConfigurationDesk.open({
      ...{ file: this.file, text: readFileSync(this.file, 'utf8'), folder: join(this.folder, 'kept') },
      ...{ wallClock: () => this.now, sessions: () => 7, apply: async () => {} },
      happened: ({ name, text }) => this.events.push(`${name}: ${text}`),
    });
  }

  /** The clock moves, and the desk has looked at it and done what was due. */
  async pass(ms: number, desk: ConfigurationDesk): Promise<void> {
    this.now += ms;
    await vi.advanceTimersByTimeAsync(30_000);
    await desk.stop();
  }
}

const level = (value: string) => ({ set: { path: 'logging.level', value } });

async function scheduled(desk: ConfigurationDesk, value = 'debug', options = {}) {
  await desk.edit('alice', level(value));
  return desk.commit('alice', { at: '03:00', comment: 'at night', ...options });
}

describe('a commit at a time', () => {
  it('changes nothing until then, and is one of the history after', async () => {
    const world = new World();
    const desk = await world.open();
    const commitAt = '2026-03-01T03:00:00.000Z';
    expect(await scheduled(desk)).toMatchObject({
      ok: true,
      data: { outcome: 'scheduled', ok: true, version: 1, commitAt },
    });
    expect(desk.status().scheduled).toEqual({ who: 'alice', at: commitAt, secondsLeft: 7200, comment: 'at night' });
    expect(readFileSync(world.file, 'utf8')).toBe(example);
    await world.pass(2 * hour - 1, desk);
    expect(desk.history().versions).toHaveLength(1);
  });

  it('is put in force when its time has come', async () => {
    const world = new World();
    const desk = await world.open();
    await scheduled(desk);
    await world.pass(2 * hour, desk);
    expect(desk.history().versions[0]).toMatchObject({ number: 2, who: 'alice', comment: 'at night' });
    expect(readFileSync(world.file, 'utf8')).toContain('level: debug');
    expect(desk.status()).toMatchObject({ scheduled: null, candidates: [] });
    expect(world.events.map((event) => event.split(':')[0])).toEqual([
      'configuration-scheduled',
      'configuration-committed',
    ]);
  });

  it('is what it was when it was scheduled; what was changed since stays a candidate', async () => {
    const world = new World();
    const desk = await world.open();
    await scheduled(desk);
    await desk.edit('alice', level('warn'));
    await world.pass(2 * hour, desk);
    expect(readFileSync(world.file, 'utf8')).toContain('level: debug');
    expect(desk.status().candidates).toMatchObject([{ who: 'alice', isOutdated: true }]);
  });

  it('may have to be confirmed then', async () => {
    const world = new World();
    const desk = await world.open();
    await scheduled(desk, 'debug', { confirmWithinMs: 600_000 });
    await world.pass(2 * hour, desk);
    expect(desk.status().unconfirmed).toMatchObject({ who: 'alice', until: '2026-03-01T03:10:00.000Z' });
  });

  it('outlasts a restart; of one that the gateway slept through it is told', async () => {
    const world = new World();
    await (await scheduledDesk(world)).stop();
    const again = await world.open();
    await world.pass(2 * hour, again);
    expect(again.history().versions[0]).toMatchObject({ number: 2, comment: 'at night' });

    const other = new World();
    await (await scheduledDesk(other)).stop();
    other.now += 3 * hour;
    const late = await other.open();
    await late.stop();
    expect(late.status().scheduled).toBeNull();
    expect(other.events.at(-1)).toMatch(/^configuration-commit-failed: .*the gateway did not run then$/);
    expect(late.history().versions).toHaveLength(1);
  });

  it('is not carried out where others have committed meanwhile, and it is told', async () => {
    const world = new World();
    const desk = await scheduledDesk(world);
    await desk.edit('bob', level('warn'));
    expect(await desk.commit('bob', {})).toMatchObject({ data: { outcome: 'committed' } });
    await world.pass(2 * hour, desk);
    expect(world.events.at(-1)).toMatch(/^configuration-commit-failed: .*bob has committed number 2/);
    expect(desk.history().versions[0]).toMatchObject({ number: 2, who: 'bob' });
  });

  it('is cancelled by whoever may commit, and is one at a time', async () => {
    const world = new World();
    const desk = await scheduledDesk(world);
    expect(await desk.commit('alice', { at: '04:00' })).toMatchObject({
      ok: false,
      refusal: { what: 'a commit of alice waits for 2026-03-01T03:00:00.000Z already' },
    });
    expect(await desk.cancel('bob')).toMatchObject({ ok: true });
    expect(desk.status().scheduled).toBeNull();
    expect(world.events.at(-1)).toContain('bob has cancelled');
    await world.pass(2 * hour, desk);
    expect(desk.history().versions).toHaveLength(1);
    expect(await desk.cancel('bob')).toMatchObject({ ok: false });
  });

  it('is refused for what has problems, or a time that is over', async () => {
    const world = new World();
    const desk = await world.open();
    expect(await scheduled(desk, 'loud')).toMatchObject({ data: { outcome: 'invalid' } });
    expect(await scheduled(desk, 'debug', { at: '2026-03-01T00:59Z' })).toMatchObject({
      refusal: { what: '2026-03-01T00:59Z is over' },
    });
    expect(desk.status().scheduled).toBeNull();
  });
});

async function scheduledDesk(world: World): Promise<ConfigurationDesk> {
  const desk = await world.open();
  await scheduled(desk);
  return desk;
}
