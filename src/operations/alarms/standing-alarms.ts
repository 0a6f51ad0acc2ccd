import { cgwService } from '../views/cgw-service.ts';
import { mrmeService } from '../views/mrme-service.ts';
import { alarmSentences } from '../views/srp/words.ts';
import type { Moment, View, ViewSource } from '../views/view.ts';

/** Something that is wrong now. It stands as long as it is so, and then is gone by itself. */
export interface StandingAlarm {
  /** A stable name. */
  readonly alarm: string;
  /** `critical`: UEs are refused, or would be lost. `warning`: what is left may not be enough. */
  readonly severity: 'critical' | 'warning';
  /** What it is about, such as a server; null if it is the chassis as a whole. */
  readonly about: string | null;
  readonly meaning: string;
  /** The command that tells more. */
  readonly seeAlso: string;
}

/** From this share of `sessions-max` on. */
const nearLimit = 0.9;

function dataOf<Data>(view: View<Data>, source: ViewSource, at: Moment): Data | undefined {
  const outcome = view.build(source, at, {});
  return outcome.ok ? outcome.data : undefined;
}

/** Every alarm that stands now, those of the pair first. Costs nothing that grows with sessions. */
export function standingAlarms(source: ViewSource, at: Moment): StandingAlarm[] {
  return [...ofPair(source), ...ofAaa(source, at), ...ofLmas(source, at), ...ofChassis(source)];
}

function ofPair({ redundancy }: ViewSource): StandingAlarm[] {
  return (redundancy?.pair.chassis.alarms ?? []).map((alarm) => ({
    alarm,
    severity: 'warning',
    about: null,
    meaning: alarmSentences[alarm],
    seeAlso: 'show srp info',
  }));
}

function ofAaa(source: ViewSource, at: Moment): StandingAlarm[] {
  const servers = dataOf(mrmeService, source, at)?.servers ?? [];
  const dead = servers.filter(({ state }) => state === 'dead');
  const seeAlso = 'show mrme-service';
  if (dead.length > 0 && dead.length === servers.length) {
    const meaning = 'no RADIUS server answers: nobody new can attach';
    return [{ alarm: 'no-aaa-server', severity: 'critical', about: null, meaning, seeAlso }];
  }
  return dead.map(({ name }) => ({
    alarm: 'aaa-server-dead',
    severity: 'warning',
    about: name,
    meaning: 'the RADIUS server does not answer, and is passed over',
    seeAlso,
  }));
}

function ofLmas(source: ViewSource, at: Moment): StandingAlarm[] {
  return (dataOf(cgwService, source, at)?.lmas ?? [])
    .filter(({ state }) => state === 'down')
    .map(({ address }) => ({
      alarm: 'lma-down',
      severity: 'critical',
      about: address,
      meaning: 'the LMA has missed its heartbeats',
      seeAlso: 'show cgw-service',
    }));
}

function ofChassis(source: ViewSource): StandingAlarm[] {
  const { size, sessionsMax } = source.manager.registry;
  const alarms: StandingAlarm[] = [];
  if (size > nearLimit * sessionsMax) {
    const meaning = `${size} of ${sessionsMax} sessions that there may be`;
    alarms.push({
      alarm: 'sessions-near-limit',
      severity: size >= sessionsMax ? 'critical' : 'warning',
      about: null,
      meaning,
      seeAlso: 'show samog-service',
    });
  }
  const unaudited = source.audit?.changes.failing ?? null;
  if (unaudited !== null) {
    alarms.push({
      alarm: 'audit-not-written',
      severity: 'warning',
      about: null,
      meaning: `who does what cannot be written to disk: ${unaudited}`,
      seeAlso: 'show audit',
    });
  }
  const failing = source.recovery()?.store.failing;
  if (failing !== undefined) {
    alarms.push({
      alarm: 'recovery-failing',
      severity: 'warning',
      about: null,
      meaning: `sessions cannot be written to disk: ${failing.text}`,
      seeAlso: 'show session recovery status',
    });
  }
  return alarms;
}
