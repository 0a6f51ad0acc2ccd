import { signal } from '@preact/signals';
import { goTo, pages } from './place.ts';

/** Whether the list of keys is shown. */
export const helpShown = signal(false);
export const searchField = 'search';

/** How long the letter behind `g` may take, in milliseconds. */
const chordLimitMs = 1500;

/** Keys for those who have no hand free for a mouse; none of them while something is typed or a dialog is open. */
export function listenToKeys(): () => void {
  let wentAt = Number.NEGATIVE_INFINITY;
  const pressed = (event: KeyboardEvent): void => {
    const { target, key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (target instanceof HTMLElement && target.closest('input, textarea, select, dialog') !== null) return;
    if (event.timeStamp - wentAt < chordLimitMs) {
      wentAt = Number.NEGATIVE_INFINITY;
      const page = pages.find((each) => each.key === key);
      if (page !== undefined) goTo(page.name);
    } else if (key === 'g') {
      wentAt = event.timeStamp;
    } else if (key === '/') {
      event.preventDefault();
      document.getElementById(searchField)?.focus();
    } else if (key === '?') {
      helpShown.value = true;
    }
  };
  document.addEventListener('keydown', pressed);
  return () => document.removeEventListener('keydown', pressed);
}
