/** WLCs that account for their UEs at the gateway: START, INTERIM, STOP, and what becomes of the session. */
import { describe, expect, it } from 'vitest';
import { AccountingNas, type NasRecord } from '../../src/peers/accounting-nas.ts';
import { resumeAll } from '../../src/services/samog/checkpoints/resume.ts';
import type { SamogConfig } from '../../src/services/samog/config.ts';
import type { LiveSession } from '../../src/services/samog/session/state.ts';
import { utf8Encode } from '../../src/wire/bytes/text.ts';
import { find } from '../../src/wire/bytes/tlv.ts';
import { radiusAttribute } from '../../src/wire/radius/attributes.ts';
import { acctTerminateCause } from '../../src/wire/radius/constants.ts';
import { decodeRadius } from '../../src/wire/radius/packet.ts';
import { testDigests } from '../support/digests.ts';
import { Standby } from '../support/standby-record.ts';
import { address, configOf, MemoryWorld, radiusConfigOf } from './memory-world.ts';

const wlcSecret = utf8Encode('a secret of the WLCs');
const handoffMs = 10_000;

function withAccounting(change: Partial<SamogConfig['mrmeService']['accounting']> = {}): SamogConfig {
  const { mrmeService, ...others } = radiusConfigOf();
  // Triggered by PBU: authentication is another test's.
  const twanProfiles = mrmeService.twanProfiles.map((profile) =>
    profile.accessType === 'pmip' ? { ...profile, sessionTrigger: 'pmipv6' as const } : profile,
  );
  const accounting = { ...mrmeService.accounting, own: true, ...change };
  return configOf(() => ({ ...others, mrmeService: { ...mrmeService, twanProfiles, accounting } }));
}

/** A UE attached at WLC 1, and the accounting of both WLCs. */
class Accounted {
  readonly standby: Standby;
  readonly world: MemoryWorld;
  readonly nas1: AccountingNas;
  readonly nas2: AccountingNas;

  constructor(config = withAccounting()) {
    this.standby = new Standby(config.cgwService.access.vmac);
    this.world = new MemoryWorld(config, testDigests, this.standby);
    this.nas1 = this.#nasAt(address.wlc1, 'wlc1');
    this.nas2 = this.#nasAt(address.wlc2, 'wlc2');
    this.world.ue.moveTo(this.world.wlc1, 'dhcp-discover', 0);
    this.world.run(500);
    expect(this.session?.durable.phase.kind).toBe('Established');
  }

  get session(): LiveSession | undefined {
    const session = this.world.gateway.registry.ofMac(this.world.ue.mac)?.session;
    return session?.kind === 'Live' ? session : undefined;
  }

  record(acctSessionId: string, more: Partial<NasRecord> = {}): NasRecord {
    return { mac: this.world.ue.mac, acctSessionId, framedIpAddress: this.world.ue.address, ...more };
  }

  say(
    nas: AccountingNas,
    status: 'start' | 'interimUpdate' | 'stop',
    id: string,
    more: Partial<NasRecord> = {},
  ): number {
    const identifier = nas.say(status, this.record(id, more));
    this.world.run(20);
    return identifier;
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

  #nasAt(at: (typeof address)['wlc1'], name: string): AccountingNas {
    const options = { address: at, gateway: address.access, secret: wlcSecret, name };
    const nas = new AccountingNas(options, this.world, testDigests);
    this.world.listen(at, nas.port, (datagram) => nas.receive(datagram));
    return nas;
  }
}

const started = () => {
  const at = new Accounted();
  at.say(at.nas1, 'start', 'a1');
  expect(at.nas1.answered).toHaveLength(1);
  return at;
};

