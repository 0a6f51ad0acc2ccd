import { formatIp } from '../../kernel/address.ts';
import { acctSessionIdOf } from '../../services/samog/account-id.ts';
import { owedRecord } from '../../services/samog/accounting/account.ts';
import { accountOf } from '../../services/samog/session/live-account.ts';
import type { Session } from '../../services/samog/session/state.ts';
import { remainingSeconds, remainingText } from './format.ts';
import type { Moment } from './view.ts';

/** The accounting of a session, as AAA and its WLC call it. */
export interface SubscriberAccounting {
  readonly acctSessionId: string;
  /** The record that AAA has not acknowledged; null if there is none, or no account. */
  readonly owed: string | null;
  /** What the WLC says, beside what the data path has counted. */
  readonly wlc: {
    readonly nas: string;
    readonly acctSessionId: string;
    readonly multiSessionId: string | null;
    readonly inputOctets: number;
    readonly outputOctets: number;
    readonly sessionSeconds: number;
  } | null;
  /** How long another WLC has to start the session that its own has stopped; null if none has. */
  readonly handoffRemainingSeconds: number | null;
}

/** What a session owes AAA, and what its WLC says of it; null where there is nothing. */
export function subscriberAccountingOf(session: Session, at: Moment): SubscriberAccounting {
  const live = session.kind === 'Live' ? session.durable : undefined;
  const account = accountOf(session);
  const wlc = live?.wlc;
  return {
    acctSessionId: acctSessionIdOf(session.kind === 'Live' ? session.durable : session),
    owed: (account && owedRecord(account)?.status) ?? null,
    wlc:
      wlc === undefined
        ? null
        : {
            nas: formatIp(wlc.nas),
            acctSessionId: wlc.identity.acctSessionId,
            multiSessionId: wlc.multiSessionId ?? null,
            inputOctets: wlc.counted.uplinkOctets,
            outputOctets: wlc.counted.downlinkOctets,
            sessionSeconds: wlc.sessionSeconds,
          },
    handoffRemainingSeconds: live?.handoff === undefined ? null : remainingSeconds(live.handoff.until, at),
  };
}

/** The same as labels and values for `show`. */
export function subscriberAccountingFields({
  acctSessionId,
  owed,
  wlc,
  handoffRemainingSeconds,
}: SubscriberAccounting): [string, string | number | null][] {
  const octets = wlc === null ? null : `${wlc.inputOctets} input, ${wlc.outputOctets} output`;
  return [
    ['Acct Session Id', acctSessionId],
    ['Owed to AAA', owed ?? 'nothing'],
    ['WLC Accounting', wlc === null ? 'none' : `${wlc.acctSessionId} at ${wlc.nas}`],
    ['WLC Octets', octets],
    ['Waits for a START', remainingText(handoffRemainingSeconds) ?? 'no'],
  ];
}
