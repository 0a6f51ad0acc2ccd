/** Access points that give their UEs addresses themselves: their Accounting-Start begins the session, and its address is translated. */
import { describe, expect, it } from 'vitest';
import { type Ipv4Address, ipv4Of, macOf } from '../../src/kernel/address.ts';
import { AccountingNas, type NasRecord } from '../../src/peers/accounting-nas.ts';
import type { Datagram } from '../../src/peers/actor.ts';
import { resumeAll } from '../../src/services/samog/checkpoints/resume.ts';
import type { SamogConfig } from '../../src/services/samog/config.ts';
import type { LiveSession } from '../../src/services/samog/session/state.ts';
import { utf8Encode } from '../../src/wire/bytes/text.ts';
import { find } from '../../src/wire/bytes/tlv.ts';
import { decodeGre, greLength, greProtocol, writeGre } from '../../src/wire/gre/gre.ts';
import { decodeIpv4 } from '../../src/wire/ipv4/ipv4.ts';
import { radiusAttribute } from '../../src/wire/radius/attributes.ts';
import { radiusCode } from '../../src/wire/radius/constants.ts';
import { decodeRadius } from '../../src/wire/radius/packet.ts';
import { decodeUdp, encodeUdpPacket } from '../../src/wire/udp/udp.ts';
import { testDigests } from '../support/digests.ts';
import { Standby } from '../support/standby-record.ts';
import { address, configOf, MemoryWorld, radiusConfigOf } from './memory-world.ts';

const secret = utf8Encode('a secret of the WLCs');
/** What the UE has at its access points; the LMA knows nothing of it. */
const local = ipv4Of(0xc0a80117);
const handoffMs = 10_000;
const idleTimeoutSeconds = 3600;

function withAccountingTrigger(wlc: 'server' | 'proxy' = 'server'): SamogConfig {
  const { mrmeService, ...others } = radiusConfigOf();
  const twanProfiles = mrmeService.twanProfiles.map((profile) =>
    profile.accessType === 'pmip'
      ? { ...profile, accessType: 'ip' as const, sessionTrigger: 'accounting' as const }
      : profile,
  );
  const accounting = { ...mrmeService.accounting, wlc, own: wlc === 'server' };
  return configOf(() => ({ ...others, mrmeService: { ...mrmeService, twanProfiles, accounting } }));
}

interface Arrived {
  readonly at: number;
  readonly source: Ipv4Address;
  readonly destination: Ipv4Address;
  readonly payload: readonly number[];
}

/** Two such access points with a UE. */
class Site {
  readonly standby: Standby;
  readonly world: MemoryWorld;
  readonly nas1: AccountingNas;
  readonly nas2: AccountingNas;
  /** What came for the UE, through GRE without a key. */
  readonly toUe: Arrived[] = [];
  readonly toHost: Arrived[] = [];
  readonly asked: Record<string, string | undefined>[] = [];

  constructor(config = withAccountingTrigger()) {
    this.standby = new Standby(config.cgwService.access.vmac);
    this.world = new MemoryWorld(config, testDigests, this.standby);
    this.nas1 = this.#nasAt(address.wlc1, 'ap1');
    this.nas2 = this.#nasAt(address.wlc2, 'ap2');
    this.world.drops = (datagram) => this.#sees(datagram);
    this.world.host.listener = {
      udp: (source, { payload }) =>
        void this.toHost.push({ at: 0, source, destination: address.host, payload: [...payload] }),
    };
  }

  get session(): LiveSession | undefined {
    const session = this.world.gateway.registry.ofMac(this.world.ue.mac)?.session;
    return session?.kind === 'Live' ? session : undefined;
  }

  get home(): Ipv4Address {
    return this.session!.durable.addresses[0]!.address as Ipv4Address;
  }

  say(nas: AccountingNas, status: 'start' | 'interimUpdate' | 'stop', id: string, more: Partial<NasRecord> = {}) {
    const record = { mac: this.world.ue.mac, acctSessionId: id, framedIpAddress: local, ...more };
    const identifier = nas.say(status, record);
    this.world.run(100);
    return identifier;
  }

