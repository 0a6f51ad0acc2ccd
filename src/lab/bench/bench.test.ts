import { describe, expect, it } from 'vitest';
import { benchCommand } from './bench-command.ts';
import { Latencies } from './latencies.ts';
import type { BenchReport } from './report.ts';
import { WorkLoop } from './work-loop.ts';

async function reports(
  command: Parameters<typeof benchCommand>[0],
): Promise<{ status: number; reports: BenchReport[] }> {
  let text = '';
  const status = await benchCommand({ ...command, json: true }, (part) => {
    text += part;
  });
  return {
    status,
    reports: text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  };
}

/** A busy machine needs its time; what stands still is found by the bench itself. */
describe('samog bench', { timeout: 240_000 }, () => {
  it.each([
    ['attach', { count: 200, warmUp: 50 }, ['dhcp-attach', 'dhcp-attach-dgram', 'pmip-attach', 'pmip-attach-dgram']],
    [
      'handover',
      { sessions: 400, memorySessions: 500, count: 200, ratePerSecond: 1000 },
      ['handover', 'handover-paced', 'memory'],
    ],
    [
      'instances',
      { count: 100, warmUp: 50 },
      ['dhcp', 'pmip'].flatMap((kind) =>
        ['in-process', 'two-in-process', 'one-thread', 'two-threads'].map((layout) => `${kind}-attach-${layout}`),
      ),
    ],
    [
      'data',
      { count: 200, warmUp: 50, window: 16 },
      [128, 1400].flatMap((octets) =>
        ['up', 'down'].flatMap((way) => [`data-${way}-${octets}`, `forward-${way}-${octets}`]),
      ),
    ],
  ])('%s has its rows, and loses nothing', async (name, options, rows) => {
    const { status, reports: printed } = await reports({ name, ...options });
    expect(printed).toHaveLength(1);
    const [report] = printed;
    expect(report).toMatchObject({ bench: name, machine: { cores: expect.any(Number), driver: expect.any(String) } });
    expect(report!.rows.map((row) => row.name)).toEqual(rows);
    for (const row of report!.rows) {
      expect(row).toMatchObject({ unit: expect.any(String), failures: 0 });
      expect(row.rate).toBeGreaterThan(0);
      expect(row.cpuMicroseconds).toBeGreaterThan(0);
      expect(row['faults'] ?? 0).toBe(0);
    }
    expect(status).toBe(0);
  });

  it('aaa has its rows, checks every answer, and compares with radsecproxy where that is installed', async () => {
    const { status, reports: printed } = await reports({ name: 'aaa', count: 40, warmUp: 20, rounds: 1, window: 8 });
    expect(status).toBe(0);
    const { rows } = printed[0]!;
    const own = ['eap-relay', 'eap-attach', 'accounting', 'accounting-of-session'];
    expect(rows.map((row) => row.name)).toEqual(expect.arrayContaining(own));
    const isInstalled = rows.every((row) => row['skipped'] === undefined);
    expect(rows).toHaveLength(isInstalled ? 7 : 5);
    for (const row of rows.filter((row) => row['skipped'] === undefined)) {
      expect(row).toMatchObject({ failures: 0, rate: expect.any(Number), cpuMicroseconds: expect.any(Number) });
      expect(row['faults'] ?? 0).toBe(0);
      if (isInstalled && own.includes(row.name)) expect(row['cpuRatio']).toBeGreaterThan(0);
    }
  });

  it('flood has its rows, and nobody who is wanted is lost', async () => {
    const { status, reports: printed } = await reports({
      name: 'flood',
      count: 40,
      warmUp: 20,
      rounds: 1,
      window: 8,
      ratePerSecond: 2000,
    });
    expect(status).toBe(0);
    expect(printed[0]!.rows.map(({ name }) => name)).toEqual([
      'flood-none',
      'flood-elsewhere',
      'flood-stranger',
      'flood-wrong-secret',
      'flood-mutations',
      'flood-disconnects',
    ]);
    for (const row of printed[0]!.rows) expect(row).toMatchObject({ failures: 0, faults: 0, rate: expect.any(Number) });
  });

  it('operator asks every view, and is answered', async () => {
    const { status, reports: printed } = await reports({ name: 'operator', sessions: 60, count: 2 });
    const { rows } = printed[0]!;
    expect(rows.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'idle',
        'metrics',
        'subscribers full limit 50',
        'samog-service',
        'session recovery status',
      ]),
    );
    for (const row of rows) {
      expect(row).toMatchObject({ failures: 0, sessions: 60, setupFailures: 0, goal: 5, met: expect.any(String) });
      expect(row.rate).toBeGreaterThan(0);
    }
    expect(status).toBe(0);
  });

  it('icsr has its rows and their goals, or says why it has none', async () => {
    const tiny = { sessions: 200, memorySessions: 400, count: 100, warmUp: 50, ratePerSecond: 200, rounds: 1 };
    const { status, reports: printed } = await reports({ name: 'icsr', ...tiny });
    const rows = printed[0]!.rows;
    const goals = rows.filter((row) => row['goal'] !== undefined);
    expect(goals.map(({ name }) => name).sort()).toEqual([
      'acknowledgement-p99',
      'checkpoint-cost',
      'interruption-fresh',
      'interruption-planned',
      'interruption-unplanned',
      'synchronisation',
    ]);
    expect(status).toBe(0);
    if (rows.some((row) => row['skipped'] !== undefined)) return;
    expect(rows.map(({ name }) => name)).toEqual([
      'interruption-none',
      'interruption-planned',
      'interruption-unplanned',
      'interruption-fresh',
      'restart-thread-200',
      'attach-alone',
      'attach-paired',
      'checkpoint-cost',
      'attach-paced-alone',
      'attach-paced-paired',
      'attach-paced-inside',
      'acknowledgement-p99',
      'echo-p99',
      'acknowledgement-moderate',
      'echo-moderate',
      'acknowledgement-at-ease',
      'echo-at-ease',
      'synchronisation-tenth',
      'synchronisation',
    ]);
    for (const row of goals)
      expect(row).toMatchObject({ rate: expect.any(Number), met: expect.stringMatching(/yes|no/) });
    for (const row of rows) expect(row['failures'] ?? 0).toBe(0);
    expect(rows.find(({ name }) => name === 'interruption-unplanned')!.rate).toBeGreaterThan(100);
    expect(rows.find(({ name }) => name === 'acknowledgement-p99')!['checkpoints']).toBeGreaterThan(0);
  });

  it('lists what there is, and refuses what there is not', async () => {
    const said: string[] = [];
    const write = (text: string): void => void said.push(text);
    expect(await benchCommand({ list: true }, write)).toBe(0);
    expect(said.join('')).toMatch(
      /^attach .*\nhandover .*\ndata .*\naaa .*\nflood .*\nforwarding .*\nicsr .*\ninstances .*\noperator .*\n$/,
    );
    expect(await benchCommand({ name: 'nothing' }, write)).toBe(2);
    expect(await benchCommand({}, write)).toBe(0);
  });
});

