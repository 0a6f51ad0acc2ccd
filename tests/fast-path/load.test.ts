import { describe, expect, it } from 'vitest';
import { benchCommand } from '../../src/lab/bench/bench-command.ts';
import type { BenchReport } from '../../src/lab/bench/report.ts';
import { requireTool } from '../support/require-tool.ts';
import { fastPathNeeds } from './requirements.ts';

const possible = requireTool(...fastPathNeeds()) && requireTool('unshare') && requireTool('taskset');

describe.skipIf(!possible)('samog bench forwarding', () => {
  it('has packets of all kinds forwarded, and the maps as they are to be', async () => {
    let printed = '';
    const command = {
      name: 'forwarding',
      json: true,
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
    expect(rows.filter(({ rate }) => !(rate > 0)).map(({ name }) => name)).toEqual([]);
    const forwarded = rows.filter(({ name }) => name.startsWith('fast-')).map(({ name }) => name);
    expect(forwarded).toEqual([
      'fast-uplink-64-1',
      'fast-downlink-64-1',
      ...[64, 512, 1400].flatMap((octets) => [`fast-uplink-${octets}-300`, `fast-downlink-${octets}-300`]),
      'fast-uplink-64-5000',
      'fast-downlink-64-5000',
    ]);
  });
});
