import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../kernel/random.ts';
import { receiverCounts, replicationCounters, senderCounts } from './counters.ts';
import { StreamWorld } from './stream-for-tests.ts';

describe('the counters of the streams', () => {
  it('are all counted by one end or the other, under names of the list', () => {
    const world = new StreamWorld(new SeededRandom(1), { auditIntervalMs: 1000 });
    world.connect();
    world.create(1);
    world.runUntil(100);
    world.standby.refusals = 1;
    world.change(1);
    world.runUntil(3000);
    const sender = senderCounts(world.sender);
    const receiver = receiverCounts(world.receiver);
    expect(sender).toMatchObject({ 'resynchronisation.first-connection': 1, 'nack.answered': 1 });
    expect(sender['audit.answered']).toBeGreaterThan(0);
    expect(receiver['audit.compared']).toBe(sender['audit.answered']);
    const named = [...Object.keys(sender), ...Object.keys(receiver)];
    expect(named.filter((name) => !(replicationCounters as readonly string[]).includes(name))).toEqual([]);
    const reasons = replicationCounters.filter((name) => name.startsWith('resynchronisation.'));
    expect(replicationCounters.filter((name) => !named.includes(name) && !reasons.includes(name))).toEqual([]);
  });
});
