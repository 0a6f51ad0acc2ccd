import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RestartAnswer } from '../../src/operations/commands/restart-session-manager.ts';
import type { SrpCheckpointInfoData } from '../../src/operations/views/srp/srp-checkpoint-info.ts';
import type { SrpMonitorData } from '../../src/operations/views/srp/srp-monitor.ts';
import type { SrpStatisticsData } from '../../src/operations/views/srp/srp-statistics.ts';
import { command } from '../../src/services/samog/checkpoints/commands.ts';
import { fastPathNeeds } from '../fast-path/requirements.ts';
import { requireTool } from '../support/require-tool.ts';
import { Terminals } from '../support/terminals.ts';
import { type ChassisLetter, chassisName, other, serviceAddresses, sharedKey, until } from './chassis.ts';
import type { ImpostorStatus } from './impostor-plan.ts';
import { endProcess } from './namespaces.ts';
import { PairUnderTest } from './pair-under-test.ts';
import { announcedBy, announcers, type Frame, framesOf, probes, speaksForThePair } from './pair-wire.ts';
import type { PairWorld } from './pair-world.ts';
import { endToEndNeeds } from './requirements.ts';
import { accessPoints, place, ueMac } from './surroundings.ts';
import { type IperfResult, iperf, startIperfServer } from './traffic.ts';
import { Udhcpc } from './udhcpc.ts';

const tcpPort = 5201;
const udpPort = 5202;
/** Of the streams that run through the first scenarios; on a busy machine, through fewer of them. */
const streamSeconds = 45;
/** How long both may have been running already. */
const startMsMax = 20_000;
/**
 * Two gateways of which one serves, and the other takes over without anyone noticing: UEs behind both kinds of access, with
 * real DHCP clients and real traffic, through everything that may happen to either chassis. One has its session managers in
 * its main thread, the other has them in threads of their own; both have the fast path beside them.
 */
