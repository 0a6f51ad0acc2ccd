import { describe, expect, it } from 'vitest';
import { emptySource } from '../../../tests/operations/view-source.ts';
import { answerSchemas } from '../../operations/api/answers.ts';
import type { ViewSource } from '../../operations/views/view.ts';
import { AlarmWatch } from '../alarms/alarm-watch.ts';
import { AuditLog } from '../audit/audit-log.ts';
import { managementApp } from './app.ts';
import { doorOf } from './door.ts';

/** The API of a gateway whose disk is full, and which has noticed. */
async function troubled() {
  const watch = new AlarmWatch(undefined);
  const store = { failing: { text: 'ENOSPC' } };
  const changes = AuditLog.inMemory();
  const source: ViewSource = {
    ...emptySource(),
    alarms: watch.reader,
    audit: { changes },
    recovery: () => ({ store }) as unknown as ReturnType<ViewSource['recovery']>,
  };
  await watch.look(source);
  const managed = { source, alarmDesk: watch, clear: () => false, clearAll: () => 0 };
  const door = doorOf({ name: 'alice', roles: ['operate'], via: 'token', from: null });
  const app = managementApp({ managed, door });
  const acknowledge = (body: object) =>
    app.request('/v1/alarms/acknowledge', { method: 'POST', body: JSON.stringify(body) });
  return { app, changes, acknowledge };
}

describe('alarms by the API', () => {
  it('are acknowledged by whoever asks, with a note, and that is audited', async () => {
    const { app, acknowledge, changes } = await troubled();
    const answer: unknown = await (await acknowledge({ number: 1, note: 'ticket 7' })).json();
    expect(answer).toMatchObject({ alarms: [{ number: 1, acknowledged: { by: 'alice', note: 'ticket 7' } }] });
    expect(answerSchemas['/v1/alarms/acknowledge']!.safeParse(answer).error?.issues).toBeUndefined();
    const shown: unknown = await (await app.request('/v1/show/alarms')).json();
    expect(shown).toMatchObject({ alarms: [{ number: 1, acknowledged: { by: 'alice', note: 'ticket 7' } }] });
    expect(await (await app.request('/v1/health')).json()).toMatchObject({ alarms: ['recovery-failing'] });
    expect(changes.latest(2)).toMatchObject([
      { kind: 'asked', who: 'alice', subject: { number: 1, note: 'ticket 7' } },
      { kind: 'answered', result: 'done' },
    ]);
  });

  it('are acknowledged all at once', async () => {
    const { acknowledge } = await troubled();
    expect(await (await acknowledge({ all: true })).json()).toMatchObject({ alarms: [{ number: 1 }] });
    expect(await (await acknowledge({ all: true })).json()).toEqual({ alarms: [] });
  });

  it.each<[object, number]>([
    [{ number: 2 }, 404],
    [{ number: 0 }, 400],
    [{ number: 1, all: true }, 400],
    [{}, 400],
    [{ number: 1, note: 'two\nlines' }, 400],
    [{ number: 1, note: 'x'.repeat(257) }, 400],
  ])('are not acknowledged by %j', async (body, status) => {
    const { acknowledge } = await troubled();
    expect((await acknowledge(body)).status).toBe(status);
  });
});