  /** A UDP packet of the UE, as its access point passes it on; with a source that is not the UE's, or an address of its own. */
  sendUp(
    from: (typeof address)['wlc1'] | (typeof address)['wlc2'],
    payload: number,
    source: Ipv4Address = local,
  ): void {
    const datagram = { sourcePort: 9, destinationPort: 9, payload: Uint8Array.of(payload) };
    const packet = encodeUdpPacket({ source, destination: address.host }, datagram);
    const bytes = new Uint8Array(greLength(undefined) + packet.length);
    bytes.set(packet, writeGre(bytes, 0, greProtocol.ipv4, undefined));
    const ports = { sourcePort: 0, destinationPort: 0 };
    this.world.send({ protocol: 'gre', source: from, destination: address.access, ...ports, bytes });
    this.world.run(20);
  }

  sendDown(payload: number): boolean {
    const datagram = { sourcePort: 9, destinationPort: 9, payload: Uint8Array.of(payload) };
    const sent = this.world.host.sendUdp(this.home, datagram);
    this.world.run(20);
    return sent;
  }

  /** Another gateway goes on with what the standby has. */
  takeOver(): void {
    const next = this.world.newGateway();
    expect(next.adopt(resumeAll(this.standby.records.values(), this.world.now)).refused).toEqual([]);
    this.world.takeOver(next);
  }

  count(name: string): number {
    return this.world.counted()[name] ?? 0;
  }

  #sees({ protocol, source, destination, bytes }: Datagram): boolean {
    if (protocol === 'gre' && source === address.access) this.#toAccessPoint(destination as number, bytes);
    const request = destination === address.aaa ? decodeRadius(bytes) : undefined;
    if (request?.ok === true && request.value.code === radiusCode.accessRequest) {
      const { attributes } = request.value;
      this.asked.push({
        userName: find(attributes, radiusAttribute.userName),
        calling: find(attributes, radiusAttribute.callingStationId),
        called: find(attributes, radiusAttribute.calledStationId),
      });
    }
    return false;
  }

  #toAccessPoint(at: number, bytes: Uint8Array): void {
    const gre = decodeGre(bytes);
    if (!gre.ok || gre.value.protocol !== greProtocol.ipv4 || gre.value.key !== undefined) return;
    const packet = bytes.subarray(gre.value.headerLength);
    const ip = decodeIpv4(packet);
    if (!ip.ok) throw new Error('what came to the access point is no IPv4');
    const { source, destination, headerLength, payloadLength } = ip.value;
    const udp = decodeUdp(packet, headerLength, headerLength + payloadLength, source, destination);
    if (!udp.ok) throw new Error(`what came for the UE is ${udp.reason}`);
    this.toUe.push({ at, source, destination, payload: [...udp.value.payload] });
  }

  #nasAt(at: (typeof address)['wlc1'], name: string): AccountingNas {
    const nas = new AccountingNas({ address: at, gateway: address.access, secret, name }, this.world, testDigests);
    this.world.listen(at, nas.port, (datagram) => nas.receive(datagram));
    return nas;
  }
}

/** A UE at access point 1, whose session has come up by a START. */
function started(): Site {
  const site = new Site();
  const identifier = site.say(site.nas1, 'start', 'a1');
  expect(site.nas1.answered).toEqual([identifier]);
  return site;
}

