import { describe, expect, it } from 'vitest';
import { pairSource } from '../../../tests/operations/pair-source.ts';
import { emptySource, moment, withManager } from '../../../tests/operations/view-source.ts';
import { healthOf } from '../health.ts';
import type { ViewSource } from '../views/view.ts';
import { standingAlarms } from './standing-alarms.ts';

const names = (source: ViewSource): string[] =>
  standingAlarms(source, moment).map(({ alarm, severity, about }) =>
    [alarm, severity, about].filter(Boolean).join(' '),
  );

function withDeadServers(dead: readonly string[]): ViewSource {
  const source = emptySource();
  const status = source.manager.aaa.status(moment.now);
  const servers = status.authentication.servers.map((server) =>
    dead.includes(server.name) ? { ...server, state: 'dead' as const } : server,
  );
  const authentication = { ...status.authentication, servers };
  return withManager(source, { aaa: { status: () => ({ ...status, authentication }) } });
}

function withDeadAccounting(...dead: readonly string[]): ViewSource {
  const source = emptySource();
  const status = source.manager.aaa.status(moment.now);
  const servers = status.accounting.servers.map((server, index) => ({
    ...server,
    transport: index === 0 ? ('tls' as const) : server.transport,
    state: dead.includes(server.name) ? ('dead' as const) : server.state,
  }));
  return withManager(source, { aaa: { status: () => ({ ...status, accounting: { ...status.accounting, servers } }) } });
}

function withSessions(size: number): ViewSource {
  const source = emptySource();
  const registry = Object.create(source.manager.registry, { size: { value: size }, sessionsMax: { value: 100 } });
  return withManager(source, { registry });
}

function withLma(state: 'up' | 'down' | 'unknown'): ViewSource {
  const source = emptySource();
  const peer = source.manager.config.cgwService.s2a.lmas[0]!;
  const status = { peer, state, missed: 3, restartCounter: 1, lastHeardAgeMs: 9000 };
  return withManager(source, { s2a: { monitor: { status: () => [status] } } } as unknown as Partial<
    ViewSource['manager']
  >);
}

describe('alarms', () => {
  it.each<[string, () => ViewSource, string[]]>([
    ['none', emptySource, []],
    ['one server dead', () => withDeadServers(['aaa-2']), ['aaa-server-dead warning aaa-2']],
    ['all servers dead', () => withDeadServers(['aaa-1', 'aaa-2']), ['no-aaa-server critical']],
    ['one accounting port dead', () => withDeadAccounting('aaa-2'), ['accounting-server-dead warning aaa-2']],
    [
      'all of them, one by TLS, of which authentication tells',
      () => withDeadAccounting('aaa-1', 'aaa-2'),
      ['accounting-server-dead critical aaa-2'],
    ],
    ['an LMA down', () => withLma('down'), ['lma-down critical 203.0.113.100']],
    ['an LMA not heard yet', () => withLma('unknown'), []],
    ['90 of 100 sessions', () => withSessions(90), []],
    ['91 of 100 sessions', () => withSessions(91), ['sessions-near-limit warning']],
    [
      'a socket missing',
      () => ({ ...emptySource(), portsMissing: () => ['cannot bind'] }),
      ['service-ports-missing critical'],
    ],
    [
      'the thread of an instance ended',
      () => ({ ...emptySource(), instancesDown: () => [2] }),
      ['session-manager-down critical instance 2'],
    ],
    ['100 of 100 sessions', () => withSessions(100), ['sessions-near-limit critical']],
  ])('stand where something is wrong: %s', (_name, source, expected) => {
    expect(names(source())).toEqual(expected);
    expect(healthOf(source(), moment).alarms).toEqual(expected.map((line) => line.split(' ')[0]));
  });

  it('of a pair and of the disk are among them', () => {
    const standing = standingAlarms(pairSource('active'), moment);
    expect(standing.map(({ alarm }) => alarm)).toContain('recovery-failing');
    expect(standing.some(({ seeAlso }) => seeAlso === 'show srp info')).toBe(true);
    expect(standing.every(({ meaning, seeAlso }) => meaning !== '' && seeAlso.startsWith('show '))).toBe(true);
  });
});
