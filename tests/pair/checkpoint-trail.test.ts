import { describe, expect, it } from 'vitest';
import { formatMac } from '../../src/kernel/address.ts';
import { ladderOf } from '../../src/operations/ladder/ladder.ts';
import { command } from '../../src/services/samog/checkpoints/commands.ts';
import type { SrpMessage } from '../../src/wire/srp/messages.ts';
import { PairWorld } from './pair-world.ts';

/** What either chassis tells of checkpoints, without times. */
function told({ world }: PairWorld): string[] {
  return world.events
    .filter(({ name }) => name.startsWith('checkpoint-'))
    .map(({ name, party, direction, text }) => {
      const where = party === 'standby' ? 'active' : 'standby';
      return `${where} ${direction}: ${name.slice('checkpoint-'.length)} ${text().replace(/, after .*/, '')}`;
    });
}

/** Has nothing of the past. */
function forget({ world }: PairWorld): void {
  world.events.length = 0;
}

const moved = `micro-checkpoint ${command.accessSwitch.cmdId} SAMOG_ACCESS_SWITCH`;

describe('the checkpoints of a subscriber', () => {
  it('are told on both chassis, with what came back', () => {
    const pair = PairWorld.attached('rg1');
    const { world } = pair;
    const full = told(pair);
    for (const said of ['active sent: sent full checkpoint', 'standby received: received full checkpoint']) {
      expect(full.filter((one) => one === said)).toHaveLength(1);
    }
    expect(full.indexOf('standby sent: acknowledged full checkpoint')).toBeGreaterThan(0);
    expect(full.indexOf('active received: acknowledged full checkpoint')).toBeGreaterThan(
      full.indexOf('standby sent: acknowledged full checkpoint'),
    );

    forget(pair);
    world.ue.moveTo(world.wlc1, 'dhcp-discover', world.now);
    world.run(500);
    expect(told(pair)).toEqual(
      expect.arrayContaining([
        `active sent: sent ${moved}`,
        `standby received: received ${moved}`,
        `standby sent: acknowledged ${moved}`,
        `active received: acknowledged ${moved}`,
      ]),
    );
    expect(world.events.filter(({ party }) => party === 'standby' || party === 'active').map(({ mac }) => mac)).toEqual(
      expect.arrayContaining([world.ue.mac]),
    );

    forget(pair);
    pair.active.chassis.instances.clear(world.ue.mac, pair.active.clock(world.now));
    world.run(5000);
    expect(told(pair)).toEqual(
      expect.arrayContaining([
        'active sent: removal-sent removal of the session',
        'standby received: removal-received removal of the session',
        'active received: acknowledged removal of the session',
      ]),
    );
  });

  it('that the standby refuses are told, and the whole session that follows', () => {
    const pair = PairWorld.attached('rg1');
    const { world } = pair;
    forget(pair);
    pair.says.A = (message: SrpMessage) => {
      if (message.kind !== 'streamBatch' || !message.records.some(({ cmdId }) => cmdId === 257)) return message;
      pair.says.A = (other) => other;
      return { ...message, records: message.records.map((record) => ({ ...record, payload: Uint8Array.of(1) })) };
    };
    world.ue.moveTo(world.wlc1, 'dhcp-discover', world.now);
    world.run(3000);
    const all = told(pair);
    expect(all).toEqual(
      expect.arrayContaining([
        `standby sent: refused micro-checkpoint 257 SAMOG_ACCESS_SWITCH: malformed`,
        `active received: refused micro-checkpoint 257 SAMOG_ACCESS_SWITCH: malformed`,
        'active sent: sent full checkpoint',
        'standby received: received full checkpoint',
        'active received: acknowledged full checkpoint',
      ]),
    );
    expect(all).not.toContain(`active received: acknowledged ${moved}`);
  });

  it('of a synchronisation are not told, nor what UEs use', () => {
    const pair = PairWorld.attached('rg1');
    const { world } = pair;
    pair.traffic();
    forget(pair);
    pair.kill(pair.b);
    pair.restart(pair.b);
    world.run(5000);
    expect(pair.b.isReady).toBe(true);
    expect(told(pair)).toEqual([]);
  });

  it('stand in the ladder between the gateway and the other chassis', () => {
    const pair = PairWorld.attached('rg1');
    const { world } = pair;
    const logged = world.events
      .filter(({ mac, party }) => mac === world.ue.mac && party !== 'active')
      .map(({ text, ...event }, index) => ({ number: index + 1, at: index, event, text: text() }));
    const { columns, rungs } = ladderOf(logged, { now: 0, wallClock: 0 });
    expect(columns.map(({ party }) => party)).toEqual(['rg', 'samog', 'aaa', 'lma', 'standby']);
    const of = (name: string) => rungs.find((rung) => rung.name === name && rung.mac === formatMac(world.ue.mac));
    expect(of('checkpoint-sent')).toMatchObject({ from: 1, to: 4, text: 'full checkpoint' });
    expect(of('checkpoint-acknowledged')).toMatchObject({ from: 4, to: 1 });
  });
});
