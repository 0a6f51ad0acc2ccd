import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Logger, pino } from 'pino';
import { afterAll, describe, expect, it } from 'vitest';
import { RouteHook, routeHookProblems } from './route-hook.ts';

const folder = mkdtempSync(join(tmpdir(), 'samog-hook-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Makes a hook of shell commands. */
function hookOf(name: string, commands: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${commands}\n`, { mode: 0o755 });
  return path;
}

/** A log, and what is written to it. */
function collectingLog(): { readonly log: Logger; readonly lines: string[] } {
  const lines: string[] = [];
  const log = pino({ base: null }, { write: (line) => lines.push(JSON.parse(line).msg) });
  return { log, lines };
}

describe('the route hook', () => {
  it('is told role and route modifier, one change after the other', async () => {
    const told = join(folder, 'told');
    const hook = new RouteHook(hookOf('order', `echo begin "$@" >> ${told}; sleep 0.05; echo end "$@" >> ${told}`));
    hook.changed('active', 7);
    await hook.idle();
    hook.changed('standby', 9);
    await hook.idle();
    expect(readFileSync(told, 'utf8').trim().split('\n')).toEqual([
      'begin active 7',
      'end active 7',
      'begin standby 9',
      'end standby 9',
    ]);
    expect(hook.statistics()).toEqual({
      runs: 2,
      failures: 0,
      superseded: 0,
      running: false,
      last: { role: 'standby', routeModifier: 9, failure: undefined },
    });
  });

  it('runs once at a time, and of the changes that come meanwhile only for the newest', async () => {
    const [told, gate] = [join(folder, 'newest'), join(folder, 'gate')];
    const hook = new RouteHook(hookOf('slow', `echo "$@" >> ${told}; while ! [ -e ${gate} ]; do sleep 0.02; done`));
    hook.changed('active', 1);
    while (!routeHookHasRun(told)) await new Promise((resolve) => setTimeout(resolve, 10));
    hook.changed('standby', 2);
    hook.changed('active', 3);
    hook.changed('standby', 4);
    expect(hook.statistics()).toMatchObject({ running: true, superseded: 2 });
    writeFileSync(gate, '');
    await hook.idle();
    expect(readFileSync(told, 'utf8')).toBe('active 1\nstandby 4\n');
  });

  it('has its output in the log, a bounded number of lines, and its failure', async () => {
    const { log, lines } = collectingLog();
    const path = hookOf('loud', 'echo hello; i=0; while [ $i -lt 300 ]; do echo x; i=$((i+1)); done; exit 3');
    const hook = new RouteHook(path, { log });
    hook.changed('active', 1);
    await hook.idle();
    expect(lines).toHaveLength(101);
    expect([lines[0], ...lines.slice(-2)]).toEqual([
      'hello',
      'more of its output is not logged',
      `the route hook ${path} failed: it ended with exit code 3`,
    ]);
    expect(hook.statistics()).toMatchObject({ runs: 1, failures: 1 });
  });

  it('is ended with its children when it hangs, and the next change has its run', async () => {
    const told = join(folder, 'hung');
    const path = hookOf(
      'hang',
      `echo "$1" >> ${told}; [ "$1" = standby ] && exit; (while :; do sleep 60; done) & wait`,
    );
    const hook = new RouteHook(path, { timeLimitMs: 300 });
    hook.changed('active', 1);
    await hook.idle();
    expect(hook.statistics().last?.failure).toBe('it took longer than 300 ms and was ended');
    hook.changed('standby', 2);
    await hook.idle();
    expect(readFileSync(told, 'utf8')).toBe('active\nstandby\n');
    expect(hook.statistics()).toMatchObject({ runs: 2, failures: 1, last: { failure: undefined } });
  });

  it('does not wait for what it leaves behind', async () => {
    const hook = new RouteHook(hookOf('daemon', 'sleep 20 &'), { timeLimitMs: 15_000 });
    hook.changed('active', 1);
    await hook.idle();
    expect(hook.statistics()).toMatchObject({ failures: 0, last: { failure: undefined } });
  });

  it('that is no executable is a problem at the start, and a failure later', async () => {
    const path = join(folder, 'plain');
    writeFileSync(path, 'echo', { mode: 0o644 });
    expect(routeHookProblems(path)).toMatchObject([{ path: 'service-redundancy-protocol.route-hook' }]);
    expect(routeHookProblems(join(folder, 'none'))[0]!.what).toMatch(/ENOENT/);
    expect(routeHookProblems(hookOf('good', 'exit 0'))).toEqual([]);
    const hook = new RouteHook(join(folder, 'none'));
    hook.changed('active', 1);
    await hook.idle();
    expect(hook.statistics()).toMatchObject({ failures: 1, last: { failure: expect.stringMatching(/ENOENT/) } });
  });
});

function routeHookHasRun(told: string): boolean {
  try {
    return readFileSync(told, 'utf8') !== '';
  } catch {
    return false;
  }
}
