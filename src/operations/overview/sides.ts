import type { AlarmName } from '../alarms/alarm-catalogue.ts';
import { ratesOver } from '../history/rates.ts';
import { alarmsNow } from '../views/alarms.ts';
import { cgwService } from '../views/cgw-service.ts';
import { mrmeService } from '../views/mrme-service.ts';
import type { Moment, View, ViewSource } from '../views/view.ts';
import { countText } from './sentence.ts';

export const sideNames = ['access', 'aaa', 'lma', 'gateway', 'pair'] as const;

/** Which of those that a session needs is at fault, and by what that is seen. */
export interface Side {
  readonly side: (typeof sideNames)[number];
  /** `unknown`: nothing has been heard that would tell. */
  readonly verdict: 'good' | 'warning' | 'critical' | 'unknown';
  readonly evidence: string;
  /** The command that tells more. */
  readonly seeAlso: string;
}

const minuteMs = 60_000;
/** A packet that waits longer for the event loop is felt. */
const stallLimitMs = 20;

function dataOf<Data>(view: View<Data>, source: ViewSource, at: Moment): Data {
  const outcome = view.build(source, at, {});
  if (!outcome.ok) throw new Error(outcome.refusal.what);
  return outcome.data;
}

/** A light for each of those that a session needs. Costs nothing that grows with sessions. */
export function sidesOf(source: ViewSource, at: Moment): Side[] {
  const pair = ofPair(source, at);
  return [ofAccess(source), ofAaa(source, at), ofLmas(source, at), ofGateway(source, at), ...(pair ? [pair] : [])];
}

/** `1 packet`, `2 packets`; in the last minute. */
function counted(rate: number, one: string, many: string): string {
  const count = Math.round(rate * 60);
  return `${countText(count)} ${count === 1 ? one : many} in the last minute`;
}

function ofAccess({ history, manager }: ViewSource): Side {
  const rates = history && ratesOver(history, minuteMs);
  const about = { side: 'access', seeAlso: 'show twan-profile' } as const;
  if (rates !== undefined && rates.unknownAccessPackets > 0) {
    const packets = counted(rates.unknownAccessPackets, 'packet', 'packets');
    return { ...about, verdict: 'warning', evidence: `${packets} from access nodes that no TWAN profile knows` };
  }
  if (rates !== undefined && rates.uplinkPackets > 0) {
    return { ...about, verdict: 'good', evidence: `${counted(rates.uplinkPackets, 'packet', 'packets')} from UEs` };
  }
  const isIdle = manager.registry.size === 0;
  return {
    ...about,
    verdict: isIdle ? 'unknown' : 'warning',
    evidence: isIdle
      ? 'no session, and nothing comes'
      : 'sessions are there, and no UE has sent a packet in the last minute',
  };
}

function ofAaa(source: ViewSource, at: Moment): Side {
  const { servers } = dataOf(mrmeService, source, at);
  const dead = servers.filter(({ state }) => state === 'dead');
  const rates = source.history && ratesOver(source.history, minuteMs);
  const timeouts =
    rates === undefined || rates.aaaTimeouts === 0 ? '' : `, ${counted(rates.aaaTimeouts, 'time-out', 'time-outs')}`;
  const heard = servers.some(({ lastResponseSeconds }) => lastResponseSeconds !== null);
  const about = { side: 'aaa', seeAlso: 'show mrme-service' } as const;
  if (dead.length > 0) {
    const names = dead.map(({ name }) => name).join(', ');
    const verdict = dead.length === servers.length ? 'critical' : 'warning';
    return { ...about, verdict, evidence: `${dead.length} of ${servers.length} servers dead: ${names}${timeouts}` };
  }
  if (timeouts !== '') return { ...about, verdict: 'warning', evidence: `all servers are used${timeouts}` };
  if (!heard) return { ...about, verdict: 'unknown', evidence: 'no server has been asked yet' };
  return { ...about, verdict: 'good', evidence: `${servers.length} of ${servers.length} servers answer` };
}

function ofLmas(source: ViewSource, at: Moment): Side {
  const { lmas } = dataOf(cgwService, source, at);
  const down = lmas.filter(({ state }) => state === 'down');
  const up = lmas.filter(({ state }) => state === 'up');
  const about = { side: 'lma', seeAlso: 'show cgw-service' } as const;
  if (down.length > 0) {
    const names = down.map(({ address }) => address).join(', ');
    return { ...about, verdict: 'critical', evidence: `${down.length} of ${lmas.length} LMAs down: ${names}` };
  }
  if (up.length === 0) return { ...about, verdict: 'unknown', evidence: 'no LMA has been heard yet' };
  return { ...about, verdict: 'good', evidence: `${up.length} of ${lmas.length} LMAs answer heartbeats` };
}

/** Alarms that are about others are told by their sides. */
const alarmsOfOthers: readonly AlarmName[] = ['no-aaa-server', 'aaa-server-dead', 'lma-down'];

function ofGateway(source: ViewSource, at: Moment): Side {
  const { stall } = source.host();
  const pairAlarms: readonly string[] = source.redundancy?.pair.chassis.alarms ?? [];
  const own = alarmsNow(source, at).find(({ alarm }) => !alarmsOfOthers.includes(alarm) && !pairAlarms.includes(alarm));
  const about = { side: 'gateway', seeAlso: own?.seeAlso ?? 'show sockets' } as const;
  if (own !== undefined) return { ...about, verdict: own.severity, evidence: own.meaning };
  const { size, sessionsMax } = source.manager.registry;
  const evidence = `${countText(size)} of ${countText(sessionsMax)} sessions; 99 of 100 packets wait at most ${stall.percentile99Ms.toFixed(1)} ms for the event loop`;
  return { ...about, verdict: stall.percentile99Ms > stallLimitMs ? 'warning' : 'good', evidence };
}

function ofPair({ redundancy }: ViewSource, { now }: Moment): Side | undefined {
  if (redundancy === undefined) return undefined;
  const { chassis, serves } = redundancy.pair;
  const about = { side: 'pair', seeAlso: 'show srp info' } as const;
  if (chassis.peer.silent || chassis.peer.hello === undefined) {
    return { ...about, verdict: 'critical', evidence: 'the peer is not heard: a fault here would end all sessions' };
  }
  const isReady = serves ? chassis.peer.hello.ready : chassis.synchronisation.ready;
  const unprotected = redundancy.pair.replication(now).sender?.unprotectedSessions ?? 0;
  if (!isReady) return { ...about, verdict: 'warning', evidence: 'the standby does not hold all sessions' };
  return { ...about, verdict: 'good', evidence: `the standby is ready; sessions unprotected: ${unprotected}` };
}