describe('a START of such an access point', () => {
  it('has AAA asked with what it says, sets the session up, and is answered when that is up', () => {
    const site = started();
    expect(site.asked).toEqual([{ userName: '02005e100001', calling: '02-00-5E-10-00-01', called: '192.0.2.11' }]);
    expect(site.session?.durable).toMatchObject({
      phase: { kind: 'Established' },
      sessionType: 'accounting',
      access: { kind: 'ip', peer: address.wlc1, address: local },
      wlc: { nas: address.wlc1, identity: { acctSessionId: 'a1' } },
    });
    expect(site.home).not.toBe(local);
    expect([...site.world.accounting.accounts()]).toMatchObject([{ hasStarted: true, stations: ['192.0.2.11'] }]);
  });

  it('gives the UE its packets both ways, each under the address that is known there', () => {
    const site = started();
    site.sendUp(address.wlc1, 1);
    expect(site.toHost).toMatchObject([{ source: site.home, payload: [1] }]);
    expect(site.sendDown(2)).toBe(true);
    expect(site.toUe).toEqual([{ at: address.wlc1, source: address.host, destination: local, payload: [2] }]);
    const { uplinkPackets, downlinkPackets } = site.world.gateway.flows.usage(site.session!.durable.id)!;
    expect([uplinkPackets, downlinkPackets]).toEqual([1, 1]);
  });

  it.each([
    ['another UE’s address', address.wlc1, ipv4Of(0xc0a80118)],
    ['the address of the session itself', address.wlc1, undefined],
    ['another access point', address.wlc2, local],
  ] as const)('lets nobody in by %s', (_, from, source) => {
    const site = started();
    site.sendUp(from, 1, source ?? site.home);
    expect(site.toHost).toEqual([]);
    expect(site.world.gateway.forwardingCounters.get('uplink.dropped.unknown-key')).toBe(1);
  });

  it('that comes again is answered, and has no effect', () => {
    const site = started();
    const id = site.session!.durable.id;
    site.nas1.repeat(site.nas1.answered[0]!);
    site.say(site.nas1, 'start', 'a1', { delaySeconds: 3 });
    expect(site.nas1.answered).toHaveLength(3);
    expect(site.session!.durable.id).toBe(id);
    expect(site.session!.durable.moves.count).toBe(0);
    expect(site.count('session.setup')).toBe(1);
    expect(site.asked).toHaveLength(1);
  });

  it('is not answered where AAA rejects the UE, and may come again', () => {
    const site = new Site();
    site.world.aaa.policy = () => ({ kind: 'reject' });
    const identifier = site.say(site.nas1, 'start', 'a1');
    expect([site.nas1.answered, site.session]).toEqual([[], undefined]);
    site.world.aaa.policy = () => ({ kind: 'accept', profile: { apn: 'internet' } });
    site.nas1.repeat(identifier);
    site.world.run(6000);
    site.nas1.repeat(identifier);
    site.world.run(100);
    expect(site.nas1.answered).toContain(identifier);
    expect(site.session).toBeDefined();
  });

  it('without an address begins nothing, nor does a PBU or DHCP from there', () => {
    const site = new Site();
    site.say(site.nas1, 'start', 'a1', { framedIpAddress: undefined });
    site.world.ue.moveTo(site.world.wlc1, 'dhcp-discover', site.world.now);
    site.world.run(500);
    expect([site.nas1.answered, site.session, site.asked]).toEqual([[], undefined, []]);
  });
});

