import { durationText } from '../views/format.ts';
import { stateWords } from '../views/srp/words.ts';
import type { Moment, ViewSource } from '../views/view.ts';

/** Something that was different before. */
export interface Change {
  readonly time: string;
  readonly ageSeconds: number;
  readonly what: string;
}

const hourMs = 3_600_000;
/** Of alarms that are over. */
const clearedMax = 50;
/** So many are shown; who flaps is told of no more often. */
const changesMax = 50;

interface Happened {
  readonly agoMs: number;
  readonly what: string;
}

/** What has changed in the last hour, newest first: transitions of the pair, alarms that came and went, commits, a start. */
export function changesOf(source: ViewSource, at: Moment): Change[] {
  return [...transitions(source, at), ...alarms(source, at), ...commits(source, at), ...start(source, at)]
    .filter(({ agoMs }) => agoMs < hourMs)
    .sort((a, b) => a.agoMs - b.agoMs)
    .slice(0, changesMax)
    .map(({ agoMs, what }) => ({
      time: new Date(Math.round(at.wallClock - agoMs)).toISOString(),
      ageSeconds: Math.max(0, Math.floor(agoMs / 1000)),
      what,
    }));
}

function transitions({ redundancy }: ViewSource, at: Moment): Happened[] {
  return (redundancy?.pair.chassis.history ?? []).map(({ wallClock, from, to, reason, term }) => ({
    agoMs: at.wallClock - wallClock,
    what: `${stateWords[from]} → ${stateWords[to]}, because: ${reason} (term ${term})`,
  }));
}

function alarms({ alarms: reader }: ViewSource, { now }: Moment): Happened[] {
  return [...(reader?.standing() ?? []), ...(reader?.cleared(clearedMax) ?? [])].flatMap(
    ({ alarm, about, meaning, raisedAt, clearedAt }) => {
      const name = `alarm ${alarm}${about === null ? '' : ` of ${about}`}`;
      const raised = { agoMs: now - raisedAt, what: `${name}: ${meaning}` };
      if (clearedAt === undefined) return [raised];
      const lasted = durationText(Math.round((clearedAt - raisedAt) / 1000));
      return [raised, { agoMs: now - clearedAt, what: `${name} is over, after ${lasted}` }];
    },
  );
}

function commits({ configuration }: ViewSource, { wallClock }: Moment): Happened[] {
  return (configuration?.history().versions ?? [])
    .filter(({ kind }) => kind !== 'found')
    .map(({ number, kind, who, at, comment }) => ({
      agoMs: wallClock - Date.parse(at),
      what:
        kind === 'edited'
          ? `configuration ${number}: its file was edited beside the gateway`
          : `configuration ${number} committed by ${who ?? 'nobody known'}${comment === null ? '' : `: ${comment}`}`,
    }));
}

function start({ config, startedAt }: ViewSource, { now }: Moment): Happened[] {
  return [{ agoMs: now - startedAt, what: `${config.chassis.name} was started` }];
}