describe('the records of a WLC', () => {
  it('are answered when the session has them, and the standby', () => {
    const at = started();
    at.say(at.nas1, 'interimUpdate', 'a1', { inputOctets: 500, outputOctets: 2 ** 33, sessionSeconds: 60 });
    expect(at.nas1.answered).toEqual([1, 2]);
    expect(at.session!.durable.wlc).toMatchObject({
      nas: address.wlc1,
      identity: { acctSessionId: 'a1' },
      counted: { uplinkOctets: 500, downlinkOctets: 2 ** 33 },
      sessionSeconds: 60,
    });
    expect(at.standby.cmdIds.filter((cmdId) => cmdId === 174 || cmdId === 177)).toEqual([174, 177]);
    at.say(at.nas1, 'interimUpdate', 'a1', { inputOctets: 400, sessionSeconds: 30 });
    expect(at.session!.durable.wlc).toMatchObject({ counted: { uplinkOctets: 500 }, sessionSeconds: 60 });
  });

  it('that come again have the same answer and no effect', () => {
    const at = started();
    at.nas1.repeat(1);
    at.world.run(20);
    // Another Identifier and Acct-Delay-Time, and the same START.
    at.say(at.nas1, 'start', 'a1', { delaySeconds: 3 });
    expect(at.nas1.answered).toEqual([1, 1, 2]);
    expect(at.standby.cmdIds.filter((cmdId) => cmdId === 174)).toHaveLength(1);
    const counts = (['received', 'retransmitted', 'sent'] as const).map((what) =>
      at.count(`access-radius.start.${what}`),
    );
    expect(counts).toEqual([1, 2, 3]);
  });

  it('that is a START with another MSISDN is another START, and its Acct-Multi-Session-Id goes into the gateway’s own', () => {
    const at = started();
    at.say(at.nas1, 'start', 'a1', { msisdn: '491700000001', multiSessionId: 'm-1' });
    expect(at.count('access-radius.start.received')).toBe(2);
    at.say(at.nas1, 'start', 'a1', { msisdn: '491700000001', multiSessionId: 'm-1', delaySeconds: 3 });
    expect(at.count('access-radius.start.retransmitted')).toBe(1);
    const said: (string | undefined)[] = [];
    at.world.drops = ({ destination, bytes }) => {
      const packet = destination === address.aaa ? decodeRadius(bytes) : undefined;
      if (packet?.ok) said.push(find(packet.value.attributes, radiusAttribute.acctMultiSessionId));
      return false;
    };
    at.say(at.nas1, 'stop', 'a1');
    at.world.run(handoffMs + 500);
    expect(said).toContain('m-1');
  });

  it('are known to the next gateway, which answers a repetition', () => {
    const at = started();
    const stop = at.say(at.nas1, 'stop', 'a1', { cause: acctTerminateCause.lostCarrier });
    at.takeOver();
    at.nas1.repeat(stop);
    at.world.run(20);
    expect(at.nas1.answered).toEqual([1, 2, 2]);
    expect(at.count('access-radius.stop.retransmitted')).toBe(1);
    expect(at.session!.durable.handoff).toBeDefined();
  });

  it('of a session that there is not are not answered', () => {
    const at = new Accounted();
    at.nas1.say('start', { ...at.record('x'), mac: 0x02005e999999 as never });
    at.nas1.say('start', at.record('y', { framedIpAddress: address.host }));
    at.world.run(20);
    expect(at.nas1.answered).toEqual([]);
    expect(at.count('access-radius.discarded.no-session')).toBe(2);
  });
});

describe('a STOP of the WLC where the UE is', () => {
  it('ends the session after the delay, with what the WLC said', () => {
    const at = started();
    at.say(at.nas1, 'stop', 'a1', { cause: acctTerminateCause.lostCarrier });
    expect(at.standby.cmdIds.at(-1)).toBe(175);
    at.world.run(handoffMs - 1000);
    expect(at.session).toBeDefined();
    at.world.run(3000);
    expect(at.session).toBeUndefined();
    expect(at.count('session.ended.nas-stop')).toBe(1);
    expect([...at.world.accounting.accounts()]).toMatchObject([
      { hasStopped: true, cause: acctTerminateCause.lostCarrier },
    ]);
  });

  it('followed by the START of another WLC is a handoff: one session, one account', () => {
    const at = started();
    const before = at.session!.durable;
    at.say(at.nas1, 'stop', 'a1');
    at.takeOver();
    at.world.run(3000);
    at.say(at.nas2, 'start', 'b1');
    at.world.run(30_000);
    expect(at.session!.durable).toMatchObject({ id: before.id, addresses: before.addresses, handoff: undefined });
    expect(at.session!.durable.wlc).toMatchObject({ nas: address.wlc2, identity: { acctSessionId: 'b1' } });
    expect([...at.world.accounting.accounts()]).toMatchObject([{ hasStarted: true, hasStopped: false }]);
  });

  it('followed by a move of the UE ends nothing', () => {
    const at = started();
    at.say(at.nas1, 'stop', 'a1');
    at.world.ue.moveTo(at.world.rg1, 'dhcp-request', at.world.now);
    at.world.run(30_000);
    expect(at.session!.durable).toMatchObject({ handoff: undefined, wlc: undefined });
    expect([...at.standby.records.values()]).toMatchObject([{ saved: { durable: { handoff: undefined } } }]);
  });

  it('of another WLC is answered only', () => {
    const at = started();
    at.say(at.nas2, 'start', 'b1');
    at.say(at.nas1, 'stop', 'a1');
    expect(at.nas1.answered).toEqual([1, 2]);
    expect(at.session!.durable.handoff).toBeUndefined();
  });
});

