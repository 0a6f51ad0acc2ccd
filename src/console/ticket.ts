import { useEffect } from 'preact/hooks';
import { get, principal } from './api.ts';

interface Ticket {
  readonly ticket: string | null;
  readonly lifeSeconds: number;
}

/** The other chassis lets us in with it; kept in memory alone, like a token. */
let held: { readonly ticket: string; readonly until: number } | undefined;

const renewMs = 60_000;

/** Keeps a ticket to the other chassis at hand: when it is needed this one may not answer any more. */
export function useTicket(url: string | null): void {
  const who = principal.value;
  // A token is asked for again there: it is not kept anywhere.
  const isLoggedIn = who?.via === 'session' || who?.via === 'password';
  useEffect(() => {
    held = undefined;
    if (url === null || !isLoggedIn) return;
    const renew = async () => {
      if (document.hidden) return;
      const answer = await get<Ticket>('/v1/session/ticket');
      if (answer.kind !== 'data' || answer.data.ticket === null) return;
      held = { ticket: answer.data.ticket, until: Date.now() + answer.data.lifeSeconds * 1000 };
    };
    void renew();
    const timer = setInterval(() => void renew(), renewMs);
    document.addEventListener('visibilitychange', renew);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', renew);
    };
  }, [url, isLoggedIn, who?.name]);
}

/**
 * Goes to a page of the other chassis's console: as whoever is logged in here, if there is a ticket. It is sent in a form, for no
 * address and no history is to have it.
 */
export function follow(url: string, place: string): void {
  if (held === undefined || held.until < Date.now()) return location.assign(`${url}/console/${place}`);
  const form = document.createElement('form');
  form.method = 'post';
  form.action = `${url}/console/follow`;
  for (const [name, value] of Object.entries({ ticket: held.ticket, place })) {
    const field = document.createElement('input');
    field.type = 'hidden';
    field.name = name;
    field.value = value;
    form.append(field);
  }
  held = undefined;
  document.body.append(form);
  form.submit();
}
