import { describe, expect, it } from 'vitest';
import { emptySource } from '../../../tests/operations/view-source.ts';
import type { ViewSource } from '../../operations/views/view.ts';
import type { SamogEvent } from '../../services/samog/events.ts';
import type { TakenOn } from '../../wire/srp/messages.ts';
import { now } from '../clock.ts';
import { AlarmWatch } from './alarm-watch.ts';

/** A gateway that cannot write its sessions to disk. */
function failing(): ViewSource {
  const store = { failing: { text: 'ENOSPC' } };
  return { ...emptySource(), recovery: () => ({ store }) as unknown as ReturnType<ViewSource['recovery']> };
}

describe('the watch over alarms', () => {
  it('tells the log, and whoever wants to know, of each alarm and of each acknowledgement', async () => {
    const log: string[] = [];
    const told: string[] = [];
    const watch = new AlarmWatch(({ name, text }: SamogEvent) => void log.push(`${name}: ${text()}`));
    watch.onChange(({ kind, record }) => void told.push(`${kind} ${record.alarm}`));
    await watch.look(failing());
    await watch.look(failing());
    expect(watch.acknowledge(1, 'alice', 'ticket 7', 5)).toMatchObject([{ number: 1 }]);
    expect(watch.acknowledge(1, 'bob', undefined, 6)).toHaveLength(1);
    expect(watch.acknowledge(2, 'bob', undefined, 7)).toEqual([]);
    expect(log).toEqual([
      'alarm-raised: alarm recovery-failing (1), warning: sessions cannot be written to disk: ENOSPC',
      'alarm-acknowledged: alarm recovery-failing (1), by alice: ticket 7',
      'alarm-acknowledged: alarm recovery-failing (1), by bob',
    ]);
    expect(told).toEqual(['raised recovery-failing', 'acknowledged recovery-failing', 'acknowledged recovery-failing']);
    expect(watch.reader.standing()).toMatchObject([{ alarm: 'recovery-failing', acknowledgement: { by: 'bob' } }]);
  });

  it('is not in the way of a gateway that cannot be looked at', async () => {
    const watch = new AlarmWatch(undefined);
    const source: ViewSource = { ...emptySource(), look: () => Promise.reject(new Error('a thread has ended')) };
    watch.start(source);
    await expect(watch.look(emptySource())).resolves.toBeUndefined();
    watch.stop();
    expect(watch.reader.standing()).toEqual([]);
  });

  it('tells the other chassis what is acknowledged, which then has it, too, and says no more about it', async () => {
    const log: string[] = [];
    const here = new AlarmWatch(undefined);
    const there = new AlarmWatch(({ name, text }: SamogEvent) => void log.push(`${name}: ${text()}`));
    let told = 0;
    const tell = (other: AlarmWatch) => (taken: readonly TakenOn[]) => {
      told += 1;
      other.heard(taken);
    };
    here.shareWith(tell(there));
    there.shareWith(tell(here));
    await Promise.all([here.look(failing()), there.look(failing())]);
    here.acknowledge(1, 'alice', 'ticket 7', now());
    expect(there.reader.standing()).toMatchObject([{ acknowledgement: { by: 'alice', note: 'ticket 7' } }]);
    expect(log.at(-1)).toBe('alarm-acknowledged: alarm recovery-failing (1), by alice: ticket 7');
    const before = told;
    await Promise.all([here.look(failing()), there.look(failing())]);
    expect(told).toBe(before);
  });
});
