import { signal } from '@preact/signals';
import type { OverviewData } from '../operations/views/overview.ts';

/** What the top of every page tells of the gateway, asked for again and again; it stays when the gateway falls silent. */
export const overview = signal<OverviewData | undefined>(undefined);
