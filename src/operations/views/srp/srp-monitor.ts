import type { MonitorKind } from '../../../icsr/chassis/state.ts';
import { ageSeconds, durationText, remainingSeconds, tableLines, timeOf } from '../format.ts';
import { shown, type View } from '../view.ts';
import { pairOf } from './pair-of.ts';
import { srpLines, srpTime, yesNo } from './words.ts';

export interface SrpMonitorData {
  readonly monitors: readonly {
    readonly kind: MonitorKind;
    readonly name: string;
    readonly healthy: boolean;
    readonly since: string | null;
    readonly sinceSeconds: number | null;
  }[];
  /** What the monitors ask whether it is alive. */
  readonly targets: readonly {
    readonly kind: string;
    readonly name: string;
    readonly target: string;
    readonly healthy: boolean;
    readonly sent: number;
    readonly answered: number;
    /** Questions in a row that went unanswered. */
    readonly missed: number;
    readonly lastAnswerSeconds: number | null;
  }[];
  /** What the peer says of its own; null if it was not heard. */
  readonly peerHealthy: boolean | null;
  /** The AAA probe causes no switchover until the flag is reset or another cause has switched over. */
  readonly authProbeFail: boolean;
  /** After a switchover a failure acts only when it has lasted for the damping period; null if it acts at once. */
  readonly guardRemainingSeconds: number | null;
  readonly dampingPeriodSeconds: number;
}

export const srpMonitor: View<SrpMonitorData> = {
  words: ['srp', 'monitor'],
  summary: 'what this chassis watches, and whether it is well',
  role: 'view',
  options: [],
  build(source, at) {
    const found = pairOf(source);
    if (!found.ok) return found;
    const { pair, config } = found.value;
    const { monitors, peer, aaaLatched, lastSwitchoverAt } = pair.chassis;
    const guardEnd = lastSwitchoverAt === undefined ? undefined : lastSwitchoverAt + config.chassis.guardPeriodMs;
    return shown({
      monitors: monitors
        .toSorted((a, b) => (`${a.kind} ${a.name}` < `${b.kind} ${b.name}` ? -1 : 1))
        .map(({ kind, name, healthy, since }) => ({
          kind,
          name,
          healthy,
          since: timeOf(since, at),
          sinceSeconds: ageSeconds(since, at),
        })),
      targets: found.value
        .monitors()
        .map(({ monitor, lastAnswerAt, name, target, healthy, sent, answered, missed }) => ({
          kind: monitor,
          name,
          target,
          healthy,
          sent,
          answered,
          missed,
          lastAnswerSeconds: ageSeconds(lastAnswerAt, at),
        })),
      peerHealthy: peer.silent ? null : (peer.hello?.monitorsHealthy ?? null),
      authProbeFail: aaaLatched,
      guardRemainingSeconds: remainingSeconds(guardEnd, at) || null,
      dampingPeriodSeconds: config.chassis.dampingPeriodMs / 1000,
    });
  },
  render: (data) => [
    ...tableLines(
      ['Type', 'Monitor', 'State', 'Since'],
      data.monitors.map(({ kind, name, healthy, since, sinceSeconds }) => [
        kind,
        name,
        healthy ? 'Up' : 'Down',
        srpTime(since, sinceSeconds),
      ]),
    ),
    `Monitors: ${data.monitors.length}`,
    ...tableLines(
      ['Type', 'Target', 'Address', 'State', 'Sent', 'Answered', 'Missed', 'Last Answer'],
      data.targets.map((row) => [
        row.kind,
        row.name,
        row.target,
        row.healthy ? 'Up' : 'Down',
        row.sent,
        row.answered,
        row.missed,
        row.lastAnswerSeconds === null ? 'never' : `${durationText(row.lastAnswerSeconds)} ago`,
      ]),
    ),
    `Targets: ${data.targets.length}`,
    ...srpLines([
      ['Peer Monitors Healthy', data.peerHealthy === null ? 'None' : yesNo(data.peerHealthy)],
      ['Auth-Probe-Fail Flag', data.authProbeFail ? 'Set: reset it with srp reset-auth-probe-fail' : 'Not set'],
      [
        'Guard Period',
        data.guardRemainingSeconds === null
          ? 'Over'
          : `${durationText(data.guardRemainingSeconds)} left; a failure acts after ${data.dampingPeriodSeconds} s`,
      ],
    ]),
  ],
};
