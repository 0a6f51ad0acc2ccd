import { beforeEach, describe, expect, it } from 'vitest';
import { hostDigests } from '../../host/digests.ts';
import { acctSessionIdOf } from '../../services/samog/account-id.ts';
import { serviceAttributes } from '../../services/samog/accounting/record.ts';
import type { LiveSession } from '../../services/samog/session/state.ts';
import { type Tlv, tlv } from '../../wire/bytes/tlv.ts';
import { radiusAttribute } from '../../wire/radius/attributes.ts';
import { acctStatusType, radiusCode } from '../../wire/radius/constants.ts';
import { encodeRadius } from '../../wire/radius/packet.ts';
import { runOptions } from '../options.ts';
import { place } from '../virtual-config.ts';
import { World } from '../world.ts';
import { AnnouncementsWatch } from './announcements.ts';
import { AnswersWatch, type ChangeAsked, changeOf, changesChecker } from './changes.ts';

function packet(code: number, attributes: readonly Tlv[] = [], identifier = 0): Uint8Array {
  return encodeRadius({ code, identifier, authenticator: new Uint8Array(16), attributes });
}

/** A calm world with a UE, whose session AAA has changed. */
function changedWorld(): World {
  const options = runOptions(1, 100, 'none');
  const calm = { lmas: 1, wlcs: 2, ues: 1, poolLength: 26, rejected: 0 };
  const config = { ...options.config, sessionsMax: 8, dhcpProfile: true, changes: true, setupTimeoutMs: 10_000 };
  const world = new World({ ...options, ...calm, config }, hostDigests());
  world.subscribers[0]!.come(world.rgs[0]!, 'dhcp-discover', 0, 0);
  while (world.step(5000));
  return world;
}

let world: World;

beforeEach(() => {
  world = changedWorld();
});

const placeOf = () => [...world.managers[0]!.registry.sessions()][0]!;
const sessionOf = () => placeOf().session as LiveSession;

/** A request whose dice have made no part of it impossible. */
function change(): void {
  for (let tries = 0; tries < 20 && changeOf(sessionOf()) === 0; tries += 1) {
    world.authorizations.ask('change', world.manager, world.now);
    const end = world.now + 1000;
    while (world.step(end));
  }
}

describe('a change of AAA', () => {
  it('shows its number in all that it has changed, and a part of it is found', () => {
    expect(changeOf(sessionOf())).toBe(0);
    change();
    expect(changeOf(sessionOf())).toBeGreaterThan(0);
    expect(changesChecker.check(world.observed())).toEqual([]);
    expect(world.traffic.take()).toEqual([]);
    const { durable } = sessionOf();
    world.managers[0]!.registry.replace(placeOf(), { ...sessionOf(), durable: { ...durable, ambr: undefined } });
    expect(changesChecker.check(world.observed()).join()).toMatch(/a part of a change was made/);
  });

  it('is made in the packets, too', () => {
    change();
    const id = sessionOf().durable.id;
    expect(world.managers[0]!.flows.readBack(id)?.police?.uplink).toBeGreaterThan(125_000_000);
  });
});

describe('the watch of answers finds', () => {
  const request = (kind: ChangeAsked['kind']): ChangeAsked => {
    return { kind, by: 'account', sessionId: sessionOf().durable.id, number: 1 };
  };
  const nak = (cause: number) => packet(radiusCode.coaNak, [tlv(radiusAttribute.errorCause, cause)]);

  it.each([
    ['an answer that nobody has asked for', () => [packet(radiusCode.coaAck, [], 9)], /nobody has asked/],
    ['an ACK of what was not done', () => [packet(radiusCode.coaAck)], /change 1 was not made/],
    ['two answers to one request', () => [nak(407), nak(401)], /answered 407 first, and then 401/],
    ['an ACK after a NAK', () => [nak(407), packet(radiusCode.coaAck)], /answered 407 first, and then 0/],
  ])('%s', (_, packets, message) => {
    const watch = new AnswersWatch();
    watch.asked(0, request('change'));
    expect(
      packets()
        .flatMap((bytes) => watch.leaves(world.manager, bytes))
        .join(),
    ).toMatch(message);
  });

  it('a session that lives on after its Disconnect-ACK', () => {
    const watch = new AnswersWatch();
    watch.asked(0, request('disconnect'));
    expect(watch.leaves(world.manager, packet(radiusCode.disconnectAck)).join()).toMatch(/was not done/);
  });

  it('nothing where the session is over and that is said', () => {
    const watch = new AnswersWatch();
    watch.asked(0, request('disconnect'));
    world.gateway.clear(sessionOf().durable.mac, world.now);
    expect(watch.leaves(world.manager, packet(radiusCode.disconnectAck))).toEqual([]);
    expect(watch.leaves(world.manager, nak(503))).toEqual([]);
  });

  it('nothing where a chassis has the session that another one did not have', () => {
    const watch = new AnswersWatch();
    watch.asked(0, request('disconnect'));
    const other = changedWorld();
    expect(watch.leaves(other.manager, nak(503))).toEqual([]);
    expect(watch.leaves(world.manager, nak(407)).join()).toBe('');
    expect(watch.leaves(other.manager, nak(407)).join()).toMatch(/answered 503 first, and then 407/);
  });
});

describe('the watch of announcements', () => {
  const nas = { nasIpAddress: place.aaa, nasIdentifier: 'samog' };
  const on = () => packet(radiusCode.accountingRequest, serviceAttributes(nas, 'on', 1));
  const record = (status: number) =>
    packet(radiusCode.accountingRequest, [
      tlv(radiusAttribute.acctStatusType, status),
      tlv(radiusAttribute.acctSessionId, acctSessionIdOf({ id: 5, bornSecond: 1 })),
    ]);

  it.each([
    ['Accounting-On after the START of a session that lives', true, [acctStatusType.start], 1],
    ['nothing once it has stopped', true, [acctStatusType.start, acctStatusType.stop], 0],
    ['nothing where no chassis has it any more', false, [acctStatusType.start], 0],
  ])('finds %s', (_, holds, statuses, wrong) => {
    const watch = new AnnouncementsWatch(() => holds);
    for (const status of statuses) expect(watch.leaves(record(status))).toEqual([]);
    expect(watch.leaves(on())).toHaveLength(wrong);
  });
});
