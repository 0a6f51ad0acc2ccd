import type { SessionObserver } from './session-observer.ts';

/** Lets several follow the sessions, each told in the order given. */
export function observers(...all: readonly SessionObserver[]): SessionObserver {
  return {
    changed(before, after, now, event) {
      for (const observer of all) observer.changed(before, after, now, event);
    },
  };
}
