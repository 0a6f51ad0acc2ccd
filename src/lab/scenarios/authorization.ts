import { now } from '../../host/clock.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { AuthorizationAnswer } from '../../peers/authorization-client.ts';
import { MeasuredTraffic } from '../../peers/measured-traffic.ts';
import type { PacketLedger } from '../../peers/traffic.ts';
import { acctSessionIdOf } from '../../services/samog/account-id.ts';
import { type Tlv, tlv } from '../../wire/bytes/tlv.ts';
import { ipv4HeaderLengthMin } from '../../wire/ipv4/ipv4.ts';
import { radiusAttribute } from '../../wire/radius/attributes.ts';
import { threeGppAttribute, vendorTlv } from '../../wire/radius/vendor-attributes.ts';
import { udpHeaderLength } from '../../wire/udp/udp.ts';
import type { Lab } from '../lab.ts';
import type { Scenario } from '../scenario.ts';
import type { Stage } from '../stage.ts';
import type { ExpectedStep } from '../step-watcher.ts';
import { dataBothWays, decided, established, message, pbaTo, type Seen } from './expected.ts';

const octetsPerPacket = 1000;
const intervalMs = 2;
const measuredMs = 500;
/** What a new rate lets pass at once: 100 ms of it (docs/aaa.md, "Enforcement"). */
const burstSeconds = 0.1;
const uplinkKbps = 800;
const downlinkKbps = 1600;

const qos = (uplink: number, downlink: number): Tlv =>
  vendorTlv(threeGppAttribute.negotiatedQosProfile, {
    qci: 8,
    priorityLevel: 9,
    mayPreempt: false,
    mayBePreempted: true,
    rates: { kind: 'aggregate', uplinkKbps: uplink, downlinkKbps: downlink },
  });
const lists = (name: string): Tlv => tlv(radiusAttribute.filterId, name);

/** Traffic both ways at 500,000 octets a second, in packets of 1000, and what of it arrives. */
class Load {
  readonly #traffic: MeasuredTraffic;