describe('Accounting-On', () => {
  it('is as a STOP of all that are there', () => {
    const at = started();
    at.nas2.sayService('accountingOn');
    at.world.run(100);
    expect([at.nas2.answered.length, at.session!.durable.handoff]).toEqual([1, undefined]);
    at.nas1.sayService('accountingOn');
    at.world.run(100);
    expect(at.nas1.answered).toHaveLength(2);
    at.world.run(handoffMs + 3000);
    expect([...at.world.accounting.accounts()]).toMatchObject([{ cause: acctTerminateCause.nasReboot }]);
  });
});

describe('a proxy', () => {
  it('passes records on and answers when AAA has them', () => {
    const at = new Accounted(withAccounting({ wlc: 'proxy', own: false }));
    at.world.drops = ({ destination, destinationPort }) => destination === address.aaa && destinationPort === 1813;
    const start = at.say(at.nas1, 'start', 'a1');
    expect(at.nas1.answered).toEqual([]);
    at.world.drops = () => false;
    at.world.run(3000);
    expect(at.nas1.answered).toEqual([start]);
    at.world.run(2000);
    at.say(at.nas1, 'stop', 'a1', { inputOctets: 77 });
    expect(at.world.accounting.of('a1')).toMatchObject({ hasStarted: true, hasStopped: true, inputOctets: 77 });
    expect(at.session!.durable.handoff).toBeDefined();
  });

  it('passes on both records of an account that come the wrong way round, and moves nothing', () => {
    const at = new Accounted(withAccounting({ wlc: 'proxy', own: false }));
    at.say(at.nas1, 'start', 'a1');
    const records = [at.say(at.nas2, 'stop', 'b1'), at.say(at.nas2, 'start', 'b1')];
    expect(at.nas2.answered).toEqual(records);
    expect(at.session!.durable.wlc?.nas).toBe(address.wlc1);
    expect(at.world.accounting.of('b1')).toMatchObject({ hasStarted: true, hasStopped: true });
  });
});

describe('hostile accounting', () => {
  it('is counted, and changes nothing', () => {
    const at = started();
    const whole = at.nas1.octetsOf(1)!;
    const { gateway } = at.world;
    const throwIn = (bytes: Uint8Array, from = address.wlc1) =>
      gateway.receive('access-radius', 1, from, 1646, bytes, at.world.now);
    const before = at.session;
    for (let length = 0; length < whole.length; length += 1) throwIn(whole.slice(0, length));
    for (let index = 0; index < whole.length; index += 1) {
      throwIn(whole.map((octet, place) => (place === index ? octet ^ 0x55 : octet)));
    }
    throwIn(whole, address.host);
    expect(at.session).toBe(before);
    expect(gateway.crashes).toEqual([]);
    const { malformed, authenticator, unknown } = {
      malformed: at.count('access-radius.discarded.malformed'),
      authenticator: at.count('access-radius.discarded.bad-authenticator'),
      unknown: at.count('access-radius.discarded.unknown-client'),
    };
    expect(malformed + authenticator + at.count('access-radius.discarded.no-message-authenticator')).toBe(
      2 * whole.length,
    );
    expect(unknown).toBe(1);
  });
});
