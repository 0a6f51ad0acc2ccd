import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  checkpointByAddress,
  checkpointByKey,
  checkpointCatalogue,
  checkpointKey,
  checkpoints,
  checkpointsByCmdId,
} from './catalogue.ts';
import type { CheckpointFacts } from './entry.ts';

const seedFile = join(import.meta.dirname, '../../../tests/goldens/seed-checkpoints.json');
const seed = JSON.parse(readFileSync(seedFile, 'utf8')) as CheckpointFacts[];

describe("the operator's catalogue", () => {
  it('is here whole, and nothing else under its origin', () => {
    expect(seed).toHaveLength(72);
    const ours = checkpointCatalogue.filter(({ origin }) => origin === 'seed').map(checkpointKey);
    expect(ours.toSorted()).toEqual(seed.map(checkpointKey).toSorted());
  });

  it.each(seed)('$name is as the operator has it, field by field', (facts) => {
    const { origin, producer, address, ...ours } = checkpointByKey(checkpointKey(facts))!;
    expect(ours).toEqual(facts);
    expect(Object.keys(ours).toSorted()).toEqual(Object.keys(facts).toSorted());
    expect(origin).toBe('seed');
    expect(producer).not.toBe('');
    expect(address === undefined).toBe(facts.reserved);
  });
});

describe('the catalogue', () => {
  it('gives each entry a key of its own, and its address on the wire', () => {
    expect(new Set(checkpointCatalogue.map(checkpointKey)).size).toBe(checkpointCatalogue.length);
    const sent = checkpointCatalogue.flatMap((entry) => (entry.address === undefined ? [] : [entry]));
    for (const entry of sent) {
      expect(checkpointByAddress(entry.address!.cmdId, entry.address!.nameIndex)).toBe(entry);
      expect(entry.address!.cmdId).toBe(entry.cmdId ?? 0);
    }
    expect(sent).toHaveLength(checkpointCatalogue.length - 9);
  });

  it('tells the five entries of 110 apart', () => {
    expect(checkpointsByCmdId(110).map(({ address }) => address!.nameIndex)).toEqual([1, 2, 3, 4, 5]);
    expect(checkpointByAddress(110, 0)).toBeUndefined();
  });

  it.each([
    [3, 0],
    [255, 0],
    [300, 0],
    [0, 0],
    [0, 5],
    [0, 256],
    [109, 257],
    [0xffffffff, 0xffffffff],
  ])('knows no CMD-ID %i with name %i', (cmdId, nameIndex) => {
    expect(checkpointByAddress(cmdId, nameIndex)).toBeUndefined();
  });

  it('marks ours, all of them above 255', () => {
    const ours = checkpointCatalogue.filter(({ origin }) => origin === 'project');
    expect(ours.map(({ cmdId, name }) => [cmdId, name])).toEqual([
      [256, 'SESSION_FULL_CHECKPOINT'],
      [257, 'SAMOG_ACCESS_SWITCH'],
      [258, 'SESSION_STATISTICS'],
      [259, 'SAMOG_LEASE'],
      [260, 'SAMOG_S2A_BINDING'],
      [261, 'SAMOG_CLEANUPS'],
      [262, 'SAMOG_RESTART_COUNTERS'],
      [263, 'SAMOG_ACCOUNT'],
      [264, 'LAWFUL_INTERCEPT_TARGETS'],
      [265, 'SAMOG_STOPPED_ACCOUNTS'],
    ]);
  });

  it('has short names for what the framework and SaMOG own', () => {
    const owned = Object.values(checkpoints).map(({ cmdId }) => cmdId);
    const samog = [167, 168, 169, 172, 173, 174, 175, 176, 177, 184, 189, 190, 191, 201];
    const micro = [1, 2, 4, ...samog, 256, 257, 258, 259, 260, 261, 262, 263, 264, 265];
    expect(owned.filter((cmdId) => cmdId !== undefined).toSorted((a, b) => a - b)).toEqual(micro);
    expect(owned.filter((cmdId) => cmdId === undefined)).toHaveLength(4);
  });
});
