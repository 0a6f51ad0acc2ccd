import { expect, it } from 'vitest';
import type { SamogConfig } from '../../src/services/samog/config.ts';
import { FieldSink } from '../../src/wire/checkpoint/sink.ts';
import type { SrpMessage, StreamRecord } from '../../src/wire/srp/messages.ts';
import { configOf } from '../scenarios/memory-world.ts';
import { PairWorld } from './pair-world.ts';

/** A tag that no table has, as a varint field. */
const unknownKey = 2000 * 4;
/** A CMD-ID that no release has yet. */
const unknownCmdId = 4000;

/** What a release of later says in place of a record of ours: a higher schema version, and a field more. */
function newer(record: StreamRecord): StreamRecord {
  const sink = new FieldSink();
  sink.raw(record.payload);
  sink.varint(unknownKey);
  sink.varint(1);
  const payload = sink.finish();
  payload[0] = 99;
  return { ...record, payload };
}

function rewritten(message: SrpMessage, rewrite: (record: StreamRecord) => StreamRecord): SrpMessage {
  return message.kind === 'streamBatch' ? { ...message, records: message.records.map(rewrite) } : message;
}

/** The records of a newer chassis A, and what is known of the UE on both. */
function upgradedPair(rewrite: (record: StreamRecord) => StreamRecord, samog?: SamogConfig): PairWorld {
  const pair = new PairWorld({}, undefined, samog);
  pair.says.A = (message) => rewritten(message, rewrite);
  pair.world.run(1000);
  pair.world.ue.moveTo(pair.world.wlc1, 'dhcp-discover', pair.world.now);
  pair.world.run(500);
  return pair;
}

it('a chassis of the former release takes what it knows of a newer one’s checkpoints, and the role, both ways', () => {
  const pair = upgradedPair(newer);
  const { world, a, b } = pair;
  world.ue.moveTo(world.rg1, 'dhcp-request', world.now);
  world.run(500);
  const { path } = pair;
  expect([b.isReady, b.chassis.records]).toEqual([true, 1]);
  expect(a.chassis.counts()['nack.answered']).toBe(0);
  // The standby is upgraded first: so the newer one takes over from the older, and could give the role back.
  for (const node of [b, a, b]) {
    pair.switchOver();
    world.run(1000);
    expect([node.state, pair.active]).toEqual(['ACTIVE', node]);
    expect(pair.path).toEqual(path);
    expect(pair.a.isReady || pair.b.isReady).toBe(true);
  }
  expect(world.ue.addressHistory).toHaveLength(1);
  expect(pair.unduly).toEqual([]);
});

it('a micro-checkpoint that the former release does not know is answered by one full checkpoint, not by a storm', () => {
  const later = (record: StreamRecord) => (record.cmdId === 260 ? { ...record, cmdId: unknownCmdId } : record);
  const config = configOf();
  const { cgwService } = config;
  const s2a = { ...cgwService.s2a, lifetimeSeconds: 60, refreshBeforeSeconds: 30 };
  const pair = upgradedPair(later, { ...config, cgwService: { ...cgwService, s2a } });
  const { world, a, b } = pair;
  // The LMA's binding is refreshed: a PBU is sent, and acknowledged.
  world.run(40_000);
  const { path } = pair;
  const { 'nack.answered': answered } = a.chassis.counts();
  expect(answered).toBeGreaterThan(0);
  expect(answered).toBeLessThan(10);
  expect([b.isReady, b.chassis.records]).toEqual([true, 1]);
  pair.switchOver();
  world.run(1000);
  expect(pair.active).toBe(b);
  expect(pair.path).toEqual(path);
});
