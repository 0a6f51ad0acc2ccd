import type { RedundancyReader } from '../redundancy-reader.ts';
import { type Refusal, refuse, type ViewSource } from '../view.ts';

/** What every `srp` command says where there is no pair. */
export const notConfigured: { readonly ok: false; readonly refusal: Refusal } = refuse(
  'refused',
  'service-redundancy-protocol is not configured: this chassis is alone',
  'give both chassis a service-redundancy-protocol block to make them a pair',
);

/** The pair of a chassis, or the refusal. */
export function pairOf({
  redundancy,
}: Pick<ViewSource, 'redundancy'>): { readonly ok: true; readonly value: RedundancyReader } | typeof notConfigured {
  return redundancy === undefined ? notConfigured : { ok: true, value: redundancy };
}
