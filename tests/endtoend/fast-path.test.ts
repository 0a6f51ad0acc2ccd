import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ForwardingAuditAnswer } from '../../src/operations/commands/audit-forwarding.ts';
import type { ForwardingData } from '../../src/operations/views/forwarding.ts';
import type { SubscriberDetail } from '../../src/operations/views/subscriber.ts';
import { BpfFileSystem } from '../fast-path/bpf-file-system.ts';
import { fastPathNeeds } from '../fast-path/requirements.ts';
import { requireTool } from '../support/require-tool.ts';
import { interfaceName } from './plans.ts';
import { endToEndNeeds } from './requirements.ts';
import { type Placement, place, sessionManagers, ueMac } from './surroundings.ts';
import { ping } from './traffic.ts';
import { type Lease, Udhcpc } from './udhcpc.ts';
import { World } from './world.ts';

const possible = requireTool(...endToEndNeeds()) && requireTool(...fastPathNeeds());
/** `samog-service.handover.guard-time`, by default. */
const guardTimeMs = 2000;

/** Sessions forwarded in the kernel by a real gateway: what is counted, what a handover costs, and what a crash does not. */
describe.skipIf(!possible).each<Placement>(['in-process', 'threads'])(
  'the fast path of a gateway, end to end, session managers %s',
  (placement) => {
    let world: World;
    let fileSystem: BpfFileSystem;
    let store: string;
    let ue: string;
    let dhcp: Udhcpc;
    let lease: Lease;
    const measured: string[] = [];

    beforeAll(async () => {
      fileSystem = new BpfFileSystem();
      store = mkdtempSync(join(tmpdir(), 'samog-store-'));
      const blocks = `recovery:\n  directory: ${store}\n${sessionManagers(placement)}`;
      world = new World('native', blocks, fileSystem.folder);
      ue = world.namespaceOf('ue1');
      dhcp = new Udhcpc(world.namespaces, ue);
      try {
        await world.start();
      } catch (error) {
        world.noteFailure();
        await world.stop();
        throw error;
      }
    }, 60_000);

    afterEach((context) => {
      if (context.task.result?.state === 'fail') world.noteFailure();
    });

    afterAll(async () => {
      await dhcp?.stop();
      await world?.stop();
      await fileSystem?.remove();
      rmSync(store, { recursive: true, force: true });
      console.info(['', 'measured:', ...measured].join('\n  '));
    });

    const forwarding = (...what: string[]): ForwardingData => world.gateway.showJson('forwarding', ...what);

    /** Of the one session that there is. */
    function expectNothingToRepair(): void {
      const found: ForwardingAuditAnswer = JSON.parse(world.gateway.operate('audit', 'forwarding', '--json'));
      const wrong = { wrongEntries: 0, surplus: 0, wrongSessions: 0, wrongIds: 0, wrongMacs: 0 };
      expect(found).toMatchObject({ sessions: 1, ...wrong });
    }

    function usage(): NonNullable<SubscriberDetail['usage']> {
      const view = world.gateway.showJson<{ subscribers: SubscriberDetail[] }>('subscribers', 'samog-only', 'full');
      return view.subscribers[0]!.usage!;
    }

    it('forwards in the drivers, and says so', async () => {
      await world.move('ue1', 'rg-a');
      lease = (await dhcp.obtain())!;
      expect(lease).toMatchObject({ event: 'bound' });
      const { summary } = forwarding();
      expect(summary).toMatchObject({
        ...{ mode: 'native', reason: null, forwards: true, interfaces: ['acc0', 's2a0'], outlivesSeconds: 60 },
        ...{ entries: 1, inKernel: 1 },
      });
      expect(forwarding('session', ueMac.ue1).session).toMatchObject({ mac: ueMac.ue1, by: 'kernel', reason: null });
    });

    it('counts every packet once, whichever path it took', async () => {
      // With IP options: those are the gateway's, and are counted with the others.
      const [plain, timed] = await Promise.all([
        ping(world.namespaces, ue, place.host, { count: 200 }),
        ping(world.namespaces, ue, place.host, { count: 50, extra: ['-T', 'tsonly'] }),
      ]);
      expect([plain.lost, timed.lost]).toEqual([0, 0]);
      const { lma } = await world.coreStatus();
      const moved = usage();
      expect(moved).toMatchObject({ uplinkPackets: lma['uplink.packets'], downlinkPackets: lma['downlink.packets'] });
      const { summary } = forwarding();
      expect(summary!.forwarded.uplink.packets).toBe(moved.uplinkPackets);
      expect(summary!.forwarded.uplink.octets).toBe(moved.uplinkOctets);
      expect(summary!.forwarded.downlink.octets).toBe(moved.downlinkOctets);
      expect(summary!.forwardedInKernel.uplink.packets).toBeGreaterThanOrEqual(200);
      expect(summary!.forwardedInKernel.uplink.packets).toBeLessThan(moved.uplinkPackets);
      expect(forwarding('drops').drops!.punted.uplink['ipOptions']).toBeGreaterThanOrEqual(50);
    });

    it('finds nothing to repair', () => {
      expectNothingToRepair();
      expect(forwarding().summary!.audit).toMatchObject({ sessions: 1, repaired: 0 });
    });

    it.each([
      ['EoGRE to PMIPv6', 'wlc-a'],
      ['PMIPv6 to EoGRE by data', 'rg-b'],
    ])('loses at most one packet of a thousand a second on the wire: %s', async (what, to) => {
      const filter = 'ip proto 47';
      const ends = [
        await world.capture(world.access, `access-${to}`, filter),
        await world.capture(world.core, `core-${to}`, filter),
      ];
      const stream = ping(world.namespaces, ue, place.host, { count: 2000, intervalMs: 1 });
      await sleep(800);
      await world.move('ue1', to, 300);
      await stream;
      const [access, core] = (await Promise.all(ends.map((end) => end()))).map((path) => echoesIn(path));
      // What came to the gateway on one side is to leave it on the other.
      const sent = access!.requestsTo(place.gateway);
      expect(sent.length).toBeGreaterThan(1900);
      const lostUp = missing(sent, core!.requestsTo(place.lma));
      const lostDown = missing(core!.repliesTo(place.gatewayS2a), access!.repliesFrom(place.gateway));
      const late = latestDisorderMs(access!.repliesFrom(place.gateway));
      measured.push(
        `${what}: ${lostUp} lost up, ${lostDown} lost down of 2000 at 1000 packets/s; out of order for ${late.toFixed(1)} ms at most`,
      );
      expect(lostUp).toBeLessThanOrEqual(1);
      expect(lostDown).toBeLessThanOrEqual(1);
      expect(late).toBeLessThan(guardTimeMs);
      expect(forwarding('session', ueMac.ue1).session).toMatchObject({ by: 'kernel' });
    });

    it('forwards on while the gateway is killed and comes back, and loses no octet of an account', async () => {
      // ARP is the gateway's own to answer: a UE that forgot its router while nobody answers would send nothing.
      const router = [place.router, 'lladdr', place.vmac, 'dev', interfaceName.ue];
      world.namespaces.exec(ue, 'ip', 'neighbour', 'replace', ...router, 'nud', 'permanent');
      const stream = ping(world.namespaces, ue, place.host, { count: 800 });
      await sleep(1000);
      await world.gateway.kill();
      await sleep(1000);
      await world.gateway.start();
      const { lost } = await stream;
      expect(lost).toBe(0);
      expect(forwarding().summary).toMatchObject({ mode: 'native', forwards: true, inKernel: 1 });
      const { lma } = await world.coreStatus();
      expect(usage()).toMatchObject({ uplinkPackets: lma['uplink.packets'], downlinkPackets: lma['downlink.packets'] });
      const { lost: after } = await ping(world.namespaces, ue, place.host, { count: 50 });
      expect(after).toBe(0);
    }, 40_000);

    it('forwards on while the session manager is begun anew, and loses no octet of an account', async () => {
      const stream = ping(world.namespaces, ue, place.host, { count: 1000, intervalMs: 2 });
      await sleep(500);
      const instances = placement === 'threads' ? 2 : 1;
      for (let instance = 1; instance <= instances; instance += 1) {
        const restarted = world.gateway.operate('session-manager', 'restart', 'instance', `${instance}`, '--json');
        expect(JSON.parse(restarted)).toMatchObject({ instance, lost: 0 });
      }
      const { lost } = await stream;
      expect(lost).toBe(0);
      expect(forwarding('session', ueMac.ue1).session).toMatchObject({ by: 'kernel' });
      const { lma } = await world.coreStatus();
      expect(usage()).toMatchObject({ uplinkPackets: lma['uplink.packets'], downlinkPackets: lma['downlink.packets'] });
      expectNothingToRepair();
    }, 40_000);

    it('forwards nothing of a session that an operator ends', async () => {
      world.gateway.operate('clear', 'subscribers', 'all', '--yes');
      await sleep(200);
      const before = forwarding().summary!;
      expect(before).toMatchObject({ entries: 0, inKernel: 0 });
      const { received } = await ping(world.namespaces, ue, place.host, { count: 20 });
      expect(received).toBe(0);
      expect(forwarding().summary!.forwarded.uplink.packets).toBe(before.forwarded.uplink.packets);
    });
  },
);

