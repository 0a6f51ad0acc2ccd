import { formatIp } from '../../kernel/address.ts';
import type { Session } from '../../services/samog/session/state.ts';
import { lmaOf } from '../../sessmgr/anchor.ts';
import type { ManagerReader } from '../../sessmgr/manager-reader.ts';
import type { FilterField } from '../filter/filter.ts';
import { accessOf, type SubscriberSummary, subscriberSummaryOf } from './subscriber.ts';
import type { Moment } from './view.ts';

/** A line of the list, and what sessions are sought by beside it. */
export interface SoughtSubscriber extends SubscriberSummary {
  /** The TWAN profile that its access node is a client of now. */
  readonly profile: string | null;
  readonly lma: string | null;
  readonly apn: string | null;
  readonly imsi: string | null;
}

const accessWords: Readonly<Record<string, string>> = { PMIPv6: 'pmip', EoGRE: 'eogre', IP: 'ip' };

/** A session as filters see it. */
export function soughtSubscriberOf(session: Session, { profiles }: ManagerReader, at: Moment): SoughtSubscriber {
  const access = accessOf(session);
  const lma = lmaOf(session);
  const { apn, imsi } = session.kind === 'Live' ? session.durable.subscriber : {};
  return {
    ...subscriberSummaryOf(session, at),
    profile: (access && profiles.of(access.peer)?.name) ?? null,
    lma: lma === undefined ? null : formatIp(lma),
    apn: apn ?? null,
    imsi: imsi ?? null,
  };
}

/** What sessions can be filtered by. */
export const sessionFields: readonly FilterField<SoughtSubscriber>[] = [
  { name: 'mac', kind: 'mac', description: 'its MAC address', of: ({ mac }) => mac },
  { name: 'state', kind: 'word', description: 'of its session', of: ({ state }) => state.toLowerCase() },
  {
    name: 'access',
    kind: 'word',
    description: 'how it is attached',
    choices: Object.values(accessWords),
    of: ({ accessType }) => (accessType === null ? null : (accessWords[accessType] ?? null)),
  },
  { name: 'peer', kind: 'address', description: 'the access node that it is at', of: ({ accessPeer }) => accessPeer },
  { name: 'profile', kind: 'word', description: 'the TWAN profile of that', of: ({ profile }) => profile },
  { name: 'lma', kind: 'address', description: 'its LMA', of: ({ lma }) => lma },
  { name: 'apn', kind: 'word', description: 'its APN', of: ({ apn }) => apn },
  { name: 'imsi', kind: 'text', description: 'in its IMSI', of: ({ imsi }) => imsi },
  { name: 'address', kind: 'address', description: 'its own', of: ({ address }) => address },
  { name: 'nai', kind: 'text', description: 'in its NAI', of: ({ nai }) => nai },
  { name: 'call-id', kind: 'word', description: 'its call identifier', of: ({ callId }) => callId },
  { name: 'moves', kind: 'number', description: 'handovers', of: ({ moves }) => moves },
  { name: 'age', kind: 'age', description: 'time since it was set up', of: ({ ageSeconds }) => ageSeconds },
];
