import type { AggregateRates, BearerGrant } from '../../services/samog/grants.ts';
import type { Session } from '../../services/samog/session/state.ts';

/** What AAA lets a subscriber send and receive; rates in kbit/s, 0 for no limit. */
export interface SubscriberGrants {
  readonly accessListUplink: string | null;
  readonly accessListDownlink: string | null;
  readonly ambr: AggregateRates | null;
  readonly bearer: BearerGrant | null;
}

/** The grants of a session; all null unless it is live. */
export function grantsOf(session: Session): SubscriberGrants {
  const grants = session.kind === 'Live' ? session.durable : undefined;
  return {
    accessListUplink: grants?.accessLists?.uplink ?? null,
    accessListDownlink: grants?.accessLists?.downlink ?? null,
    ambr: grants?.ambr ?? null,
    bearer: grants?.bearer ?? null,
  };
}

/** The same as labels and values for `show`. */
export function grantsFields({
  accessListUplink,
  accessListDownlink,
  ambr,
  bearer,
}: SubscriberGrants): [string, string][] {
  return [
    ['Access List Uplink', accessListUplink ?? 'none'],
    ['Access List Downlink', accessListDownlink ?? 'none'],
    ['APN-AMBR', ambr === null ? 'no limit' : `${ratesText(ambr)} (${sourceText(ambr)})`],
    ['Bearer QoS', bearer === null ? 'none' : bearerText(bearer)],
  ];
}

function ratesText({ uplinkKbps, downlinkKbps }: Pick<AggregateRates, 'uplinkKbps' | 'downlinkKbps'>): string {
  return `up ${uplinkKbps} down ${downlinkKbps} kbit/s`;
}

function bearerText(bearer: BearerGrant): string {
  const rates = bearer.rates === undefined ? '' : `, ${ratesText(bearer.rates)}`;
  return `QCI ${bearer.qci}, priority ${bearer.priorityLevel}${rates} (${sourceText(bearer)})`;
}

function sourceText({ source }: Pick<AggregateRates, 'source'>): string {
  return source === 'accept' ? 'as accepted' : 'changed since';
}
