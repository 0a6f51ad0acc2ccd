import { useEffect, useState } from 'preact/hooks';
import { recognise, silentSince } from './api.ts';
import { overview } from './gateway-state.ts';
import { place } from './place.ts';

/** A gateway that is restarted in its place needs no other. */
const patienceMs = 3000;
const retryMs = 2000;
/** Where the other chassis is, is remembered for when this one does not even say that. */
const storageKey = 'samog-other-chassis';

/** Leads to the other chassis when this one is silent, or has given the role away: at the same place of its console. */
export function OtherChassis() {
  const since = silentSince.value;
  const silentFor = useSilence(since);
  const known = overview.value;
  if (known !== undefined) remember(known.peerUrl);
  const url = known === undefined ? localStorage.getItem(storageKey) : known.peerUrl;
  const link = url === null ? undefined : `${url}/console/${location.hash || `#/${place.value.page}`}`;
  if (silentFor >= patienceMs) {
    return (
      <div class="note critical" role="alert">
        This chassis has not answered for {Math.floor(silentFor / 1000)} s; it is asked again all the time.{' '}
        {link === undefined ? (
          'No other chassis is named here (management.peer-url).'
        ) : (
          <a href={link}>Go to the other chassis</a>
        )}
      </div>
    );
  }
  const peerServes = known?.pair?.peerState === 'Active' && known.pair.state !== 'Active';
  if (!peerServes || link === undefined) return null;
  return (
    <div class="note" role="status">
      {known.pair?.peer ?? 'The other chassis'} serves now, not this one. <a href={link}>Follow it</a>
    </div>
  );
}

/** How long the gateway has been silent. While it is, somebody has to ask it, whatever page is shown. */
function useSilence(since: number | undefined): number {
  const [, tick] = useState(0);
  useEffect(() => {
    if (since === undefined) return;
    const timer = setInterval(() => {
      tick((before) => before + 1);
      void recognise();
    }, retryMs);
    return () => clearInterval(timer);
  }, [since]);
  return since === undefined ? 0 : Date.now() - since;
}

function remember(url: string | null): void {
  if (url === null) localStorage.removeItem(storageKey);
  else localStorage.setItem(storageKey, url);
}
