/** User octets, as the gateway counts them for accounting. */
export interface Octets {
  readonly uplink: number;
  readonly downlink: number;
}

/** A handover of a UE, and the active chassis killed in the moment in which it had replied to it. */
export interface InterruptedHandover {
  readonly from: string;
  readonly to: string;
  readonly trigger: 'data' | 'dhcp-request';
  /** From the UE's first packet at its new access point to the kill. */
  readonly killedAfterMs: number;
  /** The next chassis sent the UE its packets on the new path before the UE had sent anything again. */
  readonly pathKept: boolean;
}

/** What one switchover, or all of a scenario together, did to the sessions and to their traffic. */
export interface SwitchoverEffects {
  readonly sessionsBefore: number;
  readonly sessionsAfter: number;
  /** Sessions that are not there any more, or with another identifier or address. */
  readonly sessionsLost: number;
  /** Requests that the AAA server counted since the switchover began, good or bad; those for a sign of life apart. */
  readonly aaaRequestsCaused: number;
  /** PBUs that the LMA has received since. */
  readonly pbusCaused: number;
  /** Packets that never arrived; of all UEs with traffic. */
  readonly uplinkLost: number;
  readonly downlinkLost: number;
  /** The longest time without an arrival, of the UE and the direction that it was worst for. */
  readonly interruptionMs: number;
  /** The longest time in which the sender itself sent nothing: part of the interruption. */
  readonly senderPauseMs: number;
  /** What the gateway had counted of the UEs with traffic since they attached, before and after; and what was sent. */
  readonly octetsBefore: Octets;
  readonly octetsAfter: Octets;
  readonly octetsSent: Octets;
}

export interface MeasuredSwitchover extends SwitchoverEffects {
  readonly kind: 'planned' | 'kill -9';
  readonly from: string;
  readonly to: string;
  /** From the command or the kill until the other chassis says that it serves. */
  readonly tookMs: number;
  /** From the start of the killed chassis until it is a standby that holds every session; null if it was not killed. */
  readonly readyAgainMs: number | null;
  readonly handover: InterruptedHandover | null;
}

/** A UE that was intercepted, and what came of it at the delivery function. */
export interface InterceptedUe {
  /** Whether the target was provisioned before the UE came, or with its session up. */
  readonly provisioned: 'before the session' | 'during the session';
  readonly events: readonly string[];
  /** User octets that were copied, and those that the gateway has counted of the UE since. */
  readonly mirrored: Octets;
  readonly used: Octets;
  /** Copies that never came, by their numbers, and PDUs that came twice. */
  readonly missing: number;
  readonly repeated: number;
}

/** A standby that was ended as operators do and started again, be it as another release, under traffic. */
export interface MeasuredRestart
  extends Pick<
    SwitchoverEffects,
    'sessionsBefore' | 'sessionsAfter' | 'uplinkLost' | 'downlinkLost' | 'interruptionMs'
  > {
  readonly chassis: string;
  readonly release: Release;
  /** From its start until it is a standby that holds every session. */
  readonly readyAfterMs: number;
  /** What it has told of its store and of alarms since, in its own words, oldest first. */
  readonly told: readonly string[];
}

/** The one that this is, or the one that the pair began as. */
export type Release = 'present' | 'former';

/** What happens to the pair in a round of chaos; `astray` is a link cut one way. */
export const chaosFaults = ['kill -9', 'SIGSTOP', 'link cut', 'astray', 'switchover'] as const;
export type ChaosFault = (typeof chaosFaults)[number];

/** A round of chaos: what happened, and what it did. AAA was asked for those alone who were there before. */
export interface ChaosRound extends SwitchoverEffects {
  readonly round: number;
  readonly fault: ChaosFault;
  /** On which chassis; null where it concerns both. */
  readonly on: 'active' | 'standby' | null;
  readonly activeBefore: string;
  readonly activeAfter: string;
  /** UEs that came meanwhile. */
  readonly attached: number;
  /** From when what was wrong was right again until one served, and the other was ready with every session. */
  readonly settledMs: number;
}

export interface PairResult extends SwitchoverEffects {
  /** Where UEs were intercepted. */
  readonly intercepted?: readonly InterceptedUe[];
  /** Where chassis were started again as another release. */
  readonly restarts?: readonly MeasuredRestart[];
  /** Of chaos, with the seed that drew them. */
  readonly seed?: number;
  readonly rounds?: readonly ChaosRound[];
  readonly scenario: string;
  readonly passed: boolean;
  readonly switchovers: readonly MeasuredSwitchover[];
  /** What was not as expected, one sentence each. */
  readonly failures: readonly string[];
}

export const noOctets: Octets = { uplink: 0, downlink: 0 };

/**
 * All switchovers of a scenario as one: what was before the first, what after the last, and what happened in between.
 *
 * @param asked what the AAA server and the LMA were asked for from the first one's begin until the end
 */