describe('a session by a START', () => {
  it('goes with its UE to the next access point: one account, the same address toward the network', () => {
    const site = started();
    const { home } = site;
    site.say(site.nas1, 'stop', 'a1');
    site.say(site.nas2, 'start', 'b1');
    expect(site.home).toBe(home);
    expect(site.session!.durable).toMatchObject({
      access: { kind: 'ip', peer: address.wlc2, address: local },
      handoff: undefined,
      moves: { count: 1 },
    });
    site.sendUp(address.wlc2, 3);
    site.sendDown(4);
    expect([site.toHost.at(-1)?.payload, site.toUe.at(-1)]).toMatchObject([[3], { at: address.wlc2, payload: [4] }]);
    site.world.run(handoffMs + 1000);
    expect(site.session).toBeDefined();
    const [account] = [...site.world.accounting.accounts()];
    expect(account).toMatchObject({ hasStopped: false, stations: ['192.0.2.11', '192.0.2.12'] });
  });

  it('ends when it is stopped and not started again', () => {
    const site = started();
    site.sendUp(address.wlc1, 1);
    site.say(site.nas1, 'stop', 'a1', { cause: 1 });
    site.world.run(handoffMs + 500);
    expect(site.session).toBeUndefined();
    expect(site.world.lma.bindings()).toEqual([]);
    expect([...site.world.accounting.accounts()]).toMatchObject([{ hasStopped: true, cause: 1, inputOctets: 29 }]);
    site.sendUp(address.wlc1, 2);
    expect(site.toHost).toHaveLength(1);
  });

  it('whose STOP is lost ends when the UE has been silent for as long as is configured, and not while it talks', () => {
    const site = started();
    expect(site.session!.durable.subscriber.idleTimeoutSeconds).toBe(idleTimeoutSeconds);
    for (let minutes = 0; minutes < 3 * (idleTimeoutSeconds / 60); minutes += 20) {
      site.sendUp(address.wlc1, 1);
      site.world.run(20 * 60_000);
    }
    expect(site.session).toBeDefined();
    site.world.run(2 * idleTimeoutSeconds * 1000);
    expect([site.session, site.count('session.ended.idle-timeout')]).toEqual([undefined, 1]);
  });

  it('gives way to one by DHCP, when its UE comes to a residential gateway', () => {
    const site = started();
    const { id } = site.session!.durable;
    site.world.ue.moveTo(site.world.rg1, 'dhcp-discover', site.world.now);
    site.world.run(6000);
    expect(site.session?.durable).toMatchObject({ sessionType: 'dhcp', access: { kind: 'eogre' } });
    expect(site.session!.durable.id).not.toBe(id);
    expect(site.world.ue.dhcpState).toBe('Bound');
  });

  it('goes on at another chassis, which answers the START that it is told again', () => {
    const site = started();
    const { home } = site;
    site.takeOver();
    expect(site.home).toBe(home);
    site.nas1.repeat(site.nas1.answered[0]!);
    site.world.run(50);
    expect(site.nas1.answered).toHaveLength(2);
    site.sendUp(address.wlc1, 5);
    site.sendDown(6);
    expect([site.toHost.at(-1)?.payload, site.toUe.at(-1)?.payload]).toEqual([[5], [6]]);
    site.say(site.nas1, 'stop', 'a1');
    site.takeOver();
    site.say(site.nas2, 'start', 'b1');
    expect(site.session?.durable.access).toEqual({ kind: 'ip', peer: address.wlc2, address: local });
    site.takeOver();
    site.sendUp(address.wlc2, 7);
    expect(site.toHost.at(-1)?.payload).toEqual([7]);
    expect(site.asked).toHaveLength(1);
  });
});

