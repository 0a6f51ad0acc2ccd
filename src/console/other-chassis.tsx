import { useEffect, useState } from 'preact/hooks';
import { recognise, silentSince } from './api.ts';
import { overview } from './gateway-state.ts';
import { place } from './place.ts';
import { follow, useTicket } from './ticket.ts';

/** One lost answer is none to speak of. */
const noticeMs = 1000;
/** A gateway that is restarted in its place needs no other. */
const patienceMs = 3000;
const retryMs = 1000;
const probeLimitMs = 3000;
/** Where the other chassis is, is remembered for when this one does not even say that. */
const storageKey = 'samog-other-chassis';

/**
 * Leads to the other chassis when this one is silent, or has given the role away: to the same place of its console. From a silent
 * one the page goes there by itself, when the other one is known to answer: an operator whose own network has failed stays with
 * what was known.
 */
export function OtherChassis() {
  const [stays, setStays] = useState(false);
  const known = overview.value;
  if (known !== undefined) remember(known.peerUrl);
  const url = known === undefined ? localStorage.getItem(storageKey) : known.peerUrl;
  useTicket(url);
  const silentFor = useSilence(silentSince.value, stays ? null : url);
  if (silentFor >= noticeMs) {
    return (
      <div class="note critical" role="alert">
        This chassis has not answered for {Math.floor(silentFor / 1000)} s; it is asked again all the time.{' '}
        {url === null ? (
          'No other chassis is named here (management.peer-url).'
        ) : (
          <>
            {stays ? '' : 'If it stays so, this page goes to the other one as soon as that answers. '}
            <ToOther url={url}>Go to the other chassis</ToOther>{' '}
            {!stays && (
              <button type="button" onClick={() => setStays(true)}>
                Stay here
              </button>
            )}
          </>
        )}
      </div>
    );
  }
  const peerServes = known?.pair?.peerState === 'Active' && known.pair.state !== 'Active';
  if (!peerServes || url === null) return null;
  return (
    <div class="note" role="status">
      {known.pair?.peer ?? 'The other chassis'} serves now, not this one. <ToOther url={url}>Follow it</ToOther>
    </div>
  );
}

/** A link, so that it can be opened beside this page, too: there one logs in. */
function ToOther({ url, children }: { readonly url: string; readonly children: string }) {
  const go = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    follow(url, placeHere());
  };
  return (
    <a href={`${url}/console/${placeHere()}`} onClick={go}>
      {children}
    </a>
  );
}

function placeHere(): string {
  return location.hash || `#/${place.value.page}`;
}

/**
 * How long the gateway has been silent. While it is, somebody has to ask it, whatever page is shown; and the other one.
 *
 * @param url where to go when that one answers; null to stay
 */
function useSilence(since: number | undefined, url: string | null): number {
  const [, tick] = useState(0);
  useEffect(() => {
    if (since === undefined) return;
    let isOver = false;
    const timer = setInterval(() => {
      tick((before) => before + 1);
      void recognise();
      if (url === null || Date.now() - since < patienceMs) return;
      void answers(url).then((does) => {
        if (does && !isOver) follow(url, placeHere());
      });
    }, retryMs);
    return () => {
      isOver = true;
      clearInterval(timer);
    };
  }, [since, url]);
  return since === undefined ? 0 : Date.now() - since;
}

/** Whether there is a console: asked without anything that tells who asks, and no answer can be read but that there is one. */
async function answers(url: string): Promise<boolean> {
  const signal = AbortSignal.timeout(probeLimitMs);
  try {
    await fetch(`${url}/console/icon.svg`, { mode: 'no-cors', credentials: 'omit', cache: 'no-store', signal });
    return true;
  } catch {
    return false;
  }
}

function remember(url: string | null): void {
  if (url === null) localStorage.removeItem(storageKey);
  else localStorage.setItem(storageKey, url);
}
