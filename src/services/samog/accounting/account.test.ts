import { describe, expect, it } from 'vitest';
import { macOf, parseIpv4 } from '../../../kernel/address.ts';
import { never } from '../../../kernel/instant.ts';
import {
  type Account,
  type AccountMoment,
  type AccountSubject,
  accountDeadline,
  acknowledgeRecord,
  beginAccount,
  endAccount,
  noteChange,
  owedRecord,
  oweInterim,
} from './account.ts';

const wlc = parseIpv4('192.0.2.10')!;
const start = 1_000_000;
const policy = { interimIntervalMs: 60_000, holdDownMs: 5000 };
const cause = 1;
const subject: AccountSubject = {
  mac: macOf(0x02005e112233),
  userName: 'ue',
  apn: undefined,
  addresses: [],
  classes: [],
  chargeableUserIdentity: undefined,
  imsi: undefined,
  multiSessionId: undefined,
};

function at(afterMs: number, octets = 0): AccountMoment {
  const counted = { uplinkPackets: octets / 100, uplinkOctets: octets, downlinkPackets: 0, downlinkOctets: 0 };
  const now = start + afterMs;
  return { now, second: now / 1000, counted, attachment: { kind: 'pmipv6', peer: wlc } };
}

/** What is owed, in the order in which it goes. */
function owed(account: Account): string[] {
  const names: string[] = [];
  for (let left = account, next = owedRecord(left); next !== undefined; next = owedRecord(left)) {
    names.push(`${next.status} ${next.record.sessionSeconds} ${next.record.counted.uplinkOctets}`);
    left = acknowledgeRecord(left, next.record);
  }
  return names;
}

const begun = () => beginAccount(at(0), policy);
const started = () => acknowledgeRecord(begun(), begun().start!);

describe('an account', () => {
  const cases: readonly (readonly [string, () => Account, readonly string[]])[] = [
    ['begins with a START', begun, ['start 0 0']],
    [
      'owes the newest INTERIM only',
      () => oweInterim(oweInterim(begun(), at(60_000, 500), policy), at(120_000, 900), policy),
      ['start 0 0', 'interim 120 900'],
    ],
    [
      'ends with a STOP, which supersedes an INTERIM',
      () => endAccount(oweInterim(begun(), at(60_000, 500), policy), cause, subject, at(61_000, 700)),
      ['start 0 0', 'stop 61 700'],
    ],
    [
      'says no less than it has said',
      () => endAccount(oweInterim(begun(), at(60_000, 500), policy), cause, subject, at(61_000, 300)),
      ['start 0 0', 'stop 61 500'],
    ],
    ['counts no time before it began', () => endAccount(begun(), cause, subject, at(-5000)), ['start 0 0', 'stop 0 0']],
  ];
  it.each(cases)('%s', (_, make, expected) => {
    expect(owed(make())).toEqual(expected);
  });

  it('owes no more what was acknowledged, and still what was not', () => {
    const account = begun();
    const interim = oweInterim(account, at(60_000, 500), policy);
    expect(owed(acknowledgeRecord(interim, account.start!))).toEqual(['interim 60 500']);
    const newer = oweInterim(interim, at(120_000, 900), policy);
    // The INTERIM that was on its way has been superseded: another one is owed.
    expect(owed(acknowledgeRecord(newer, interim.interim!))).toEqual(['start 0 0', 'interim 120 900']);
    const ended = endAccount(newer, cause, subject, at(121_000, 900));
    expect(owed(acknowledgeRecord(ended, newer.interim!))).toEqual(['start 0 0', 'stop 121 900']);
  });

  const behind = (afterMs: number): AccountMoment => ({ ...at(afterMs), second: at(afterMs).second - 100 });

  it('tells an INTERIM as later, and of no shorter session, whichever clock it is told by', () => {
    const interim = oweInterim(started(), at(60_000), policy);
    const next = oweInterim(acknowledgeRecord(interim, interim.interim!), behind(65_000), policy);
    expect(next.interim).toMatchObject({ second: 1061, sessionSeconds: 65 });
    // On another chassis a session may be a little younger, because a checkpoint has been on its way.
    expect(oweInterim(next, behind(64_990), policy).interim).toMatchObject({ second: 1062, sessionSeconds: 65 });
    // Where the clock is right again, or ahead, it is the clock's.
    expect(oweInterim(next, at(120_000), policy).interim).toMatchObject({ second: 1120, sessionSeconds: 120 });
  });

  it.each([
    ['a START, may be of its second', started, 1000],
    ['an INTERIM that is not acknowledged, is later', () => oweInterim(started(), at(60_000), policy), 1061],
    [
      'an acknowledged INTERIM, may be of its second',
      () => {
        const account = oweInterim(started(), at(60_000), policy);
        return acknowledgeRecord(account, account.interim!);
      },
      1060,
    ],
  ])('tells a STOP in order: one after %s', (_, make, second) => {
    expect(endAccount(make(), cause, subject, behind(60_000)).stop).toMatchObject({ second });
  });

  it('goes on from an account that does not say when its newest record was made', () => {
    const former = { ...started(), toldAt: undefined };
    expect(oweInterim(former, at(60_000), policy).interim).toMatchObject({ second: 1060, sessionSeconds: 60 });
  });

  it('owes nothing after its STOP', () => {
    const ended = endAccount(begun(), cause, subject, at(10));
    expect(owedRecord(acknowledgeRecord(acknowledgeRecord(ended, ended.start!), ended.stop!))).toBeUndefined();
    expect(accountDeadline(ended)).toBe(never);
  });
});

describe('the next INTERIM of an account', () => {
  it('is due after the interval', () => {
    expect(accountDeadline(begun())).toBe(start + 60_000);
    expect(accountDeadline(oweInterim(begun(), at(70_000), policy))).toBe(start + 130_000);
    expect(accountDeadline(beginAccount(at(0), { ...policy, interimIntervalMs: never }))).toBe(never);
  });

  it('is due when the hold-down is over, if something has changed', () => {
    const changed = noteChange(noteChange(started()));
    expect(accountDeadline(changed)).toBe(start + 5000);
    const told = oweInterim(changed, at(5000), policy);
    expect(accountDeadline(told)).toBe(start + 65_000);
    expect(accountDeadline(noteChange(told))).toBe(start + 10_000);
  });
});
