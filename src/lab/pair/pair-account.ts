import { formatMac } from '../../kernel/address.ts';
import type { SubscriberDetail } from '../../operations/views/subscriber.ts';
import type { SubscribersData } from '../../operations/views/subscribers.ts';
import type { MeasuredTraffic } from '../../peers/measured-traffic.ts';
import { measuredOctets } from '../../peers/traffic.ts';
import type { Ue } from '../../peers/ue.ts';
import type { GatewayChild } from './gateway-child.ts';
import type { Octets } from './pair-result.ts';

/** A measured packet as the gateway counts it: with its IPv4 and UDP headers, without the tunnel's. */
export const packetOctets = 20 + 8 + measuredOctets;

/** A UE with numbered packets both ways. */
export interface BusyUe {
  readonly ue: Ue;
  readonly traffic: MeasuredTraffic;
}

/** What a gateway says of its sessions while no traffic flows, and what the traffic's own ledgers say. */
export interface PairAccount {
  /** By MAC address. */
  readonly sessions: ReadonlyMap<string, SubscriberDetail>;
  readonly counted: Octets;
  readonly sent: Octets;
  readonly arrived: Octets;
}

/** @throws Error if the gateway does not answer */
export async function takeAccount(gateway: GatewayChild, busy: readonly BusyUe[]): Promise<PairAccount> {
  const sessions = await sessionsOf(gateway);
  const usages = busy.map(({ ue }) => sessions.get(formatMac(ue.mac))?.usage);
  const ledgers = (count: 'sent' | 'arrived'): Octets => ({
    uplink: sum(busy.map(({ traffic }) => traffic.uplink[count] * packetOctets)),
    downlink: sum(busy.map(({ traffic }) => traffic.downlink[count] * packetOctets)),
  });
  return {
    sessions,
    counted: {
      uplink: sum(usages.map((usage) => usage?.uplinkOctets ?? 0)),
      downlink: sum(usages.map((usage) => usage?.downlinkOctets ?? 0)),
    },
    sent: ledgers('sent'),
    arrived: ledgers('arrived'),
  };
}

/** A page at a time. */
async function sessionsOf(gateway: GatewayChild): Promise<Map<string, SubscriberDetail>> {
  const sessions = new Map<string, SubscriberDetail>();
  for (let page: Readonly<Record<string, string>> | undefined = {}; page !== undefined; ) {
    const view: SubscribersData = await gateway.show('subscribers/samog-only', { full: '', ...page });
    for (const session of view.subscribers ?? []) sessions.set(session.mac, session as SubscriberDetail);
    page = view.nextCursor === null ? undefined : { cursor: view.nextCursor };
  }
  return sessions;
}

/** The sessions of before that are not there after, or not the same: another call, or another address. */
export function lostSessions(before: PairAccount, after: PairAccount): string[] {
  return [...before.sessions.values()]
    .filter(({ mac, callId, address }) => {
      const now = after.sessions.get(mac);
      return now?.callId !== callId || now.address !== address;
    })
    .map(({ mac }) => mac);
}

/**
 * What is wrong with the counts: they must not fall, and must have grown by what was sent, up to what was lost on the way.
 *
 * @param uncounted octets each way that a gateway may have forwarded without anybody being told of it
 */
export function countProblems(before: PairAccount, after: PairAccount, uncounted: number): string[] {
  return (['uplink', 'downlink'] as const).flatMap((way) => {
    const grown = (of: 'counted' | 'sent' | 'arrived'): number => after[of][way] - before[of][way];
    const text = `${way} octets counted grew by ${grown('counted')}`;
    if (grown('counted') < 0) return [`${text}: they must never fall`];
    if (grown('counted') > grown('sent')) return [`${text}, and only ${grown('sent')} were sent`];
    if (grown('counted') >= grown('arrived') - uncounted) return [];
    return [`${text}, and ${grown('arrived')} arrived; no more than ${uncounted} may go uncounted`];
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
