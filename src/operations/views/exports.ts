import { type ExportFormat, type ExportRun, exportsMax } from '../export/export-run.ts';
import { ageSeconds, durationText, tableLines, timeOf } from './format.ts';
import { type Moment, refuse, shown, type View } from './view.ts';

export interface ExportsData {
  readonly exports: readonly {
    /** By which it is cancelled. */
    readonly number: number;
    readonly state: ExportRun['state'];
    readonly who: string;
    readonly format: ExportFormat;
    readonly which: Readonly<Record<string, string>>;
    readonly looked: number;
    readonly total: number;
    readonly rows: number;
    readonly octets: number;
    readonly begun: string | null;
    readonly ageSeconds: number | null;
    /** How long it took, or has taken so far. */
    readonly seconds: number;
  }[];
  /** How many may be under way. */
  readonly most: number;
}

/** The exports of this start as data; times in RFC 3339. */
export function exportsData(runs: readonly ExportRun[], at: Moment): ExportsData {
  return {
    exports: runs.map(({ begunAt, endedAt, number, state, who, format, which, looked, total, rows, octets }) => ({
      ...{ number, state, who, format, which, looked, total, rows, octets },
      begun: timeOf(begunAt, at),
      ageSeconds: ageSeconds(begunAt, at),
      seconds: Math.max(0, Math.round((endedAt ?? at.now) - begunAt) / 1000),
    })),
    most: exportsMax,
  };
}

/** Who takes all subscribers away as a file, and how far that is. */
export const exports: View<ExportsData> = {
  words: ['exports'],
  summary: 'exports of subscribers: those under way with how far they are, and the last ones',
  role: 'view',
  options: [],
  build({ management }, at) {
    if (management === undefined) return refuse('refused', 'nothing is managed here', 'ask a gateway that runs');
    return shown(exportsData(management.exports, at));
  },
  render: ({ exports: runs, most }) => [
    ...(runs.length === 0
      ? ['No export since the start']
      : tableLines(
          ['No', 'State', 'Who', 'Format', 'Looked At', 'Of', 'Rows', 'Octets', 'Took', 'Which'],
          runs.map((run) => [
            ...[run.number, run.state, run.who, run.format, run.looked, run.total, run.rows, run.octets],
            durationText(run.seconds),
            Object.entries(run.which)
              .map(([name, value]) => `${name} ${value}`)
              .join(' ') || 'all',
          ]),
        )),
    `At most ${most} at a time`,
  ],
};
