import { Counters } from '../../kernel/counters.ts';

/** What the management API counts, of all its doors together. */
export const apiCounterNames = [
  'api.requests',
  'api.logins',
  'api.refused.unauthenticated',
  'api.refused.credentials',
  'api.refused.too-many-failures',
  'api.refused.role',
  'api.refused.unknown',
  'api.refused.form',
  'api.refused.body',
  'api.refused.path',
  'api.refused.cross-site',
  'api.refused.malformed',
  'api.refused.headers',
  'api.refused.slow',
  'api.refused.connections',
  'api.refused.tls',
  'api.refused.pipelined',
  'api.refused.unread',
  'api.refused.exports',
  'api.exports',
] as const;
export type ApiCounter = (typeof apiCounterNames)[number];

/** Counters of the management API, all at zero. */
export function apiCounters(): Counters<ApiCounter> {
  return new Counters(apiCounterNames);
}
