import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { linkOptionsOf, type PairConfig, pairOptionsOf } from '../../src/operations/config/pair-options.ts';
import { parseConfig } from '../../src/operations/config/parse.ts';
import { formatProblem } from '../../src/operations/config/problem.ts';
import { replicationDefaults } from '../../src/sessmgr/pair/options.ts';
import { utf8Encode } from '../../src/wire/bytes/text.ts';
import { testDeflate, testSrpDigests } from '../support/srp-digests.ts';

const example = readFileSync(new URL('../../config/samog-pair-a.example.yaml', import.meta.url), 'utf8');

function pairConfig(text: string): PairConfig {
  const parsed = parseConfig(text, 'pair.yaml');
  if (!parsed.ok) throw new Error(parsed.problems.map(formatProblem).join('\n'));
  return parsed.config as PairConfig;
}

it('the defaults of the configuration are those of the replication', () => {
  const config = pairConfig(example);
  const options = pairOptionsOf(config, testSrpDigests);
  expect(options.replication).toEqual({ ...replicationDefaults, instance: 1 });
  expect(options.chassis).toBe(config.redundancy.chassis);
  expect(options.configuration).toMatchObject({ intervalMs: 3_600_000 });
  expect(options.configurationDigest).toHaveLength(32);
});

it('what the operator sets reaches the replication', () => {
  const session =
    'duration: 7s, periodic-interval: 30m, statistics-interval: 2s, commit-limit: 0s, nack: {max-response: 5}';
  const text = example
    .replace(
      /^ {2}checkpoint:\n(?: {4,}.*\n)*/m,
      `  checkpoint: {session: {${session}}, instance-interval: 1m, audit-interval: 9s}\n`,
    )
    .concat('samog-service:\n  sessions-max: 4000000\n');
  expect(pairOptionsOf(pairConfig(text), testSrpDigests).replication).toMatchObject({
    minimumCallAgeMs: 7000,
    fullCheckpointIntervalMs: 1_800_000,
    statisticsIntervalMs: 2000,
    commitLimitMs: 0,
    nacks: { fullsPerSecond: 5, burst: 5 },
    instanceLevelIntervalMs: 60_000,
    auditIntervalMs: 9000,
    recordsMax: 4_000_000,
  });
});

it('the link knows its peer by name and key, and compresses as configured with what the host has', () => {
  const available = new Map([
    ['deflate', testDeflate],
    ['zstd', testDeflate],
  ] as const);
  const options = linkOptionsOf(pairConfig(example), available);
  expect(options).toMatchObject({
    chassisId: 'samog-1',
    peerChassisId: 'samog-2',
    sharedKey: utf8Encode('change-me-to-32-characters-nobody-knows'),
  });
  expect([...options.compressions.keys()]).toEqual(['zstd', 'deflate']);
  const none = pairConfig(example.replace('# compression: [zstd, deflate]', 'compression: []'));
  expect([...linkOptionsOf(none, available).compressions.keys()]).toEqual([]);
  const one = new Map([['deflate', testDeflate]] as const);
  expect([...linkOptionsOf(pairConfig(example), one).compressions.keys()]).toEqual(['deflate']);
});
