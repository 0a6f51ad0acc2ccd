import { describe, expect, it } from 'vitest';
import { counted, dataAtRgB } from '../../../../tests/support/session-observations.ts';
import {
  accounted,
  accounting,
  dhcp,
  discover,
  established,
  owedBy,
  pbu,
  play,
  rgB,
  selecting,
  start,
  wlcA,
} from '../../../../tests/support/session-samples.ts';
import { acctTerminateCause } from '../../../wire/radius/constants.ts';
import type { SessionContext } from './context.ts';
import { nextDeadline } from './deadline.ts';
import type { SessionEvent } from './event.ts';
import { accountOf } from './live-account.ts';
import type { LiveSession, Session } from './state.ts';

const used = (octets: number) => ({
  uplinkPackets: 1,
  uplinkOctets: octets,
  downlinkPackets: 0,
  downlinkOctets: 0,
});
const having = (now: number, octets: number): SessionContext =>
  accounting(now, { countedOf: () => used(octets), finalCountOf: () => used(octets) });
const deadline: SessionEvent = { kind: 'deadlineReached' };
const cleared: SessionEvent = { kind: 'cleared', reason: 'operator' };
const toLma: SessionEvent = { kind: 'revocationAcknowledged', mag: wlcA, sequence: 0, status: 0 };

const acknowledged = (session: Session): SessionEvent => ({
  kind: 'recordAcknowledged',
  record: owedBy(session)!.record,
});

function said(session: Session | undefined): string | undefined {
  const owed = owedBy(session);
  if (owed === undefined) return undefined;
  const { status, record } = owed;
  return `${status} ${record.attachment.kind} ${record.sessionSeconds} ${record.counted.uplinkOctets}`;
}

const started = () => play(accounted(), [acknowledged]).session as LiveSession;

describe('the account of a session', () => {
  it('begins with the first PBA', () => {
    expect(said(accounted())).toBe('start pmipv6 0 0');
    expect(established().durable.account).toBeUndefined();
  });

  it('begins with the first DHCPACK, not with the OFFER', () => {
    const offered = established({ kind: 'dhcp', dhcp: dhcp(discover) }, accounting());
    expect(offered.durable.account).toBeUndefined();
    const bound = play(offered, [{ kind: 'dhcpReceived', dhcp: dhcp(selecting) }], accounting());
    expect(said(bound.session)).toBe('start eogre 0 0');
    expect(counted(bound.effects, 'accounting.')).toEqual(['start.owed']);
  });

  it('is the same one wherever the UE goes, which an INTERIM says once the hold-down is over', () => {
    const moved = play(started(), [dataAtRgB], having(start + 100, 10)).session!;
    expect(said(moved)).toBeUndefined();
    expect(nextDeadline(moved)).toBeLessThanOrEqual(start + 5000);
    const back = play(
      moved,
      [{ kind: 'pbuReceived', update: pbu({ sequence: 110, timestamp: start + 200 }) }],
      having(start + 200, 20),
    );
    const told = play(back.session!, [deadline], having(start + 5000, 30));
    expect(said(told.session)).toBe('interim pmipv6 5 30');
    expect(counted(told.effects, 'accounting.')).toEqual(['interim.owed']);
    const later = play(told.session!, [dataAtRgB], having(start + 20_000, 40));
    expect(said(later.session)).toBe('interim eogre 20 40');
    expect(counted(later.effects, 'accounting.')).toEqual(['interim.owed', 'interim.superseded']);
  });

  it('has an INTERIM in each interval: the configured one, else that of AAA', () => {
    const session = started();
    const subscriber = { ...session.durable.subscriber, interimIntervalSeconds: 300 };
    const asked = { ...session, durable: { ...session.durable, subscriber, account: undefined } };
    const refresh: SessionEvent = { kind: 'pbuReceived', update: pbu({ sequence: 120, timestamp: start + 10 }) };
    const of = (interimIntervalSeconds: number | undefined) => {
      const { config } = accounting();
      const { mrmeService } = config;
      const kept = { ...mrmeService.accounting, interimIntervalSeconds };
      const context = accounting(start, { config: { ...config, mrmeService: { ...mrmeService, accounting: kept } } });
      return accountOf(play(asked, [refresh], context).session)!.interimAt - start;
    };
    expect([of(undefined), of(60)]).toEqual([300_000, 60_000]);
  });

  it('ends with the session, and is kept until its STOP is acknowledged', () => {
    const ended = play(started(), [cleared], having(start + 9000, 90));
    expect(ended.session).toMatchObject({
      kind: 'Disconnecting',
      account: { stop: { cause: acctTerminateCause.adminReset } },
    });
    expect(said(ended.session)).toBe('stop pmipv6 9 90');
    const others = play(ended.session!, [{ kind: 's2aRevoked' }, { kind: 'magRestarted', mag: wlcA }, toLma, deadline]);
    expect(others.session).toMatchObject({ kind: 'Owing', mac: started().durable.mac });
    expect(nextDeadline(others.session!)).toBe(Number.POSITIVE_INFINITY);
    const done = play(others.session!, [acknowledged]);
    expect(done.session).toBeUndefined();
    expect(counted(done.effects, 'accounting.')).toEqual(['stop.acknowledged']);
  });

  it('is not waited for where AAA is faster than the LMA and the MAG', () => {
    const ended = play(started(), [cleared, acknowledged, { kind: 's2aRevoked' }], accounting());
    expect(ended.session).toMatchObject({ kind: 'Disconnecting' });
    expect(play(ended.session!, [{ kind: 'magRestarted', mag: wlcA }]).session).toBeUndefined();
  });

  it('lets a UE that waits begin anew at once', () => {
    const ending = play(
      started(),
      [cleared, { kind: 'dhcpReceived', dhcp: dhcp(discover, rgB) }, { kind: 's2aRevoked' }],
      accounting(),
    );
    const { session, effects } = play(ending.session!, [{ kind: 'magRestarted', mag: wlcA }]);
    expect(session?.kind).toBe('Owing');
    expect(effects.map(({ kind }) => kind)).toContain('restart');
  });

  it('does not take a late acknowledgement for that of another record', () => {
    const first = play(started(), [dataAtRgB, deadline], having(start + 5000, 30)).session!;
    const late = acknowledged(first);
    const second = play(first, [cleared], having(start + 6000, 40)).session!;
    const { session, effects } = play(second, [late]);
    expect(said(session)).toBe('stop eogre 6 40');
    expect(counted(effects, 'accounting.')).toEqual([]);
  });
});