describe('a work loop', () => {
  it('keeps its window, and counts what was refused and what was never over', async () => {
    const begun: number[] = [];
    const loop: WorkLoop = new WorkLoop({
      count: 10,
      pace: { window: 3 },
      begin: (piece) => {
        begun.push(piece);
        if (piece === 9) return;
        queueMicrotask(() => {
          if (piece === 4) loop.failed(piece);
          else loop.completed(piece);
          loop.completed(piece);
        });
      },
      flush: () => {},
      stallMs: 50,
    });
    const running = loop.run();
    expect(begun).toEqual([0, 1, 2]);
    const { failures, latencies } = await running;
    expect(begun).toHaveLength(10);
    expect(failures).toBe(2);
    expect(latencies.count).toBe(8);
  });

  it('begins all pieces on schedule, whatever is outstanding', async () => {
    let flushes = 0;
    let begun = 0;
    const loop: WorkLoop = new WorkLoop({
      count: 20,
      pace: { ratePerSecond: 10_000 },
      begin: (piece) => {
        begun += 1;
        if (piece === 19) for (let each = 0; each < 20; each += 1) loop.completed(each);
      },
      flush: () => {
        flushes += 1;
      },
    });
    const { failures } = await loop.run();
    expect(begun).toBe(20);
    expect(failures).toBe(0);
    expect(flushes).toBeGreaterThan(0);
  });
});

describe('latencies', () => {
  it.each([
    [0, 1],
    [0.5, 50],
    [0.99, 99],
    [1, 100],
  ])('share %d of 1..100 is at most %d', (share, expected) => {
    const latencies = new Latencies(100);
    for (let value = 100; value >= 1; value -= 1) latencies.add(value);
    latencies.add(1000);
    expect(latencies.percentile(share)).toBe(expected);
  });

  it('are 0 where there are none', () => {
    expect(new Latencies(1).percentile(0.5)).toBe(0);
  });
});
