import type { Alarm as PairAlarm } from '../../icsr/chassis/alarm.ts';
import { alarmSentences } from './pair-alarms.ts';

/** `critical`: UEs are refused, or would be lost. `warning`: what is left may not be enough. */
export const alarmSeverities = ['critical', 'warning'] as const;
export type AlarmSeverity = (typeof alarmSeverities)[number];

/** What an alarm is, whoever or whatever it is about. */
export interface AlarmKind {
  /** Those it may have, the usual one first. */
  readonly severities: readonly AlarmSeverity[];
  /** What it means, without a full stop. */
  readonly sentence: string;
  /** What to do, for whoever has to act; one paragraph. */
  readonly advice: string;
  /** The command that tells more. */
  readonly seeAlso: string;
}

function ofPair(alarm: PairAlarm, advice: string): AlarmKind {
  return { severities: ['warning'], sentence: alarmSentences[alarm], advice, seeAlso: 'show srp info' };
}

/** Every alarm that there is. The names are stable: runbooks, traps and receivers of webhooks go by them. */
export const alarmKinds = {
  'peer-silent': ofPair(
    'peer-silent',
    'Look at the peer first: does its process run, is its machine overloaded? Then at the link between the two: `show srp statistics` ' +
      'has what it refuses, and why. Do not restart the chassis that has the sessions.',
  ),
  'clock-skew': ofPair('clock-skew', 'Let both chassis use NTP. Sessions do not mind, timestamps of PBUs do.'),
  'configuration-differs': ofPair(
    'configuration-differs',
    '`srp validate-configuration` names the lines. Make them equal, restart the standby, switch over, restart the other.',
  ),
  'same-mode': ofPair(
    'same-mode',
    'Make one chassis `primary` and the other `backup`. Until then there is no planned switchover.',
  ),
  'promotion-slow': ofPair(
    'promotion-slow',
    '`show srp call-loss statistics` has the stages that are over: the one that follows is slow. In `commit` it ends by itself; in ' +
      '`announce` the service addresses could not be taken.',
  ),
  'promotion-failed': ofPair(
    'promotion-failed',
    '`show srp call-loss statistics` names the stage and why. The chassis serves all the same; what it cost is there, too.',
  ),
  'standby-not-ready': ofPair(
    'standby-not-ready',
    'A switchover now would lose what the standby does not hold. `show srp checkpoint statistics verbose` tells whether the lag grows: ' +
      'then the link or the machine of the standby is too slow.',
  ),
  'older-store': ofPair(
    'older-store',
    'Start the peer: whichever of the two served last goes on. Until `limits.older-store` is over nobody is served here; then this chassis ' +
      'serves what it has, and what the peer has served since is lost. `show srp info` has the time that is left. If the peer is not to come ' +
      'back, `srp serve-alone` cuts it short.',
  ),
  'no-aaa-server': {
    severities: ['critical'],
    sentence: 'no RADIUS server answers: nobody new can attach',
    advice:
      'Sessions that are up go on. Look whether the servers run and the network to them does; a server that drops silently has another ' +
      'secret, or does not know this gateway as a client.',
    seeAlso: 'show mrme-service',
  },
  'aaa-server-dead': {
    severities: ['warning'],
    sentence: 'the RADIUS server does not answer, and is passed over',
    advice:
      'The others take what it would have been asked. It is asked every 10 s whether it is back. A server that never answers ' +
      'Status-Server is tried again after `dead-time`.',
    seeAlso: 'show mrme-service',
  },
  'accounting-server-dead': {
    severities: ['warning', 'critical'],
    sentence: 'the accounting port of the RADIUS server does not answer, and is passed over',
    advice:
      'The others take what it would have been told. Where none is left it is critical: sessions go on, and their records wait on disk or at the ' +
      'standby until one answers (`show radius accounting`). Authentication is a port of its own, and may answer all the while.',
    seeAlso: 'show mrme-service',
  },
  'lma-down': {
    severities: ['critical'],
    sentence: 'the LMA has missed its heartbeats',
    advice:
      'Sessions that it anchors stay until their bindings run out, and nobody new can be anchored there. UDP 5436 must be open both ways.',
    seeAlso: 'show cgw-service',
  },
  'sessions-near-limit': {
    severities: ['warning', 'critical'],
    sentence: 'there are almost as many sessions as there may be',
    advice:
      'Beyond `samog-service.sessions-max` nobody can attach; at it the alarm is critical. Raise it if the machine has the memory: ' +
      'docs/benchmarks.md has what a session needs.',
    seeAlso: 'show samog-service',
  },
  'access-list-missing': {
    severities: ['critical'],
    sentence: 'sessions name access lists that this chassis does not have: nothing of them passes that way',
    advice:
      'The lists were taken out of `access-lists` while sessions named them, or the peer of the pair has them and this chassis has not: make the ' +
      'two alike (`srp validate-configuration` names the lines). A list that is added takes effect at once on the sessions that name it. On a standby ' +
      '`show srp micro-checkpoint statistics debug-info` counts the checkpoints (CMD-ID 83) that it refused for it.',
    seeAlso: 'show subscribers full',
  },
  'service-ports-missing': {
    severities: ['critical'],
    sentence: 'sockets of the service addresses cannot be opened',
    advice:
      'EADDRINUSE: another process has the port: `ss -lnup` names it, end it. EMFILE: raise `LimitNOFILE` of the unit. It is tried again, at ' +
      'most 10 s apart. Meanwhile a standby that has them takes the role, and this chassis is not switched over to as planned.',
    seeAlso: 'show srp monitor',
  },
  'session-manager-down': {
    severities: ['critical'],
    sentence: 'the thread of the session manager instance has ended, and its sessions are not served yet',
    advice:
      'Another thread takes its place within a second, and the alarm is over. If it stands, or comes again and again: `show crash list` ' +
      'has the reasons, which are worth a report; on a pair the peer takes the role.',
    seeAlso: 'show crash list',
  },
  'fast-path-interface-missing': {
    severities: ['warning'],
    sentence: 'an interface that the fast path forwards by is not there',
    advice:
      'What comes by it is forwarded by the gateway itself once it is back, until the program is on it again: within a second. If it is to stay ' +
      'away, take it out of `fast-path.interfaces`.',
    seeAlso: 'show forwarding',
  },
  'audit-not-written': {
    severities: ['warning'],
    sentence: 'who does what cannot be written to disk',
    advice:
      'The disk is full or gone, or the folder may not be written to. The missing lines are written when that is over.',
    seeAlso: 'show audit',
  },
  'configuration-unconfirmed': {
    severities: ['warning'],
    sentence: 'a commit goes back by itself unless it is confirmed',
    advice:
      '`configure confirm` keeps it, `configure cancel` takes it back at once. A restart of the gateway takes it back, too. ' +
      '`show configuration` tells whose it is and until when.',
    seeAlso: 'show configuration',
  },
  'configuration-awaits-restart': {
    severities: ['warning'],
    sentence: 'settings are committed that wait for the next start',
    advice:
      '`show configuration` names them. On a pair restart the standby, switch over, restart the other; alone, with a `recovery` section, ' +
      'sessions come back after the restart.',
    seeAlso: 'show configuration',
  },
  'recovery-failing': {
    severities: ['warning'],
    sentence: 'sessions cannot be written to disk',
    advice:
      'The disk is full or gone. The service goes on; a restart now would lose the sessions that have changed since. It is tried again ' +
      'until they are written.',
    seeAlso: 'show session recovery status',
  },
  'notifications-failing': {
    severities: ['warning'],
    sentence: 'a receiver of notifications cannot be told anything',
    advice:
      'What it would have been told waits, up to 1,000; then the oldest makes room. It is tried again every minute at least. By UDP ' +
      'nobody knows whether anything arrives.',
    seeAlso: 'show notifications',
  },
  'threshold-crossed': {
    severities: ['warning', 'critical'],
    sentence: 'a metric is beyond a limit of the configuration',
    advice:
      'What it is about is the threshold that `thresholds` has, and the series. docs/reference/metrics.md says what the metric is; whoever ' +
      'wrote the threshold knows what to do.',
    seeAlso: 'show alarms',
  },
} as const satisfies Readonly<Record<string, AlarmKind>>;

export type AlarmName = keyof typeof alarmKinds;

/** In the order of the catalogue. */
export const alarmNames = Object.keys(alarmKinds) as readonly AlarmName[];

/** What the catalogue says of an alarm. */
export function alarmKind(alarm: AlarmName): AlarmKind {
  return alarmKinds[alarm];
}

/** Where the generated reference tells of it. */
export function alarmRunbook(alarm: AlarmName): string {
  return `docs/reference/events.md#${alarm}`;
}