interface Echo {
  readonly atMs: number;
  readonly from: string;
  readonly to: string;
  readonly isRequest: boolean;
  readonly sequence: number;
}

/** Echoes of UEs in tunnels, by the outer addresses of the packets that carry them. */
function echoesIn(path: string) {
  const fields = ['frame.time_epoch', 'ip.src', 'ip.dst', 'icmp.type', 'icmp.seq'].flatMap((field) => ['-e', field]);
  const text = execFileSync('tshark', ['-r', path, '-Y', 'icmp.seq', '-T', 'fields', ...fields], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 1 << 26,
  });
  const echoes = text
    .trimEnd()
    .split('\n')
    .map((line): Echo => {
      const [time, sources, destinations, type, sequence] = line.split('\t');
      const outer = (addresses: string | undefined): string => addresses!.split(',')[0]!;
      const atMs = Number(time) * 1000;
      const isRequest = type === '8';
      return {
        atMs,
        from: outer(sources),
        to: outer(destinations),
        isRequest,
        sequence: Number(sequence!.split(',')[0]),
      };
    });
  return {
    requestsTo: (address: string) => echoes.filter(({ to, isRequest }) => isRequest && to === address),
    repliesTo: (address: string) => echoes.filter(({ to, isRequest }) => !isRequest && to === address),
    repliesFrom: (address: string) => echoes.filter(({ from, isRequest }) => !isRequest && from === address),
  };
}

/** How many of those that came in have not gone out. */
function missing(came: readonly Echo[], went: readonly Echo[]): number {
  const gone = new Set(went.map(({ sequence }) => sequence));
  return came.filter(({ sequence }) => !gone.has(sequence)).length;
}

/** How long after a later one an earlier one went, at most, in milliseconds. */
function latestDisorderMs(echoes: readonly Echo[]): number {
  let latest = 0;
  let highest = echoes[0];
  for (const echo of echoes) {
    if (highest === undefined || echo.sequence >= highest.sequence) highest = echo;
    else latest = Math.max(latest, echo.atMs - highest.atMs);
  }
  return latest;
}