describe.skipIf(!requireTool(...endToEndNeeds()))('a pair end to end', () => {
  /** What a switchover is to interrupt least is what the kernel forwards. */
  const fastPath = requireTool(...fastPathNeeds()) ? 'native' : 'off';
  let pair: PairUnderTest;
  let world: PairWorld;
  let endCapture: () => Promise<string>;
  const macs = new Map<string, ChassisLetter>();
  let streams: Promise<readonly [IperfResult, IperfResult]>;

  beforeAll(async () => {
    pair = new PairUnderTest(fastPath);
    ({ world } = pair);
    try {
      endCapture = await world.capture(world.segment, 'segment', '', { device: 'br0', octets: 600 });
      for (const each of pair.both) macs.set(each.mac, each.letter);
      await world.start();
      for (const port of [tcpPort, udpPort]) await startIperfServer(world.namespaces, world.host, port);
    } catch (error) {
      world.noteFailure();
      throw error;
    }
  }, 90_000);

  afterEach((context) => {
    if (context.task.result?.state === 'fail') world.noteFailure();
  });

  afterAll(async () => {
    await world?.stop();
    console.info(['', 'measured:', ...(pair?.measured ?? [])].join('\n  '));
  });

  it('one of two that start together serves, and the other becomes ready', async () => {
    const from = Date.now() - startMsMax;
    await until('one serves', async () => (await pair.chassis('a').serves()) || (await pair.chassis('b').serves()));
    pair.active = (await pair.chassis('a').serves()) ? 'a' : 'b';
    pair.owners.push(pair.active);
    await pair.isWhole();
    pair.split.push({ from, to: Date.now(), winner: pair.active });
  });

  it('serves UEs behind a residential gateway and behind a WLC', async () => {
    for (const [ue, point] of [
      ['ue1', 'rg-a'],
      ['ue2', 'wlc-a'],
    ] as const) {
      await world.move(ue, point);
      const client = new Udhcpc(world.namespaces, world.namespaceOf(ue));
      pair.clients.set(ue, client);
      pair.leases.set(ue, await client.start());
    }
    await pair.expectPair();
    streams = Promise.all([
      iperf(world.namespaces, world.namespaceOf('ue1'), place.host, stream('-p', `${tcpPort}`, '-b', '1M')),
      iperf(world.namespaces, world.namespaceOf('ue2'), place.host, [
        ...stream('-p', `${udpPort}`, '-u', '-b', '200k', '-l', '500'),
      ]),
    ]);
    void streams.finally(() => {
      pair.streamsEnded = true;
    });
  });

  it('is ready for a switchover by the word of every check that an operator has', () => {
    const { process } = pair.chassis(pair.active);
    process.operate('srp', 'validate-configuration');
    expect(process.operate('srp', 'validate-switchover')).not.toContain('FAIL');
    expect(JSON.parse(process.operate('srp', 'initiate-audit', 'manual-with-sync', '--json'))).toMatchObject({
      outcome: 'equal',
    });
  });

  it('switches over as planned, there and back and there again, under renewals', async () => {
    await pair.underPing('three planned switchovers', async () => {
      let done = false;
      const renewals = (async () => {
        for (; !done; await sleep(50)) for (const client of pair.clients.values()) client.askForRenewal();
      })();
      for (let count = 0; count < 3; count += 1) {
        await pair.switchOver();
        await pair.isWhole();
        await sleep(200);
      }
      done = true;
      await renewals;
    });
    for (const each of pair.both) {
      const { counters } = await each.show<SrpStatisticsData>('srp/statistics');
      pair.measured.push(`planned, chassis ${each.letter}: packets ${JSON.stringify(counters['packets'])}`);
    }
    await pair.expectPair();
  });

  it('survives kill -9 of the one that serves, and of the other when it serves', async () => {
    for (let count = 0; count < 2; count += 1) {
      const [killed, heir] = [pair.active, other(pair.active)];
      await pair.underPing(`kill -9 of ${killed}`, async () => {
        await pair.chassis(killed).process.kill();
        pair.measured.push(`kill -9 of ${killed}: ${heir} serves after ${(await pair.isActive(heir)).toFixed(0)} ms`);
        pair.taken(heir);
      });
      expect(pair.chassis(heir).heldAddresses()).toEqual(serviceAddresses);
      await until(`the addresses of ${killed} are gone`, () => pair.chassis(killed).heldAddresses().length === 0);
      await pair.chassis(killed).start();
      await pair.expectPair();
    }
  });

  it('restarts a session manager of either in either role, while the others serve on', async () => {
    for (const instance of [1, 2]) {
      for (const letter of [pair.active, other(pair.active)]) {
        await pair.underPing(
          `instance ${instance} of ${letter}, the ${letter === pair.active ? 'active' : 'standby'}`,
          async () => {
            const command = ['session-manager', 'restart', 'instance', `${instance}`, '--json'];
            const { sessions, lost, tookMs } = JSON.parse(
              pair.chassis(letter).process.operate(...command),
            ) as RestartAnswer;
            pair.measured.push(`instance ${instance} of ${letter} restarted in ${tookMs.toFixed(0)} ms`);
            expect({ sessions, lost }).toEqual({ sessions: letter === pair.active ? 1 : null, lost: 0 });
            await pair.isWhole();
          },
        );
      }
      await pair.switchOver();
      await pair.isWhole();
    }
    await pair.expectPair();
  });

  it('survives one that stands still, which serves no more when it wakes', async () => {
    const [stopped, heir] = [pair.active, other(pair.active)];
    await pair.underPing(`SIGSTOP of ${stopped}`, async () => {
      const at = Date.now();
      pair.chassis(stopped).process.signal('SIGSTOP');
      const gone = until('its addresses are gone', () => pair.chassis(stopped).heldAddresses().length === 0);
      pair.measured.push(`SIGSTOP of ${stopped}: ${heir} serves after ${(await pair.isActive(heir)).toFixed(0)} ms`);
      pair.taken(heir);
      pair.measured.push(`SIGSTOP of ${stopped}: its addresses are gone after ${(await gone).toFixed(0)} ms`);
      // The kernel answers for an address as long as it is there.
      pair.split.push({ from: at, to: Date.now(), winner: heir });
    });
    await sleep(500);
    pair.chassis(stopped).process.signal('SIGCONT');
    await pair.expectPair();
  });

  it('has one that serves after the link was cut and healed', async () => {
    const [former, heir] = [pair.active, other(pair.active)];
    const from = Date.now();
    await pair.underPing('link cut', async () => {
      world.setLink('down');
      pair.measured.push(`link cut: ${heir} serves as well after ${(await pair.isActive(heir)).toFixed(0)} ms`);
      pair.taken(heir);
      expect(await pair.chassis(former).serves()).toBe(true);
    });
    const [one, another] = await Promise.all(pair.both.map((each) => each.info()));
    expect(one!.local.term).not.toBe(another!.local.term);
    await pair.underPing('link healed', async () => {
      world.setLink('up');
      await until(`${former} serves no more`, async () => !(await pair.chassis(former).serves()));
    });
    pair.split.push({ from, to: Date.now(), winner: pair.active });
    await pair.expectPair();
  });

  it.each(['active', 'standby'] as const)('has one that serves after what the %s said went astray', async (who) => {
    const former = pair.active;
    const speaker = who === 'active' ? pair.active : other(pair.active);
    const from = Date.now();
    await pair.underPing(`what the ${who} says goes astray`, async () => {
      world.setAstray(speaker, true);
      const heir = other(speaker);
      if (who === 'active') await pair.isActive(heir);
      await sleep(1000);
      const serving = (await Promise.all(pair.both.map((each) => each.serves()))).filter(Boolean).length;
      pair.measured.push(`what the ${who} says goes astray: ${serving} serve`);
      world.setAstray(speaker, false);
      await until('the two hear each other, and one of them serves', async () => {
        const infos = await Promise.all(pair.both.map((each) => each.info()));
        const hears = infos.every(({ peer, connection }) => connection.state === 'connected' && peer.state !== null);
        return hears && infos.filter(({ local }) => local.serves).length === 1;
      });
    });
    if (!(await pair.chassis(former).serves())) pair.taken(other(former));
    pair.split.push({ from, to: Date.now(), winner: pair.active });
    // Nobody hears an active that nobody hears: whoever did not hear it has the higher term.
    if (who === 'active') expect(pair.active).toBe(other(former));
    await pair.expectPair();
  });

  it('has carried the streams through all of it', async () => {
    const [tcp, udp] = await streams;
    expect(tcp).toMatchObject({ exitCode: 0, error: undefined });
    expect(udp).toMatchObject({ exitCode: 0, error: undefined });
    const lost = ({ lostPackets, packets }: IperfResult['uplink']): string => `${lostPackets} of ${packets}`;
    const mbits = ({ octets }: IperfResult['uplink']): string => ((octets * 8) / 1e6).toFixed(1);
    pair.measured.push(
      `UDP through ${pair.switchoversUnderStreams} switchovers: lost ${lost(udp.uplink)} up, ${lost(udp.downlink)} down`,
      `TCP of ${streamSeconds} s at 1 Mbit/s: ${mbits(tcp.uplink)} Mbit up, ${mbits(tcp.downlink)} Mbit down`,
    );
    expect(pair.switchoversUnderStreams).toBeGreaterThanOrEqual(3);
    expect(Math.min(tcp.uplink.octets, tcp.downlink.octets)).toBeGreaterThan(1_000_000);
  });

  it('shows at the standby what it knows of a subscriber, in a monitor that stays open', async () => {
    const terminals = new Terminals();
    try {
      const socketOf = (letter: ChassisLetter) => ['--socket', pair.chassis(letter).process.socket] as const;
      const list = terminals.start(120, 24, 'monitor', ...socketOf(other(pair.active)));
      await terminals.until(
        list,
        new RegExp(`${ueMac.ue1} .* rg ${accessPoints.find(({ name }) => name === 'rg-a')!.address} +bound `),
      );
      for (const [letter, heading, name] of [
        [other(pair.active), /SaMOG +Active/, 'checkpoint-received'],
        [pair.active, /SaMOG .*Standby/, 'checkpoint-acknowledged'],
      ] as const) {
        const ladder = terminals.start(160, 40, 'monitor', 'subscriber', ueMac.ue1, ...socketOf(letter));
        await terminals.until(ladder, heading);
        // It renews all the time, whichever chassis has been started when.
        await terminals.until(ladder, /SAMOG_LEASE, after/);
        terminals.press(ladder, 'Home', 'F3');
        terminals.type(ladder, `${name} micro-checkpoint ${command.lease.cmdId}`);
        terminals.press(ladder, 'Enter');
        await terminals.until(ladder, new RegExp(`#\\d+ ${name}`));
      }
    } finally {
      terminals.stop();
    }
  }, 180_000);

  it('keeps the new path when it switches over right after a handover', async () => {
    await pair.underPing('switchover right after a handover', async () => {
      const path = async (): Promise<string | null | undefined> =>
        (await pair.chassis(pair.active).subscribers()).find(({ mac }) => mac === ueMac.ue2)?.accessPeer;
      await world.move('ue2', 'rg-b');
      await until('it is handed over', async () => (await path()) === '192.0.2.102');
      await pair.switchOver();
      expect(await path()).toBe('192.0.2.102');
    });
    await pair.expectPair();
    expect((await pair.chassis(pair.active).subscribers()).find(({ mac }) => mac === ueMac.ue2)).toMatchObject({
      accessType: 'EoGRE',
      accessPeer: '192.0.2.102',
    });
  });

  it('refuses whoever is not the peer, and is not disturbed', async () => {
    const linkOf = async (): Promise<SrpStatisticsData['link']> =>
      (await pair.chassis('b').show<SrpStatisticsData>('srp/statistics')).link;
    const refused = async (): Promise<ReadonlyMap<string, number>> =>
      new Map((await linkOf()).refused.map(({ reason, count }) => [reason, count]));
    const connections = async (): Promise<unknown> =>
      (await linkOf()).counters.find(({ name }) => name === 'connections.established');
    const before = await refused();
    const connected = await connections();
    const impostors = await Promise.all([
      world.impostor('a', chassisName.a, 'another-key-than-that-of-the-pair'),
      world.impostor('a', 'samog-c', sharedKey),
      world.impostor('elsewhere', 'samog-c', sharedKey),
    ]);
    await impostors[0]!.ask({ kind: 'garbage', connections: 20 });
    const more = (after: ReadonlyMap<string, number>, reason: string): number =>
      (after.get(reason) ?? 0) - (before.get(reason) ?? 0);
    for (const reason of ['bad-tag', 'wrong-peer', 'not-the-peer', 'bad-magic']) {
      await until(`somebody is refused as ${reason}`, async () => more(await refused(), reason) > 0);
    }
    for (const impostor of impostors) {
      const { accepted, dialled } = await impostor.ask<ImpostorStatus>({ kind: 'status' });
      expect(accepted).toBe(0);
      expect(dialled).toBeGreaterThan(0);
      impostor.child.kill();
    }
    const { events } = await pair.chassis('b').show<{ events: readonly { name: string }[] }>('events');
    expect(events.map(({ name }) => name)).toContain('srp-refused');
    expect(connected).toBeDefined();
    expect(await connections()).toEqual(connected);
    await pair.expectPair();
  });

  it('hands over when the AAA server is out of its reach and not of its peer, and not back by the same cause', async () => {
    const [former, heir] = [pair.active, other(pair.active)];
    const probe = async (letter: ChassisLetter): Promise<boolean | undefined> =>
      (await pair.chassis(letter).show<SrpMonitorData>('srp/monitor')).monitors.find(({ kind }) => kind === 'aaa-probe')
        ?.healthy;
    await pair.underPing(`the AAA server is out of reach of ${former}`, async () => {
      world.setAaaReachable(former, false);
      await pair.isActive(heir);
      pair.taken(heir);
    });
    expect((await pair.chassis(heir).info()).history.map(({ reason }) => reason)).toContain('aaa-probe');
    world.setAaaReachable(former, true);
    await until(`${former} reaches the AAA server`, async () => (await probe(former)) === true);
    await pair.isWhole();
    world.setAaaReachable(heir, false);
    await until(`${heir} does not reach the AAA server`, async () => (await probe(heir)) === false);
    await sleep(1000);
    expect(await pair.chassis(heir).serves()).toBe(true);
    pair.chassis(heir).process.operate('srp', 'reset-auth-probe-fail');
    await pair.isActive(former);
    pair.taken(former);
    world.setAaaReachable(heir, true);
    await until(`${heir} reaches the AAA server`, async () => (await probe(heir)) === true);
    await pair.expectPair();
  });

  it.each(['b', 'a'] as const)(
    'records with %s while somebody else has a port there, and serves by it afterwards',
    async (blocked) => {
      await pair.isWhole();
      if (pair.active === blocked) await pair.switchOver();
      await pair.isWhole();
      await pair.chassis(blocked).process.kill();
      const blocker = await world.blockSignalling(blocked);
      await pair.chassis(blocked).start();
      await pair.isWhole();
      const ports = async (): Promise<boolean | undefined> =>
        (await pair.chassis(blocked).show<SrpMonitorData>('srp/monitor')).monitors.find(
          ({ kind }) => kind === 'service-ports',
        )?.healthy;
      expect(await ports()).toBe(false);
      const refused = await pair.chassis(pair.active).switchover();
      expect(refused.outcome).toBe('refused');
      expect(refused.failed.map(({ condition }) => condition)).toContain('peer-monitors-healthy');
      await endProcess(blocker);
      await until('the port is open', async () => (await ports()) === true);
      await until('its peer has heard of it', async () => {
        return (await pair.chassis(pair.active).show<SrpMonitorData>('srp/monitor')).peerHealthy === true;
      });
      await pair.isWhole();
      await pair.switchOver();
      await pair.expectPair();
    },
  );

  it('hands over first when the one that serves is told to end', async () => {
    const [ended, heir] = [pair.active, other(pair.active)];
    await pair.underPing(`SIGTERM of ${ended}`, async () => {
      const { tookMs, exitCode } = await pair.chassis(ended).process.stop();
      pair.measured.push(`SIGTERM of ${ended}: it has ended after ${tookMs.toFixed(0)} ms`);
      expect(exitCode).toBe(0);
      await pair.isActive(heir);
      pair.taken(heir);
    });
    expect((await pair.chassis(heir).info()).history.map(({ reason }) => reason)).toContain('shutdown');
    await pair.chassis(ended).start();
    await pair.expectPair();
  });

  it('comes back with its sessions when both were killed and one starts again', async () => {
    const [survivor, late] = [pair.active, other(pair.active)];
    pair.chassis(survivor).process.operate('srp', 'disable', 'nack', 'micro-chkpt-cmd', '190');
    await sleep(1000);
    await Promise.all(pair.both.map((each) => each.process.kill()));
    await pair.chassis(survivor).start();
    await pair.isActive(survivor);
    pair.taken(survivor);
    await pair.expectSessions();
    const { disabledNackCmdIds } = await pair.chassis(survivor).show<SrpCheckpointInfoData>('srp/checkpoint/info');
    expect(disabledNackCmdIds).toEqual([190]);
    await pair.chassis(late).start();
    await pair.expectPair();
  });

  it('has had no fault in either, and the threads that were asked for', () => {
    for (const { process } of pair.both) {
      expect(process.faults()).toEqual([]);
      expect(process.logged('session-managers-in-process')).toEqual([]);
    }
  });

  describe('on the wire', () => {
    let frames: readonly Frame[];

    beforeAll(async () => {
      frames = framesOf(await endCapture());
      pair.measured.push(`${frames.length} frames on the segment`);
    });

    /** What is said by the one of a divided pair that is not to go on. */
    const isOfLoser = (frame: Frame): boolean =>
      pair.split.some(
        ({ from, to, winner }) => frame.at >= from && frame.at <= to && frame.from !== pair.chassis(winner).mac,
      );

    it.each(serviceAddresses)('%s is announced by each that takes the role, and by nobody else', (address) => {
      const undisputed = frames.filter((frame) => !isOfLoser(frame));
      expect(announcers(undisputed, address).map((mac) => macs.get(mac))).toEqual(
        pair.owners.filter((owner, index) => owner !== pair.owners[index - 1]),
      );
    });

    it('only the one that has announced itself speaks for the pair', () => {
      let owner: string | undefined;
      const wrong: Frame[] = [];
      for (const frame of frames.filter((each) => !isOfLoser(each))) {
        if (announcedBy(frame) !== undefined) owner = frame.from;
        if (speaksForThePair(frame) && frame.from !== owner) wrong.push(frame);
      }
      expect(wrong).toEqual([]);
      expect(frames.some(({ from, source }) => macs.has(from) && source === place.gateway)).toBe(true);
    });

    it('neither chassis says anything there in a name of its own, but to ask whether the AAA server lives', () => {
      const own = frames.filter((frame) => macs.has(frame.from) && !speaksForThePair(frame));
      expect(own.filter((frame) => !probes(frame, macs.get(frame.from)!))).toEqual([]);
      const asking = own.filter(({ message }) => message === 'Status-Server').map(({ from }) => macs.get(from));
      expect(new Set(asking)).toEqual(new Set(['a', 'b']));
    });

    it('nobody was asked for anything twice', () => {
      const count = (message: string, from?: string): number =>
        frames.filter((frame) => frame.message === message && (from === undefined || frame.source === from)).length;
      expect(count('Access-Request')).toBe(pair.leases.size);
      expect(count('PBU', place.gatewayS2a)).toBe(pair.leases.size);
      expect(count('PBU', '192.0.2.11')).toBe(1);
      const restarts = [...pair.clients.values()].reduce((sum, client) => sum + client.restarts, 0);
      pair.measured.push(
        `renewals that were not answered, or before udhcpc listened, so that it began anew: ${restarts}`,
      );
      const begun = frames.filter(({ message }) => message === 'DISCOVER').map(({ transaction }) => transaction);
      expect(new Set(begun).size).toBeLessThanOrEqual(1 + restarts);
      expect(count('NAK')).toBe(0);
      for (const [ue, client] of pair.clients) {
        expect(new Set(client.leases().map(({ address }) => address))).toEqual(new Set([pair.leases.get(ue)!.address]));
        pair.measured.push(`${ue}: ${client.leases().length} leases, all of one address`);
      }
    });

    it('has one restart counter, whoever answers', () => {
      const answers = frames.filter(
        ({ source, message }) => source === place.gatewayS2a && /^heartbeat answer/.test(message ?? ''),
      );
      expect(new Set(answers.map(({ message }) => message)).size).toBe(1);
      expect(new Set(answers.map(({ from }) => from)).size).toBe(2);
    });
  });
});

/** Both ways, through the first scenarios. */
function stream(...options: readonly string[]): string[] {
  return [...options, '--bidir', '-t', String(streamSeconds)];
}
