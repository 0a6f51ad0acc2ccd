import { describe, expect, it } from 'vitest';
import { benchCommand } from '../../src/lab/bench/bench-command.ts';
import type { BenchReport, BenchRow } from '../../src/lab/bench/report.ts';
import { requireTool } from '../support/require-tool.ts';
import { fastPathNeeds } from './requirements.ts';

const possible =
  requireTool(...fastPathNeeds()) && ['unshare', 'taskset', 'ovs-vswitchd'].every((tool) => requireTool(tool));

describe.skipIf(!possible)('samog bench forwarding', () => {
  it('has packets of all kinds forwarded, and the maps as they are to be', async () => {
    let printed = '';
    const command = {
      name: 'forwarding',
      json: true,
      rounds: 1,
      count: 20_000,
      warmUp: 2000,
      sessions: 300,
      memorySessions: 5000,
    };
    const status = await benchCommand(command, (text) => {
      printed += text;
    });
    expect(status).toBe(0);
    const { rows } = JSON.parse(printed) as BenchReport;
    // Of so few packets, all may arrive after the last was sent; but they do.
    const arrived = (row: BenchRow) => row.rate > 0 || Number(row['lossPercent']) < 100;
    const judged = rows.filter(({ name }) => !name.startsWith('attach-flood'));
    expect(judged.filter((row) => !arrived(row)).map(({ name }) => name)).toEqual([]);
    const directions = ['uplink', 'downlink'] as const;
    const rowsOf = (begin: string) => rows.map(({ name }) => name).filter((name) => name.startsWith(begin));
    const ofAllLengths = (what: string, ...alone: string[]) =>
      [64, 512, 1400].flatMap((octets) =>
        directions.flatMap((direction) => {
          const name = `${what}-${direction}-${octets}-300`;
          return octets === 64 ? [name, ...alone.map((each) => `${name}-${each}`)] : [name];
        }),
      );
    const ofSessions = (what: string, sessions: number, alone: string) =>
      directions.flatMap((direction) => {
        const name = `${what}-${direction}-64-${sessions}`;
        return [name, `${name}-${alone}`];
      });
    expect(rowsOf('fast-')).toEqual([
      ...ofSessions('fast', 1, 'paced'),
      ...ofAllLengths('fast', 'paced'),
      ...ofSessions('fast', 5000, 'paced'),
    ]);
    expect(rowsOf('bare-')).toEqual([
      ...['bare-redirect-64', 'bare-redirect-64-paced', 'bare-redirect-512'],
      'bare-redirect-1400',
    ]);
    expect(rowsOf('slow-')).toEqual(ofAllLengths('slow', 'flood', 'flood-policed', 'flood-policed-yielding'));
    const floods = ['attach-flood', 'attach-flood-policed', 'attach-flood-policed-yielding'];
    expect(rowsOf('attach')).toEqual(['attach', ...floods]);
    expect(rows.find(({ name }) => name === 'attach')).toMatchObject({ unattached: 0 });
    expect(rowsOf('open-vswitch')).toEqual([
      ...ofSessions('open-vswitch', 1, 'flood'),
      ...ofAllLengths('open-vswitch', 'flood'),
    ]);
  }, 180_000);

  it('measures the rows that are asked for and no others', async () => {
    let printed = '';
    const write = (text: string) => {
      printed += text;
    };
    const command = { name: 'forwarding', json: true, rounds: 2, count: 20_000, warmUp: 2000 };
    expect(await benchCommand({ ...command, only: 'redirect-(512|64-p)' }, write)).toBe(0);
    const { rows } = JSON.parse(printed) as BenchReport;
    expect(rows.map(({ name, rounds }) => [name, rounds])).toEqual([
      ['bare-redirect-64-paced', 2],
      ['bare-redirect-512', 2],
    ]);
    expect(await benchCommand({ ...command, only: 'redirect-9' }, write)).toBe(2);
  }, 60_000);
});
