import { useEffect, useState } from 'preact/hooks';
import { type Answer, get } from './api.ts';

/** What is known of a question that is asked again and again. */
export interface Polled<Data> {
  /** The last answer that had data; undefined before the first. It stays while the gateway is silent. */
  readonly data: Data | undefined;
  /** Why there was none the last time. */
  readonly problem: Exclude<Answer<unknown>, { readonly kind: 'data' }> | undefined;
  /** Asks at once. */
  refresh(): void;
}

/** Nothing is asked more often. */
const intervalLeastMs = 1000;

/**
 * Asks again when the interval is over and the last question answered, while anybody can see it: a page in the background asks
 * nothing.
 *
 * @param query another query is another question: what was known is forgotten
 */
export function usePolled<Data>(
  path: string,
  query: Readonly<Record<string, string>>,
  intervalMs: number,
): Polled<Data> {
  const key = `${path}?${new URLSearchParams(query)}`;
  const [known, setKnown] = useState<{ key: string; data?: Data; problem?: Polled<Data>['problem'] }>({ key });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let timer = 0;
    let isOver = false;
    const ask = async () => {
      if (!document.hidden) {
        const answer = await get<Data>(path, query);
        if (isOver) return;
        if (answer.kind === 'data') setKnown({ key, data: answer.data });
        else setKnown((before) => ({ ...(before.key === key ? before : { key }), problem: answer }));
      }
      timer = setTimeout(ask, Math.max(intervalLeastMs, intervalMs));
    };
    const shown = () => {
      if (document.hidden) return;
      clearTimeout(timer);
      void ask();
    };
    void ask();
    document.addEventListener('visibilitychange', shown);
    return () => {
      isOver = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', shown);
    };
  }, [key, turn]);
  const current = known.key === key;
  return {
    data: current ? known.data : undefined,
    problem: current ? known.problem : undefined,
    refresh: () => setTurn((before) => before + 1),
  };
}
