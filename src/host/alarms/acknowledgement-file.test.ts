import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emptySource } from '../../../tests/operations/view-source.ts';
import type { ViewSource } from '../../operations/views/view.ts';
import { AcknowledgementFile } from './acknowledgement-file.ts';
import { AlarmWatch } from './alarm-watch.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'samog-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A gateway that cannot write its sessions to disk. */
function failing(): ViewSource {
  const store = { failing: { text: 'ENOSPC' } };
  return { ...emptySource(), recovery: () => ({ store }) as unknown as ReturnType<ViewSource['recovery']> };
}

const watchOf = (): AlarmWatch => new AlarmWatch(undefined, [], AcknowledgementFile.of({ directory: folder }));
const path = (): string => join(folder, 'acknowledgements.json');

describe('acknowledgements of alarms', () => {
  it('outlast a restart, and one that dies before it has found the alarm again', async () => {
    const first = watchOf();
    await first.look(failing());
    first.acknowledge(1, 'alice', 'ticket 7', 5);
    expect(readdirSync(folder)).toEqual(['acknowledgements.json']);
    const second = watchOf();
    await second.look(emptySource());
    const third = watchOf();
    await third.look(failing());
    expect(third.reader.standing()).toMatchObject([{ number: 1, acknowledgement: { by: 'alice', note: 'ticket 7' } }]);
  });

  it('end with their alarm', async () => {
    const first = watchOf();
    await first.look(failing());
    first.acknowledge('all', 'alice', undefined, 5);
    expect(readFileSync(path(), 'utf8')).toContain('recovery-failing');
    const second = watchOf();
    await second.look(failing());
    expect(second.reader.standing()).toMatchObject([{ acknowledgement: { by: 'alice' } }]);
    second.acknowledge('all', 'bob', undefined, 5);
    new AcknowledgementFile(folder).write([], { now: 0, wallClock: 0 });
    const third = watchOf();
    await third.look(failing());
    expect(third.reader.standing()).toMatchObject([{ acknowledgement: undefined }]);
  });

  it.each([
    ['nothing', ''],
    ['no JSON', '{'],
    ['what another version has written', '{"version":2,"acknowledgements":[]}'],
    ['an alarm that there is not', '{"version":1,"acknowledgements":[{"alarm":"x","severity":"warning"}]}'],
  ])('are none of a file that has %s in it', (_, text) => {
    writeFileSync(path(), text);
    expect(new AcknowledgementFile(folder).read({ now: 0, wallClock: 0 })).toEqual([]);
  });

  it('are not kept where nothing can be written, and the gateway goes on', async () => {
    const watch = new AlarmWatch(undefined, [], new AcknowledgementFile(join(folder, 'nowhere')));
    await watch.look(failing());
    expect(watch.acknowledge(1, 'alice', undefined, 5)).toHaveLength(1);
  });

  it('keep when they were made, by the clock on the wall', () => {
    const file = new AcknowledgementFile(folder);
    const one = { alarm: 'recovery-failing', severity: 'warning', about: null, by: 'alice', note: undefined } as const;
    file.write([{ ...one, at: 1000 }], { now: 5000, wallClock: 1_000_000 });
    expect(file.read({ now: 70_000, wallClock: 1_006_000 })).toEqual([{ ...one, at: 60_000 }]);
  });
});
