import { cgwService } from '../views/cgw-service.ts';
import { mrmeService } from '../views/mrme-service.ts';
import type { Moment, View, ViewSource } from '../views/view.ts';
import type { AlarmTouches, StandingAlarm } from './alarm.ts';
import { type AlarmName, type AlarmSeverity, alarmKind } from './alarm-catalogue.ts';

/** From this share of `sessions-max` on. */
const nearLimit = 0.9;

/** A receiver may restart. */
const unheardMs = 30_000;

function dataOf<Data>(view: View<Data>, source: ViewSource, at: Moment): Data | undefined {
  const outcome = view.build(source, at, {});
  return outcome.ok ? outcome.data : undefined;
}

/** An alarm of the catalogue; `detail` follows its sentence. */
function standing(
  alarm: AlarmName,
  touches: AlarmTouches,
  { about = null, severity, detail }: { about?: string | null; severity?: AlarmSeverity; detail?: string } = {},
): StandingAlarm {
  const { severities, sentence, seeAlso } = alarmKind(alarm);
  const meaning = detail === undefined ? sentence : `${sentence}: ${detail}`;
  return { alarm, severity: severity ?? severities[0]!, about, meaning, seeAlso, touches };
}

/** Every alarm that stands now, those of the pair first. Costs nothing that grows with sessions. */
export function standingAlarms(source: ViewSource, at: Moment): StandingAlarm[] {
  return [
    ...ofPair(source),
    ...ofAaa(source, at),
    ...ofAccounting(source, at),
    ...ofLmas(source, at),
    ...ofChassis(source),
  ];
}

function ofPair({ redundancy, manager }: ViewSource): StandingAlarm[] {
  const touches = { sessions: manager.registry.size, what: 'sessions of this chassis, should the role move now' };
  return (redundancy?.pair.chassis.alarms ?? []).map((alarm) => standing(alarm, touches));
}

function ofAaa(source: ViewSource, at: Moment): StandingAlarm[] {
  const servers = dataOf(mrmeService, source, at)?.servers ?? [];
  const dead = servers.filter(({ state }) => state === 'dead');
  if (dead.length > 0 && dead.length === servers.length) {
    return [standing('no-aaa-server', { sessions: 0, what: 'UEs that are new, or are to be authorised again' })];
  }
  const touches = { sessions: 0, what: 'no session, while another server answers' };
  return dead.map(({ name }) => standing('aaa-server-dead', touches, { about: name }));
}

/** Over TLS one port has both, and is told of with authentication. */
function ofAccounting(source: ViewSource, at: Moment): StandingAlarm[] {
  const servers = dataOf(mrmeService, source, at)?.accounting.servers ?? [];
  const dead = servers.filter(({ state }) => state === 'dead');
  const severity = dead.length === servers.length ? 'critical' : 'warning';
  const touches = {
    sessions: severity === 'critical' ? source.manager.accounting.status(at.now).owing : 0,
    what: 'sessions whose records wait',
  };
  return dead
    .filter(({ transport }) => transport === 'udp')
    .map(({ name }) => standing('accounting-server-dead', touches, { about: name, severity }));
}

function ofLmas(source: ViewSource, at: Moment): StandingAlarm[] {
  const lmas = dataOf(cgwService, source, at)?.lmas ?? [];
  const sessions = lmas.length === 1 ? source.manager.registry.size : null;
  return lmas
    .filter(({ state }) => state === 'down')
    .map(({ address }) => standing('lma-down', { sessions, what: 'sessions that it anchors' }, { about: address }));
}

function ofChassis(source: ViewSource): StandingAlarm[] {
  const { size, sessionsMax } = source.manager.registry;
  const alarms: StandingAlarm[] = [];
  if (size > nearLimit * sessionsMax) {
    const severity = size >= sessionsMax ? 'critical' : 'warning';
    const detail = `${size} of ${sessionsMax}`;
    alarms.push(standing('sessions-near-limit', { sessions: 0, what: 'UEs that are new' }, { severity, detail }));
  }
  const { unresolved } = source.manager.flows;
  if (unresolved > 0) {
    const touches = { sessions: unresolved, what: 'sessions that name such a list' };
    alarms.push(standing('access-list-missing', touches));
  }
  const missing = source.portsMissing?.() ?? [];
  if (missing.length > 0) {
    const touches = { sessions: null, what: 'sessions whose packets would come there' };
    alarms.push(standing('service-ports-missing', touches, { detail: missing.join('; ') }));
  }
  for (const place of source.instancesDown?.() ?? []) {
    const touches = { sessions: null, what: 'sessions of that instance' };
    alarms.push(standing('session-manager-down', touches, { about: `instance ${place}` }));
  }
  for (const [name, detail] of source.forwarding.status().missing) {
    const touches = { sessions: null, what: 'sessions that are served by it' };
    alarms.push(standing('fast-path-interface-missing', touches, { about: name, detail }));
  }
  const unaudited = source.audit?.changes.failing ?? null;
  if (unaudited !== null) {
    alarms.push(standing('audit-not-written', { sessions: 0, what: 'no session' }, { detail: unaudited }));
  }
  alarms.push(...ofConfiguration(source));
  const recovery = source.recovery();
  if (recovery?.store.failing !== undefined) {
    const sessions = recovery.writer?.waiting ?? null;
    const touches = { sessions, what: 'sessions that a restart would lose, or bring back as they were before' };
    alarms.push(standing('recovery-failing', touches, { detail: recovery.store.failing.text }));
  }
  for (const { name, failing, failingMs } of source.notifications?.sinks() ?? []) {
    if (failing === null || (failingMs ?? 0) < unheardMs) continue;
    alarms.push(
      standing('notifications-failing', { sessions: 0, what: 'no session' }, { about: name, detail: failing }),
    );
  }
  return alarms;
}

function ofConfiguration({ configuration }: ViewSource): StandingAlarm[] {
  const { unconfirmed = null, awaitsRestart = [] } = configuration?.status() ?? {};
  const touches = { sessions: 0, what: 'no session' };
  const alarms: StandingAlarm[] = [];
  if (unconfirmed !== null) {
    const detail = `that of ${unconfirmed.who}, at ${unconfirmed.until}`;
    alarms.push(standing('configuration-unconfirmed', touches, { detail }));
  }
  if (awaitsRestart.length > 0) {
    const [first] = awaitsRestart;
    const detail = awaitsRestart.length === 1 ? first! : `${first} and ${awaitsRestart.length - 1} more`;
    alarms.push(standing('configuration-awaits-restart', touches, { detail }));
  }
  return alarms;
}
