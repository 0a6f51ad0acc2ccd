import type { EventSink } from '../../services/samog/events.ts';
import type { RowRefusal } from '../../sessmgr/recovery/recover.ts';
import type { RecoveredAtStart } from '../../sessmgr/recovery/recovery-status.ts';
import { tellEvent } from '../gateway-event.ts';
import type { StoreNotice } from './call-store.ts';
import type { SetAside } from './store-messages.ts';

/**
 * Tells as an event what the call recovery store has run into, or is over: a write that fails, writes that succeed
 * again, a file that cannot be read and was set aside.
 */
export function tellStoreNotice(report: EventSink | undefined, notice: StoreNotice): void {
  switch (notice.kind) {
    case 'failing': {
      const { trouble, text } = notice.failure;
      return tellEvent(
        report,
        'recovery-write-failing',
        `sessions are not written to disk (${trouble}: ${text}); it is tried again until they are`,
      );
    }
    case 'writing-again': {
      const seconds = (notice.lastedMs / 1000).toFixed(1);
      const text = `sessions are written to disk again, after ${notice.failures} failures in ${seconds} s`;
      return tellEvent(report, 'recovery-writing-again', text);
    }
    case 'set-aside':
      return tellSetAside(report, notice.setAside);
  }
}

/** Tells that the store could not be read, was kept under another name, and that a new one has begun. */
export function tellSetAside(report: EventSink | undefined, { trouble, text, path }: SetAside): void {
  tellEvent(
    report,
    'recovery-store-set-aside',
    `the call recovery store was set aside as ${path} (${trouble}: ${text}) and a new one begun`,
  );
}

/** Tells how many sessions came back from disk; and, if there are any, how many rows were refused, by reason. */
export function tellRecovered(
  report: EventSink | undefined,
  { sessions, tookMs, wasClean }: RecoveredAtStart,
  refused: ReadonlyMap<RowRefusal, number>,
): void {
  const how = wasClean ? 'a stop in good order' : 'a crash';
  if (sessions > 0) {
    const text = `${sessions} sessions recovered in ${Math.round(tookMs)} ms after ${how}`;
    tellEvent(report, 'sessions-recovered', text);
  }
  if (refused.size === 0) return;
  const reasons = Array.from(refused, ([reason, count]) => `${count} ${reason}`).join(', ');
  tellEvent(report, 'recovery-rows-refused', `sessions of the store that were not recovered: ${reasons}`);
}
