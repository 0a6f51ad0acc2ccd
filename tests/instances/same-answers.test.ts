import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Datagram } from '../../src/peers/actor.ts';
import { sessionId, sessionMac } from '../../src/services/samog/session/state.ts';
import { type MakeGateway, singleGateway } from '../../src/simulator/gateway.ts';
import { runOptions } from '../../src/simulator/options.ts';
import { Workload } from '../../src/simulator/workload.ts';
import { World } from '../../src/simulator/world.ts';
import { toHex, utf8Encode } from '../../src/wire/bytes/text.ts';
import { pmipv6Port } from '../../src/wire/pmipv6/constants.ts';
import { radiusAttribute } from '../../src/wire/radius/attributes.ts';
import { radiusCode } from '../../src/wire/radius/constants.ts';
import { testDigests } from '../support/digests.ts';
import { portedGateway } from '../support/ported-gateway.ts';

interface Told {
  /** What the gateway said, with the millisecond and to whom, sorted: of what falls due at one moment the order is open. */
  readonly said: readonly string[];
  readonly counted: Readonly<Record<string, number>>;
  /** How many instances have ever had a session. */
  readonly atWork: number;
}

/** A virtual world in which nothing is lost, with everything that a gateway of so many instances says in it. */
function story(seed: number, instances: number, gatewayOf: MakeGateway = singleGateway): Told {
  const said: string[] = [];
  let world: World | undefined;
  const makeGateway: MakeGateway = (around) =>
    gatewayOf({
      ...around,
      network: {
        send(datagram) {
          said.push(`${Math.round(around.time.now)} ${datagram.destination} ${withoutIdentifiers(world, datagram)}`);
          around.network.send(datagram);
        },
      },
    });
  const drawn = runOptions(seed, 1000, 'none');
  const config = { ...drawn.config, outstandingMax: 256 };
  // What concerns all sessions at once finds them in another order, and then peers give other keys; and that an AAA server
  // is dead, each instance finds out for itself.
  const weights = { ...drawn.weights, lmaRestart: 0, lmaRevocation: 0, aaaSilence: 0 };
  const options = { ...drawn, steps: 1000, ues: 6, poolLength: 26, instances, config, weights };
  world = new World(options, testDigests, makeGateway);
  world.add('workload', new Workload(world, world.random));
  while (world.steps < options.steps && world.step(Number.POSITIVE_INFINITY));
  const counted = { ...world.manager.counters.snapshot(), ...world.manager.forwardingCounters.snapshot() };
  return {
    said: said.sort(),
    counted,
    atWork: world.managers.filter(({ counters }) => counters.get('session.attempted') > 0).length,
  };
}

/**
 * The octets, with the UE's MAC address in place of its session's identifier, and without what is made of identifiers:
 * checksums, RADIUS identifiers and Message-Authenticators.
 */
function withoutIdentifiers(world: World | undefined, { protocol, sourcePort, bytes }: Datagram): string {
  const plain = bytes.slice();
  if (protocol === 'udp' && sourcePort === pmipv6Port) plain.fill(0, 4, 6);
  else if (protocol === 'udp') withoutAuthenticator(plain);
  let text = toHex(plain);
  for (const { session } of world?.manager.registry.sessions() ?? []) {
    const key = sessionId(session).toString(16).padStart(8, '0');
    const name = `<${sessionMac(session)}>`;
    text = text.replaceAll(key, name).replaceAll(toHex(utf8Encode(key)), name);
  }
  return text;
}

/** In place: what is signed holds the identifier. */
function withoutAuthenticator(request: Uint8Array): void {
  request[1] = 0;
  const isOfChange = request[0]! >= radiusCode.disconnectRequest;
  if (request[0] === radiusCode.accountingRequest || isOfChange) request.fill(0, 4, 20);
  for (let at = 20; at < request.length; at += request[at + 1]!) {
    if (request[at] === radiusAttribute.messageAuthenticator.type) request.fill(0, at + 2, at + 18);
    // Of a UE that is being authenticated for a WLC there is no session yet that could be known by it.
    if (request[at] === radiusAttribute.acctSessionId.type) request.fill(0, at + 2, at + 10);
  }
}

describe('several instances', () => {
  it('say octet for octet what one says, but for identifiers, and count the same', () => {
    let together = 0;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 2, max: 5 }), (seed, instances) => {
        const several = story(seed, instances);
        const one = story(seed, 1);
        expect(several.said).toEqual(one.said);
        expect(several.counted).toEqual(one.counted);
        if (several.atWork > 1) together += 1;
      }),
      { numRuns: 16, seed: 17 },
    );
    expect(together).toBeGreaterThan(6);
  });

  it('say the same where they are joined to the chassis by messages alone', () => {
    let together = 0;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 1, max: 4 }), (seed, instances) => {
        const apart = story(seed, instances, portedGateway);
        const one = story(seed, 1);
        expect(apart.said).toEqual(one.said);
        expect(apart.counted).toEqual(one.counted);
        if (apart.atWork > 1) together += 1;
      }),
      { numRuns: 12, seed: 23 },
    );
    expect(together).toBeGreaterThan(4);
  });
});
