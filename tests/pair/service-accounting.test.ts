import { describe, expect, it } from 'vitest';
import type { SamogConfig } from '../../src/services/samog/config.ts';
import { instanceOfMac } from '../../src/sessmgr/instances/owner.ts';
import { configOf } from '../scenarios/memory-world.ts';
import { PairWorld } from './pair-world.ts';

function withAccounts(): SamogConfig {
  const config = configOf();
  const { mrmeService } = config;
  return { ...config, mrmeService: { ...mrmeService, accounting: { ...mrmeService.accounting, own: true } } };
}

const booksOf = ({ world }: PairWorld) => ({
  services: world.accounting.services,
  started: [...world.accounting.accounts()].filter(({ hasStarted }) => hasStarted).length,
});

describe('Accounting-On of a pair', () => {
  it('is sent once its standby holds all there is, before the first START', () => {
    const pair = new PairWorld({}, undefined, withAccounts());
    const { world } = pair;
    while (world.accounting.services.length === 0 && world.now < 5000) world.run(1);
    expect(pair.b.isReady).toBe(true);
    expect(booksOf(pair)).toEqual({ services: ['on'], started: 0 });
    world.ue.moveTo(world.rg1, 'dhcp-discover', world.now);
    world.run(1000);
    expect(booksOf(pair)).toEqual({ services: ['on'], started: 1 });
  });

  it.each(['killed', 'switched over'] as const)('is not sent again when the active is %s', (how) => {
    const pair = PairWorld.attached('rg1', withAccounts());
    const { world, a, b } = pair;
    world.run(1000);
    if (how === 'killed') pair.kill(a);
    else pair.switchOver();
    world.run(2000);
    expect(pair.active).toBe(b);
    if (how === 'killed') pair.restart(a);
    world.run(20_000);
    expect(booksOf(pair)).toEqual({ services: ['on'], started: 1 });
  });

  it('is not sent by a chassis that is alone: its peer may serve; STARTs wait no longer than 10 s', () => {
    const pair = new PairWorld({}, undefined, withAccounts());
    const { world } = pair;
    pair.kill(pair.b);
    while (pair.a.state !== 'ACTIVE') world.run(10);
    world.ue.moveTo(world.rg1, 'dhcp-discover', world.now);
    world.run(5000);
    expect(booksOf(pair)).toEqual({ services: [], started: 0 });
    world.run(6000);
    expect(booksOf(pair)).toEqual({ services: [], started: 1 });
    pair.restart(pair.b);
    world.run(5000);
    expect(pair.b.isReady).toBe(true);
    expect(booksOf(pair)).toEqual({ services: [], started: 1 });
  });

  it('is not sent once an instance has begun anew while it was held: nobody waits for it any more', () => {
    const pair = new PairWorld({}, { A: 2, B: 2 }, withAccounts());
    const { world, a, b } = pair;
    // The standby does not become READY before.
    pair.says.B = (message) => (message.kind === 'streamAck' ? { ...message, epoch: 0 } : message);
    while (a.state !== 'ACTIVE') world.run(1);
    world.ue.moveTo(world.rg1, 'dhcp-discover', world.now);
    world.run(1000);
    expect([a.chassis.manager.registry.size, booksOf(pair)]).toEqual([1, { services: [], started: 0 }]);
    // Not the one that sends it.
    const index = instanceOfMac(world.ue.mac, 2);
    expect(index).toBe(1);
    if (a.apart === undefined) a.chassis.restartInstance(index, a.clock(world.now));
    else pair.endThread(a, index).begin();
    world.run(1000);
    delete pair.says.B;
    world.run(5000);
    expect([pair.active, b.isReady, booksOf(pair)]).toEqual([a, true, { services: [], started: 1 }]);
  });

  it('is not sent again by who takes back the role, because its peer died while it was given that', () => {
    const pair = PairWorld.attached('rg1', withAccounts());
    const { world, a, b } = pair;
    pair.switchOver();
    pair.kill(b);
    world.run(2000);
    expect([pair.active, a.chassis.chassis.state]).toMatchObject([a, { reason: 'peer-did-not-take-over' }]);
    pair.restart(b);
    world.run(5000);
    expect([b.isReady, booksOf(pair)]).toEqual([true, { services: ['on'], started: 1 }]);
  });

  it('is not sent once a standby that has sessions is lost before it was READY: it may have taken over', () => {
    const pair = new PairWorld({}, undefined, withAccounts());
    const { world, a, b } = pair;
    pair.kill(b);
    while (a.state !== 'ACTIVE') world.run(10);
    world.ue.moveTo(world.rg1, 'dhcp-discover', world.now);
    world.run(500);
    pair.restart(b);
    pair.delayMs.A = 30;
    while (b.chassis.records === 0) world.run(1);
    expect(booksOf(pair)).toEqual({ services: [], started: 0 });
    pair.delayMs.A = 0;
    pair.reset();
    world.run(5000);
    expect([b.isReady, booksOf(pair)]).toEqual([true, { services: [], started: 1 }]);
  });

  it('is not sent where sessions were on disk', () => {
    const pair = PairWorld.attached('rg1', withAccounts());
    const { world, a, b } = pair;
    world.run(500);
    const { registry, flows } = a.chassis.manager;
    a.stored = [...registry.sessions()].map(({ session }) => ({
      session,
      usage: flows.usage(session.kind === 'Live' ? session.durable.id : 0),
    })) as typeof a.stored;
    pair.kill(b);
    pair.kill(a);
    world.run(2000);
    pair.restart(a);
    world.run(12_000);
    pair.restart(b);
    world.run(5000);
    expect(pair.session?.kind).toBe('Live');
    expect(booksOf(pair)).toEqual({ services: ['on'], started: 1 });
  });
});
