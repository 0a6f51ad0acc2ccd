import { describe, expect, it } from 'vitest';
import { bulkstatVariable, bulkstatVariableNames } from '../../src/operations/bulkstats/variables.ts';
import { explainSubscriber } from '../../src/operations/explain/explain-subscriber.ts';
import { metrics } from '../../src/operations/metrics/registry.ts';
import { configurationWithoutSecrets } from '../../src/operations/support/configuration-without-secrets.ts';
import { views } from '../../src/operations/views/registry.ts';
import type { ViewSource } from '../../src/operations/views/view.ts';
import { diff } from '../../src/services/samog/checkpoints/diff.ts';
import type { SessionManager } from '../../src/sessmgr/session-manager.ts';
import type { SessionObserver } from '../../src/sessmgr/session-observer.ts';
import { toHex } from '../../src/wire/bytes/text.ts';
import { pairSource } from '../operations/pair-source.ts';
import { emptySource } from '../operations/view-source.ts';
import { PairWorld } from '../pair/pair-world.ts';
import { DeliveryDesk, targetOf, wallClockStart } from '../support/delivery-desk.ts';
import { testDigests } from '../support/digests.ts';
import { address, configOf, MemoryWorld } from './memory-world.ts';

/** Everything that a standby or a store is told of sessions. */
class Checkpoints implements SessionObserver {
  readonly told: string[] = [];

  changed(...[before, after, now, event]: Parameters<SessionObserver['changed']>): void {
    const vmac = configOf().cgwService.access.vmac;
    const context = { now, revision: this.told.length + 1, baseRevision: 0, vmac, usageOf: () => undefined };
    for (const { cmdId, payload } of diff(before, after, context, event)) this.told.push(`${cmdId} ${toHex(payload)}`);
  }
}

/** All that anybody may ask a gateway for. */
function shownBy(source: ViewSource, at: number): unknown {
  const moment = { now: at, wallClock: wallClockStart + at };
  return {
    views: views.map((view) => {
      const full = view.options.some(({ name }) => name === 'full');
      const outcome = view.build(source, moment, full ? { full: '' } : {});
      return [view.words, outcome, outcome.ok ? view.render(outcome.data) : []];
    }),
    explained: explainSubscriber(source, moment, macOfUe),
    metrics: metrics.map(({ name, samples }) => [name, [...samples(source, moment)]]),
    bulkstats: bulkstatVariableNames.map((name) => [name, bulkstatVariable(name)!(source, moment)]),
  };
}

const macOfUe = targetOf().identity.value as Parameters<typeof explainSubscriber>[2];

type Act = (world: MemoryWorld, desk: DeliveryDesk) => void;

/** What is seen of a life of a session by everybody but a delivery function: packets and when they leave, and all answers. */
function observe(act: Act, during: Act): { readonly seen: unknown; readonly desk: DeliveryDesk } {
  let clock = () => 0;
  const desk = new DeliveryDesk(() => wallClockStart + clock());
  const checkpoints = new Checkpoints();
  const world = new MemoryWorld(configOf(), testDigests, checkpoints, undefined, desk.intercepts);
  clock = () => world.now;
  const wire: unknown[] = [];
  world.drops = ({ source, destination, sourcePort, destinationPort, bytes }) => {
    wire.push([world.now, source, destination, sourcePort, destinationPort, toHex(bytes)]);
    return false;
  };
  act(world, desk);
  world.ue.moveTo(world.wlc1, 'dhcp-discover', world.now);
  world.run(1000);
  during(world, desk);
  world.run(500);
  const config = emptySource().config;
  const shown: unknown[] = [];
  const look = () => {
    const source: ViewSource = {
      ...emptySource(config),
      manager: world.gateway,
      managers: [world.gateway] as SessionManager[],
    };
    shown.push(shownBy(source, world.now), crashesOf(world.gateway));
  };
  for (const [where, how] of [
    ['rg1', 'dhcp-discover'],
    ['rg2', 'data'],
    ['wlc2', 'dhcp-request'],
  ] as const) {
    for (let sequence = 0; sequence < 10; sequence += 1) {
      world.ue.ping(address.host, sequence, world.now);
      world.run(7);
    }
    world.ue.moveTo(world[where], how, world.now);
    world.run(2500);
    look();
  }
  world.gateway.clear(world.ue.mac, 'operator', world.now);
  world.run(5000);
  look();
  const events = world.events.map(({ text, message, ...rest }) => ({ ...rest, text: text(), message: message?.() }));
  return { seen: { wire, shown, events, told: checkpoints.told }, desk };
}

