/** The gateway's own accounts at an AAA server, from the first attach to the last record, through whatever happens between. */
import { describe, expect, it } from 'vitest';
import type { BookedAccount } from '../../src/peers/accounting-books.ts';
import { MeasuredTraffic } from '../../src/peers/measured-traffic.ts';
import { resumeAll } from '../../src/services/samog/checkpoints/resume.ts';
import { sessionId } from '../../src/services/samog/session/state.ts';
import { acctTerminateCause, radiusPort } from '../../src/wire/radius/constants.ts';
import { testDigests } from '../support/digests.ts';
import { Standby } from '../support/standby-record.ts';
import { address, configOf, MemoryWorld } from './memory-world.ts';

const kept = configOf((config) => {
  const accounting = { ...config.mrmeService.accounting, own: true, interimIntervalSeconds: 60 };
  return { ...config, mrmeService: { ...config.mrmeService, accounting } };
});

class Accounted {
  readonly standby = new Standby(kept.cgwService.access.vmac);
  readonly world = new MemoryWorld(kept, testDigests, this.standby);
  /** What each gateway's data path has forwarded in all. */
  isAway = false;

  constructor() {
    this.world.drops = ({ source, destination, sourcePort, destinationPort }) =>
      this.isAway &&
      (destination === address.aaa ? destinationPort : source === address.aaa ? sourcePort : 0) ===
        radiusPort.accounting;
    this.world.ue.moveTo(this.world.wlc1, 'dhcp-discover', 0);
    this.world.run(200);
    expect(this.world.ue.dhcpState).toBe('Bound');
  }

  /** Sends so long, and returns the octets that the data path has counted of the session. */
  traffic(forMs: number): { readonly up: number; readonly down: number } {
    const { world } = this;
    const traffic = new MeasuredTraffic(world.ue, world.host, { intervalMs: 1 });
    world.timed.push(traffic);
    traffic.start(world.now);
    world.run(forMs);
    traffic.stop();
    world.run(50);
    return this.used();
  }

  used(): { readonly up: number; readonly down: number } {
    const usage = this.world.gateway.flows.usage(sessionId(this.session!))!;
    return { up: usage.uplinkOctets, down: usage.downlinkOctets };
  }

  /** Another gateway goes on with what the standby has. */
  takeOver(): void {
    const { world, standby } = this;
    standby.flush(world.gateway, world.now);
    const next = world.newGateway();
    expect(next.adopt(resumeAll(standby.records.values(), world.now)).refused).toEqual([]);
    world.takeOver(next);
  }

  end(): void {
    this.world.gateway.clear(this.world.ue.mac, 'operator', this.world.now);
    this.world.run(2000);
  }

  get session() {
    return this.world.gateway.registry.ofMac(this.world.ue.mac)?.session;
  }

  get accounts(): readonly BookedAccount[] {
    expect(this.world.accounting.takeWrong()).toEqual([]);
    return [...this.world.accounting.accounts()];
  }
}

describe('an account', () => {
  it('has all that the data path forwarded, through a handover each way', () => {
    const at = new Accounted();
    at.traffic(300);
    at.world.ue.moveTo(at.world.rg1, 'dhcp-request', at.world.now);
    at.world.run(7000);
    at.traffic(300);
    at.world.ue.moveTo(at.world.wlc2, 'dhcp-discover', at.world.now);
    at.world.run(7000);
    const used = at.traffic(300);
    at.end();
    expect(used.up).toBeGreaterThan(10_000);
    expect(at.accounts).toMatchObject([
      {
        hasStarted: true,
        hasStopped: true,
        inputOctets: used.up,
        outputOctets: used.down,
        cause: acctTerminateCause.adminReset,
        stations: ['192.0.2.11', '198.51.100.1', '192.0.2.12', '192.0.2.12'],
      },
    ]);
    expect(at.world.gateway.registry.inState.Owing).toBe(0);
  });

  it('says so once a minute', () => {
    const at = new Accounted();
    at.world.run(300_000);
    expect(at.accounts).toMatchObject([{ records: 6, sessionSeconds: 300, hasStopped: false }]);
  });

  it('goes on under the next gateway, and owes what the last one owed', () => {
    const at = new Accounted();
    at.traffic(200);
    at.isAway = true;
    at.world.ue.moveTo(at.world.rg1, 'dhcp-request', at.world.now);
    at.world.run(10_000);
    at.traffic(200);
    at.takeOver();
    at.world.run(1000);
    at.isAway = false;
    at.world.run(60_000);
    const used = at.traffic(200);
    at.end();
    const [account] = at.accounts;
    expect(at.accounts).toHaveLength(1);
    expect(account).toMatchObject({
      hasStarted: true,
      hasStopped: true,
      inputOctets: used.up,
      outputOctets: used.down,
    });
    expect(account!.stations).toContain('198.51.100.1');
  });

  it('whose session is over while AAA is away has its STOP, whatever gateway there is when AAA is back', () => {
    const at = new Accounted();
    const used = at.traffic(200);
    at.isAway = true;
    at.end();
    expect(at.session).toBeUndefined();
    expect(at.world.gateway.registry.inState.Owing).toBe(1);
    // The UE comes back before AAA does: it is another session, and another account.
    at.world.ue.moveTo(at.world.rg2, 'dhcp-discover', at.world.now);
    at.world.run(3000);
    expect(at.session?.kind).toBe('Live');
    at.takeOver();
    expect(at.world.gateway.registry.inState.Owing).toBe(1);
    at.world.run(120_000);
    expect(at.accounts).toMatchObject([{ hasStarted: true, hasStopped: false }]);
    at.isAway = false;
    at.world.run(60_000);
    expect(at.accounts).toMatchObject([
      { hasStopped: true, inputOctets: used.up, outputOctets: used.down },
      { hasStarted: true, hasStopped: false, stations: ['198.51.100.2', '198.51.100.2', '198.51.100.2'] },
    ]);
    expect(at.standby.records.size).toBe(1);
  });

  it('of a session that a fault of the gateway ends says so', () => {
    const at = new Accounted();
    const used = at.traffic(100);
    const place = at.world.gateway.registry.ofMac(at.world.ue.mac)!;
    at.world.gateway.dispatch(place, { kind: 'no such event' } as never, at.world.now);
    at.world.run(2000);
    expect(at.world.gateway.crashes).toHaveLength(1);
    expect(at.accounts).toMatchObject([
      { hasStopped: true, cause: acctTerminateCause.nasError, inputOctets: used.up, outputOctets: used.down },
    ]);
  });
});
