import { signal } from '@preact/signals';
import type { OverviewData } from '../operations/views/overview.ts';
import { get } from './api.ts';

/** What the top of every page tells of the gateway, asked for again and again; it stays when the gateway falls silent. */
export const overview = signal<OverviewData | undefined>(undefined);

/**
 * Takes what the document has asked for before this script was there; for whoever is not logged in that is nothing. To be called at once:
 * later questions would have that answer.
 */
export async function foreseeOverview(): Promise<void> {
  const answer = await get<OverviewData>('/v1/show/overview');
  if (answer.kind === 'data') overview.value = answer.data;
}
