import { signal } from '@preact/signals';

/** The pages, in the order of their tabs. */
export const pages = [
  { name: 'overview', title: 'Overview', key: 'o' },
  { name: 'subscribers', title: 'Subscribers', key: 's' },
  { name: 'subscriber', title: 'Subscriber', key: 'u' },
  { name: 'access', title: 'Access', key: 'a' },
  { name: 'redundancy', title: 'Redundancy', key: 'r' },
  { name: 'configuration', title: 'Configuration', key: 'c' },
  { name: 'events', title: 'Events and alarms', key: 'e' },
] as const;
export type PageName = (typeof pages)[number]['name'];

/** What is looked at: all of it stands in the address, so that it can be kept and sent to somebody. */
export interface Place {
  readonly page: PageName;
  readonly query: Readonly<Record<string, string>>;
}

/** Reads `#/subscribers?filter=…`; what is no page is the overview. */
export function placeOf(hash: string): Place {
  const [path = '', search = ''] = hash.replace(/^#?\/?/, '').split('?', 2);
  const page = pages.find(({ name }) => name === path)?.name ?? 'overview';
  return { page, query: Object.fromEntries(new URLSearchParams(search)) };
}

/** An empty value is left out. */
export function hashOf({ page, query }: Place): string {
  const search = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== '')).toString();
  return `#/${page}${search === '' ? '' : `?${search}`}`;
}

/** Where the browser is. */
export const place = signal<Place>({ page: 'overview', query: {} });

/** Goes to another page, with a step back in the browser's history. */
export function goTo(page: PageName, query: Place['query'] = {}): void {
  location.hash = hashOf({ page, query });
}

/** Changes what is looked at on this page, without a step back for each letter that is typed. */
export function refine(changes: Place['query']): void {
  const { page, query } = place.value;
  history.replaceState(null, '', hashOf({ page, query: { ...query, ...changes } }));
  place.value = placeOf(location.hash);
}

/** The page of one subscriber, as the target of a link. */
export function subscriberLink(mac: string): string {
  return hashOf({ page: 'subscriber', query: { mac } });
}

/** Follows the browser's address. */
export function followAddress(): void {
  const follow = () => {
    place.value = placeOf(location.hash);
  };
  addEventListener('hashchange', follow);
  follow();
}
