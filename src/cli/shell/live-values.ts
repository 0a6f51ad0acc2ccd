import { pathCandidates } from '../../operations/configuration/path-completion.ts';
import type { Health } from '../../operations/health.ts';
import type { LiveValues } from '../../operations/shell/complete.ts';
import type { Candidate } from '../../operations/shell/grammar.ts';
import { clientOf, type GatewayOptions } from '../ask.ts';

/** Whoever presses Tab does not wait longer. */
const patienceMs = 1000;
/** Pressing it again does not ask again. */
const freshMs = 2000;
/** Subscribers that are offered: a page. Of more, somebody has to type the beginning, or the whole. */
const subscribersMax = 100;

type Row = Readonly<Record<string, unknown>>;
type Kind = Parameters<LiveValues>[0];

/** What the gateway has for each kind of value: asked when it is needed, and then kept for a moment. */
export function liveValuesOf(options: GatewayOptions): LiveValues {
  const known = new Map<Kind, { readonly at: number; readonly values: readonly Candidate[] }>();
  const rows = async (path: string, list: string, query = {}): Promise<readonly Row[]> => {
    const answer = await clientOf(options, patienceMs).show(path, query);
    if (answer.kind !== 'data') return [];
    const found = (answer.data as Row)[list];
    return Array.isArray(found) ? (found as Row[]) : [answer.data as Row];
  };
  const sources: Readonly<Record<Exclude<Kind, 'setting'>, () => Promise<readonly Candidate[]>>> = {
    mac: async () => {
      const [subscribers, events] = await Promise.all([
        rows('subscribers/samog-only', 'subscribers', { limit: String(subscribersMax) }),
        rows('events', 'events', { limit: '200' }),
      ]);
      const attached = subscribers.map(({ mac, state, accessType }) => ({
        text: String(mac),
        help: [accessType, state].filter((part) => typeof part === 'string').join(' '),
      }));
      const seen = events
        .filter(({ mac }) => typeof mac === 'string')
        .map(({ mac }) => ({ text: String(mac), help: 'no session now; it has events' }));
      return distinct([...attached, ...seen]);
    },
    'cmd-id': async () =>
      (await rows('srp/checkpoint/info', 'checkpoints'))
        .filter(({ cmdId, kind }) => typeof cmdId === 'number' && kind === 'micro')
        .map(({ cmdId, name }) => ({ text: String(cmdId), help: String(name) })),
    profile: async () =>
      (await rows('twan-profile', 'profiles')).map(({ name, accessType }) => ({
        text: String(name),
        help: String(accessType),
      })),
    instance: async () => {
      const answer = await clientOf(options, patienceMs).health();
      const { instances } = answer.kind === 'data' ? (answer.data as Pick<Health, 'instances'>) : { instances: 0 };
      return Array.from({ length: instances }, (_, index) => ({ text: String(index + 1), help: '' }));
    },
  };
  return async (kind, partial) => {
    if (kind === 'setting') {
      const [candidate] = await rows('../configuration/candidate', 'none');
      return pathCandidates(typeof candidate?.['text'] === 'string' ? candidate['text'] : '', partial);
    }
    const cached = known.get(kind);
    if (cached !== undefined && performance.now() - cached.at < freshMs) return cached.values;
    const values = await sources[kind]();
    known.set(kind, { at: performance.now(), values });
    return values;
  };
}

function distinct(candidates: readonly Candidate[]): Candidate[] {
  const byText = new Map<string, Candidate>();
  for (const candidate of candidates) if (!byText.has(candidate.text)) byText.set(candidate.text, candidate);
  return [...byText.values()].sort((left, right) => (left.text < right.text ? -1 : 1));
}