export function effectsOfAll(
  switchovers: readonly SwitchoverEffects[],
  asked: Pick<SwitchoverEffects, 'aaaRequestsCaused' | 'pbusCaused'>,
): SwitchoverEffects {
  const first = switchovers[0];
  const last = switchovers.at(-1);
  const sum = (of: (switchover: SwitchoverEffects) => number): number =>
    switchovers.reduce((total, switchover) => total + of(switchover), 0);
  const most = (of: (switchover: SwitchoverEffects) => number): number => Math.max(0, ...switchovers.map(of));
  return {
    sessionsBefore: first?.sessionsBefore ?? 0,
    sessionsAfter: last?.sessionsAfter ?? 0,
    sessionsLost: sum(({ sessionsLost }) => sessionsLost),
    ...asked,
    uplinkLost: sum(({ uplinkLost }) => uplinkLost),
    downlinkLost: sum(({ downlinkLost }) => downlinkLost),
    interruptionMs: most(({ interruptionMs }) => interruptionMs),
    senderPauseMs: most(({ senderPauseMs }) => senderPauseMs),
    octetsBefore: first?.octetsBefore ?? noOctets,
    octetsAfter: last?.octetsAfter ?? noOctets,
    octetsSent: last?.octetsSent ?? noOctets,
  };
}

/** A result for people. */
export function pairResultLines(title: string, result: PairResult): string[] {
  const verdict = result.passed ? 'passed' : 'failed';
  return [
    title,
    ...result.switchovers.flatMap(switchoverLines),
    ...(result.switchovers.length > 1 ? ['  altogether', ...effectLines(result)] : []),
    ...(result.rounds ?? []).flatMap(roundLines),
    ...(result.rounds === undefined ? [] : [`  altogether, seed ${result.seed}`, ...effectLines(result)]),
    ...(result.restarts ?? []).flatMap(restartLines),
    ...(result.intercepted ?? []).map(interceptedLine),
    ...result.failures.map((failure) => `  FAILED: ${failure}`),
    `${result.scenario}: ${verdict}`,
  ];
}

function roundLines(measured: ChaosRound): string[] {
  const { round, fault, on, activeBefore, activeAfter, attached, settledMs } = measured;
  return [
    `  ${round}: ${fault}${on === null ? '' : ` of the ${on}`}; ${activeBefore} served before, ${activeAfter} after; ` +
      `settled ${settledMs} ms after all was well, ${attached} UEs came`,
    ...effectLines(measured),
  ];
}

function restartLines(restart: MeasuredRestart): string[] {
  const { chassis, release, readyAfterMs, sessionsBefore, sessionsAfter, uplinkLost, downlinkLost } = restart;
  return [
    `  ${chassis} started as the ${release} release, ready after ${readyAfterMs} ms: ` +
      `sessions ${sessionsBefore} before, ${sessionsAfter} after; packets lost: ${uplinkLost} up, ${downlinkLost} down`,
    ...restart.told.map((text) => `    it told: ${text}`),
  ];
}

function interceptedLine({ provisioned, events, mirrored, used, missing, repeated }: InterceptedUe): string {
  const octets = ({ uplink, downlink }: Octets): string => `${uplink} up, ${downlink} down`;
  return `  intercepted, provisioned ${provisioned}: ${octets(mirrored)} copied of ${octets(used)}, ${missing} missing, ${repeated} twice; ${events.join(', ')}`;
}

function switchoverLines(switchover: MeasuredSwitchover): string[] {
  const { kind, from, to, tookMs, readyAgainMs, handover } = switchover;
  return [
    `  ${from} → ${to}, ${kind}: serves after ${tookMs} ms`,
    ...(handover === null ? [] : handoverLines(handover)),
    ...effectLines(switchover),
    ...(readyAgainMs === null ? [] : [`    ${from} was started again, and was ready after ${readyAgainMs} ms`]),
  ];
}

function handoverLines({ from, to, trigger, killedAfterMs, pathKept }: InterruptedHandover): string[] {
  return [
    `    killed ${killedAfterMs} ms after a UE had come from ${from} to ${to} (${trigger}): ` +
      `its new path was ${pathKept ? 'kept' : 'lost'}`,
  ];
}

function effectLines(effects: SwitchoverEffects): string[] {
  const { sessionsBefore, sessionsAfter, sessionsLost, aaaRequestsCaused, pbusCaused } = effects;
  const { uplinkLost, downlinkLost, interruptionMs, senderPauseMs } = effects;
  const { octetsBefore, octetsAfter, octetsSent } = effects;
  const octets = ({ uplink, downlink }: Octets): string => `${uplink} up, ${downlink} down`;
  return [
    `    sessions: ${sessionsBefore} before, ${sessionsAfter} after, ${sessionsLost} lost`,
    `    asked for again: AAA server ${aaaRequestsCaused} times, LMA ${pbusCaused} times`,
    `    packets lost: ${uplinkLost} up, ${downlinkLost} down; interruption ${interruptionMs} ms ` +
      `(longest pause of the sender itself: ${senderPauseMs} ms)`,
    `    octets counted: ${octets(octetsBefore)} before; ${octets(octetsAfter)} after; sent ${octets(octetsSent)}`,
  ];
}