describe('a STOP that overtakes its START', () => {
  const stopFirst = (more: { start?: Partial<NasRecord>; stop?: Partial<NasRecord> } = {}) => {
    const site = new Site();
    const stop = site.say(site.nas1, 'stop', 'a1', more.stop);
    const start = site.say(site.nas1, 'start', 'a1', more.start);
    return { site, start, stop };
  };

  it.each<[string, { start?: Partial<NasRecord>; stop?: Partial<NasRecord> }]>([
    ['without times', {}],
    ['with the times of both, of one second', { start: { eventSecond: 100 }, stop: { eventSecond: 100 } }],
    [
      'with the times of both, of one second, which it may have lasted',
      { start: { eventSecond: 100 }, stop: { eventSecond: 100, sessionSeconds: 1 } },
    ],
    [
      'with the times of both, and how long it lasted',
      { start: { eventSecond: 98 }, stop: { eventSecond: 100, sessionSeconds: 3 } },
    ],
    ['with the times of both', { start: { eventSecond: 98 }, stop: { eventSecond: 100 } }],
    ['with the time of one', { stop: { eventSecond: 100 } }],
    ['that waited', { start: { delaySeconds: 20 } }],
  ])('has that begin nothing, %s: it is answered, and so is the STOP when it comes again', (_, more) => {
    const { site, start, stop } = stopFirst(more);
    expect([site.nas1.answered, site.session, site.asked]).toEqual([[start], undefined, []]);
    site.nas1.repeat(stop);
    site.world.run(100);
    expect(site.nas1.answered).toEqual([start, stop]);
    expect(
      ['start.late', 'start.received', 'discarded.no-session'].map((name) => site.count(`access-radius.${name}`)),
    ).toEqual([1, 0, 1]);
    expect(site.world.events.filter(({ name }) => name === 'late-record')).toHaveLength(1);
  });

  it.each<[string, (site: Site) => void, Partial<NasRecord>]>([
    ['of another account', (site) => site.say(site.nas1, 'stop', 'a0'), {}],
    ['of another access point', (site) => site.say(site.nas2, 'stop', 'a1'), {}],
    ['of another UE', (site) => site.say(site.nas1, 'stop', 'a1', { mac: macOf(0x02005e1000ff) }), {}],
    [
      'of an account that has not begun in the second in which it was stopped, and the next one of that name',
      (site) => site.say(site.nas1, 'stop', 'a1', { eventSecond: 100, sessionSeconds: 2 }),
      { eventSecond: 100 },
    ],
    ['of a time before', (site) => site.say(site.nas1, 'stop', 'a1', { eventSecond: 100 }), { eventSecond: 101 }],
    [
      'of before the access point began anew',
      (site) => {
        site.say(site.nas1, 'stop', 'a1');
        site.nas1.sayService('accountingOn');
        site.world.run(100);
      },
      {},
    ],
    [
      'that was five minutes ago',
      (site) => {
        site.say(site.nas1, 'stop', 'a1');
        site.world.run(300_000);
      },
      {},
    ],
  ])('keeps no other START from beginning a session: %s', (_, before, more) => {
    const site = new Site();
    before(site);
    site.say(site.nas1, 'start', 'a1', more);
    expect(site.session).toBeDefined();
    expect(site.count('access-radius.start.late')).toBe(0);
  });

  it('has that begin nothing where records are passed on, either', () => {
    const site = new Site(withAccountingTrigger('proxy'));
    const records = [site.say(site.nas1, 'stop', 'a1'), site.say(site.nas1, 'start', 'a1')];
    expect([site.nas1.answered, site.session, site.asked]).toEqual([records, undefined, []]);
    expect(site.world.accounting.of('a1')).toMatchObject({ hasStarted: true, hasStopped: true });
  });

  it('leaves a session where its UE is', () => {
    const site = started();
    site.say(site.nas2, 'stop', 'b1');
    site.say(site.nas2, 'start', 'b1');
    expect(site.nas2.answered).toHaveLength(2);
    expect(site.session!.durable).toMatchObject({ access: { peer: address.wlc1 }, moves: { count: 0 } });
  });

  it('is followed by no START of its own: what is repeated behind it keeps no session', () => {
    const site = started();
    site.say(site.nas1, 'stop', 'a1', { cause: 1 });
    // With another Acct-Delay-Time it is another request (RFC 2866 section 5.2).
    site.say(site.nas1, 'start', 'a1', { delaySeconds: 3 });
    expect(site.session!.durable.handoff).toBeDefined();
    site.world.run(handoffMs + 500);
    expect(site.session).toBeUndefined();
    site.say(site.nas1, 'start', 'a1', { delaySeconds: 15 });
    expect([site.session, site.nas1.answered.length]).toEqual([undefined, 4]);
  });

  it('ends what its START waits for, while the session before is still ending', () => {
    const site = started();
    const sees = site.world.drops;
    site.world.drops = (datagram) => datagram.destination === address.lma || sees(datagram);
    site.say(site.nas1, 'stop', 'a1');
    site.world.run(handoffMs);
    site.say(site.nas1, 'start', 'a2');
    const stop = site.say(site.nas1, 'stop', 'a2');
    expect(site.nas1.answered.at(-1)).toBe(stop);
    site.world.drops = sees;
    site.world.run(10_000);
    expect([site.session, site.count('session.attempted')]).toEqual([undefined, 1]);
  });

  it('is news to another chassis: there the session that its START begins ends by the STOP, which has not been answered', () => {
    const site = new Site();
    const stop = site.say(site.nas1, 'stop', 'a1');
    site.takeOver();
    site.say(site.nas1, 'start', 'a1');
    expect(site.session).toBeDefined();
    site.nas1.repeat(stop);
    site.world.run(handoffMs + 500);
    expect(site.session).toBeUndefined();
  });
});