  constructor(stage: Stage) {
    const octets = octetsPerPacket - ipv4HeaderLengthMin - udpHeaderLength;
    this.#traffic = new MeasuredTraffic(stage.ue, stage.lab.host, { intervalMs, octets, port: 7100 });
    stage.lab.runs(this.#traffic);
    stage.tell((at) => this.#traffic.start(at));
  }

  stop(): void {
    this.#traffic.stop();
  }

  /**
   * Octets of packets that are sent from now on and arrive in a while, and how long that was in truth: all of them have passed the gateway
   * in this time, however long a busy host has packets wait.
   *
   * @param isEnough takes longer than a while until it is
   */
  async measure(stage: Stage, isEnough: () => boolean = () => true) {
    const { uplink, downlink } = this.#traffic;
    const start: Instant = now();
    const before = [uplink.sent, downlink.sent] as const;
    await stage.pause(measuredMs);
    await stage.until(isEnough, 'enough packets');
    const arrived = (ledger: PacketLedger, sentBefore: number) => ledger.sent - sentBefore - ledger.lost(start);
    const [up, down] = [arrived(uplink, before[0]), arrived(downlink, before[1])];
    const seconds = (now() - start) / 1000;
    return { seconds, uplinkOctets: up * octetsPerPacket, downlinkOctets: down * octetsPerPacket };
  }
}

function account(stage: Stage): Tlv {
  const session = stage.session();
  if (session?.kind !== 'Live') throw new Error('there is no session');
  return tlv(radiusAttribute.acctSessionId, acctSessionIdOf(session.durable));
}

/** Lets AAA ask, and waits for the gateway's answer. */
async function ask(
  stage: Stage,
  what: 'change' | 'disconnect',
  attributes: readonly Tlv[],
): Promise<AuthorizationAnswer | undefined> {
  let answer: AuthorizationAnswer | undefined;
  stage.tell((at) =>
    stage.lab.authorization[what](attributes, at, (given) => {
      answer = given;
    }),
  );
  await stage.until(() => answer !== undefined, `the answer to a ${what}`);
  return answer;
}

const kbps = (octets: number, seconds: number): number => Math.round((octets * 8) / 1000 / seconds);

function droppedBothWays(stage: Stage, why: 'rate' | 'filtered'): () => boolean {
  const { forwardingCounters } = stage.lab.gateway.manager;
  return () => (['uplink', 'downlink'] as const).every((way) => forwardingCounters.get(`${way}.dropped.${why}`) > 0);
}

async function underRates(stage: Stage, load: Load): Promise<void> {
  const dropped = droppedBothWays(stage, 'rate');
  const { seconds, uplinkOctets, downlinkOctets } = await load.measure(stage, dropped);
  stage.figures['uplinkKbpsAfter'] = kbps(uplinkOctets, seconds);
  stage.figures['downlinkKbpsAfter'] = kbps(downlinkOctets, seconds);
  for (const [name, octets, limit] of [
    ['uplink', uplinkOctets, uplinkKbps],
    ['downlink', downlinkOctets, downlinkKbps],
  ] as const) {
    const most = limit * 125 * (seconds + burstSeconds) + octetsPerPacket;
    stage.expect(octets > 0 && octets <= most, `${octets} octets passed ${name}, and ${Math.round(most)} may`);
  }
  const { forwardingCounters } = stage.lab.gateway.manager;
  stage.figures['uplinkDroppedByRate'] = forwardingCounters.get('uplink.dropped.rate');
  stage.figures['downlinkDroppedByRate'] = forwardingCounters.get('downlink.dropped.rate');
  stage.expect(forwardingCounters.get('uplink.dropped.rate') > 0, 'nothing was dropped uplink for the rate');
  stage.expect(forwardingCounters.get('downlink.dropped.rate') > 0, 'nothing was dropped downlink for the rate');
}

async function underLists(stage: Stage, load: Load): Promise<void> {
  const { uplinkOctets, downlinkOctets } = await load.measure(stage, droppedBothWays(stage, 'filtered'));
  stage.expect(uplinkOctets + downlinkOctets === 0, 'packets passed a list that lets nothing pass');
  const { forwardingCounters } = stage.lab.gateway.manager;
  stage.figures['uplinkFiltered'] = forwardingCounters.get('uplink.dropped.filtered');
  stage.figures['downlinkFiltered'] = forwardingCounters.get('downlink.dropped.filtered');
  stage.expect(forwardingCounters.get('uplink.dropped.filtered') > 0, 'nothing was filtered uplink');
  stage.expect(forwardingCounters.get('downlink.dropped.filtered') > 0, 'nothing was filtered downlink');
}

/** What the gateway has answered so far. */
function noteAnswers(stage: Stage): void {
  const { counters } = stage.lab.authorization;
  stage.figures['acks'] = counters.get('acks');
  stage.figures['naks'] = counters.get('naks');
}

const coa = (number: number, text: string, after: number): ExpectedStep[] => [
  { number, text: `AAA ${text}`, seenBy: message('aaa', 'CoA-Request', 'samog'), after },
  { number: number + 1, text: 'SaMOG changes the session', seenBy: decided('authorization-changed'), after: number },
  { number: number + 2, text: 'SaMOG acknowledges', seenBy: message('samog', 'CoA-ACK', 'aaa'), after: number + 1 },
];

export const coaQos: Scenario = {
  name: 'coa-qos',
  title: 'AAA changes rates and access lists of a session under traffic, whole or not at all',
  lab: {},
  steps: (lab: Lab) => [
    { number: 1, text: 'the session is up', seenBy: established(lab, 'pmipv6', { eogreFlow: true }) },
    { number: 2, text: 'data flows both ways through the WLC', seenBy: dataBothWays('wlc1'), after: 1 },
    ...coa(3, 'sets an APN-AMBR', 2),
    ...coa(6, 'names a list that lets nothing pass', 5),
    { number: 9, text: 'AAA names a list that is not there', seenBy: message('aaa', 'CoA-Request', 'samog'), after: 8 },
    { number: 10, text: 'SaMOG refuses all of it', seenBy: message('samog', 'CoA-NAK', 'aaa'), after: 9 },
    ...coa(11, 'lifts both', 10),
  ],
  play: async (stage) => {
    await stage.attach(stage.lab.wlc1);
    const load = new Load(stage);
    await stage.until(() => stage.watcher.hasSeen(2), 'data both ways');
    const before = await load.measure(stage);
    stage.figures['uplinkKbpsBefore'] = kbps(before.uplinkOctets, before.seconds);
    stage.figures['downlinkKbpsBefore'] = kbps(before.downlinkOctets, before.seconds);
    const who = account(stage);
    const isAck = (answer: AuthorizationAnswer | undefined, what: string) =>
      stage.expect(answer?.kind === 'ack', `${what} was refused with ${answer?.errorCause}`);
    isAck(await ask(stage, 'change', [who, qos(uplinkKbps, downlinkKbps)]), 'the rate');
    await underRates(stage, load);
    isAck(await ask(stage, 'change', [who, lists('nothing')]), 'the list');
    await underLists(stage, load);
    const refused = await ask(stage, 'change', [who, qos(0, 0), lists('not there')]);
    stage.expect(refused?.errorCause === 407, 'a list that is not there was not refused with 407');
    const session = stage.session();
    stage.expect(session?.kind === 'Live' && session.durable.ambr?.uplinkKbps === uplinkKbps, 'a part of it was done');
    isAck(await ask(stage, 'change', [who, qos(0, 0), lists('everything')]), 'the end of limits');
    noteAnswers(stage);
    await stage.pause(20);
    load.stop();
    await stage.measureTraffic(60);
  },
};

/** In whatever order they arrive: three parties at three sockets. */
function everybodyTold(): Seen {
  const wanted = new Set([
    message('samog', 'PBU lifetime 0', 'lma'),
    message('samog', 'BRI', 'access', 'wlc1'),
    message('samog', 'Disconnect-ACK', 'aaa'),
  ]);
  return (observation) => {
    for (const seen of wanted) if (seen(observation)) wanted.delete(seen);
    return wanted.size === 0;
  };
}

export const disconnect: Scenario = {
  name: 'disconnect',
  title: 'AAA disconnects a session: the LMA and the WLC are told, and what is repeated says that it is gone',
  lab: {},
  steps: (lab: Lab) => [
    { number: 1, text: 'the session is up', seenBy: established(lab, 'pmipv6', { eogreFlow: true }) },
    { number: 2, text: 'the WLC has its PBA', seenBy: pbaTo('wlc1', 0) },
    { number: 3, text: 'AAA disconnects it', seenBy: message('aaa', 'Disconnect-Request', 'samog'), after: 2 },
    { number: 4, text: 'the session ends', seenBy: decided('session-ended'), after: 3 },
    { number: 5, text: 'SaMOG tells the LMA and the WLC, and acknowledges to AAA', seenBy: everybodyTold(), after: 4 },
    { number: 6, text: 'AAA disconnects it again', seenBy: message('aaa', 'Disconnect-Request', 'samog'), after: 5 },
    { number: 7, text: 'SaMOG says that it is gone', seenBy: message('samog', 'Disconnect-NAK', 'aaa'), after: 6 },
    { number: 8, text: 'the UE attaches again', seenBy: established(lab, 'pmipv6', { eogreFlow: true }), after: 7 },
  ],
  play: async (stage) => {
    const { lab, ue } = stage;
    await stage.attach(lab.wlc1);
    const who = account(stage);
    const first = await ask(stage, 'disconnect', [who]);
    stage.expect(first?.kind === 'ack', `the Disconnect was refused with ${first?.errorCause}`);
    await stage.until(() => stage.session() === undefined, 'the end of the session');
    stage.expect(lab.lma.bindings().length === 0, 'the LMA still has its binding');
    stage.expect(lab.wlc1.bindingOf(ue.mac)?.state !== 'registered', 'the WLC still has its binding');
    const second = await ask(stage, 'disconnect', [who]);
    stage.expect(second?.errorCause === 503, 'a second Disconnect was not refused with 503');
    noteAnswers(stage);
    stage.figures['sessionsEnded'] = stage.counter('session.ended.aaa-disconnect');
    ue.leave(now());
    await stage.attach(lab.wlc1);
    await stage.measureTraffic(60);
  },
};