function crashesOf(manager: SessionManager): unknown {
  return [manager.crashes, manager.counters.snapshot(), manager.forwardingCounters.snapshot()];
}

const nothing: Act = () => {};
const provision: Act = (world, desk) => void desk.intercepts.put(targetOf(), world.now);

describe('nobody but a delivery function', () => {
  const without = observe(nothing, nothing);

  it.each<[string, Act, Act]>([
    ['before the session', provision, nothing],
    ['during the session', nothing, provision],
    [
      'with a delivery function that takes nothing',
      (world, desk) => {
        desk.queue.offer('event', new Uint8Array(desk.queue.octetsMax));
        provision(world, desk);
      },
      nothing,
    ],
  ])('sees anything of a target that is provisioned %s', (_, before, during) => {
    const { seen, desk } = observe(before, during);
    expect(seen).toEqual(without.seen);
    expect(desk.queue.length).toBeGreaterThan(0);
  });

  it('sees anything of a fault in what delivers', () => {
    const { seen, desk } = observe((world, { intercepts, queue }) => {
      queue.offer = () => {
        throw new Error('a fault');
      };
      intercepts.put(targetOf(), world.now);
    }, nothing);
    expect(seen).toEqual(without.seen);
    expect(desk.intercepts.faults).toBeGreaterThan(0);
  });
});

describe('a pair', () => {
  it('shows the same of itself with and without a target', () => {
    const seen = [false, true].map((isIntercepted) => {
      let clock = () => 0;
      const desks = new Map<string, DeliveryDesk>();
      const pair = PairWorld.attached('wlc1', undefined, (name) => {
        const desk = new DeliveryDesk(() => wallClockStart + clock());
        desks.set(name, desk);
        return [desk];
      });
      clock = () => pair.world.now;
      if (isIntercepted) desks.get('A')!.intercepts.put(targetOf(), pair.a.clock(pair.world.now));
      pair.world.ue.ping(address.host, 1, pair.world.now);
      pair.world.run(3000);
      const shown: unknown[] = [];
      const look = () => {
        for (const node of [pair.a, pair.b]) {
          const base = pairSource('active');
          const source: ViewSource = {
            ...base,
            manager: node.chassis.manager,
            redundancy: { ...base.redundancy!, pair: node.chassis },
          };
          const moment = { now: node.clock(pair.world.now), wallClock: wallClockStart + pair.world.now };
          for (const view of views) {
            const outcome = view.build(source, moment, {});
            shown.push([node.name, view.words, outcome, outcome.ok ? view.render(outcome.data) : []]);
          }
        }
      };
      look();
      pair.switchOver();
      pair.world.run(3000);
      look();
      expect(desks.get('B')!.take().length > 0).toBe(isIntercepted);
      return { shown, signalling: pair.signalling, events: pair.world.events.map(({ name, text }) => [name, text()]) };
    });
    expect(seen[1]).toEqual(seen[0]);
  });
});

it('the configuration in a support bundle does not say that there is lawful intercept', () => {
  const shown = configurationWithoutSecrets(
    'chassis: { name: a }\nlawful-intercept: { directory: /x, delivery: [] }\n',
  );
  expect(shown).toEqual({ chassis: { name: 'a' } });
});
