import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { RouteChange } from './keeper-protocol.ts';
import { RouteHook, type RouteHookEvents, routeHookProblems } from './route-hook.ts';

const folder = mkdtempSync(join(tmpdir(), 'samog-hook-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Makes a hook of shell commands. */
function hookOf(name: string, commands: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${commands}\n`, { mode: 0o755 });
  return path;
}

/** A hook with what it told: lines of output, and how each run ended. */
function collecting(path: string, timeLimitMs?: number): { hook: RouteHook; lines: string[]; ends: string[] } {
  const [lines, ends]: [string[], string[]] = [[], []];
  const events: RouteHookEvents = {
    output: (_change, line) => lines.push(line),
    ended: ({ role, routeModifier }, failure) => ends.push(`${role} ${routeModifier}: ${failure ?? 'good'}`),
  };
  return { hook: new RouteHook(path, events, timeLimitMs), lines, ends };
}

const active = (routeModifier: number): RouteChange => ({ role: 'active', routeModifier });
const standby = (routeModifier: number): RouteChange => ({ role: 'standby', routeModifier });

describe('the route hook', () => {
  it('is told role and route modifier, one change after the other', async () => {
    const told = join(folder, 'told');
    const path = hookOf('order', `echo begin "$@" >> ${told}; sleep 0.05; echo end "$@" >> ${told}`);
    const { hook, ends } = collecting(path);
    hook.changed(active(7));
    await hook.idle();
    hook.changed(standby(9));
    await hook.idle();
    expect(readFileSync(told, 'utf8').trim().split('\n')).toEqual([
      'begin active 7',
      'end active 7',
      'begin standby 9',
      'end standby 9',
    ]);
    expect(ends).toEqual(['active 7: good', 'standby 9: good']);
  });

  it('runs once at a time, and of the changes that come meanwhile only for the newest', async () => {
    const [told, gate] = [join(folder, 'newest'), join(folder, 'gate')];
    const path = hookOf('slow', `echo "$@" >> ${told}; while ! [ -e ${gate} ]; do sleep 0.02; done`);
    const { hook, ends } = collecting(path);
    hook.changed(active(1));
    while (!routeHookHasRun(told)) await new Promise((resolve) => setTimeout(resolve, 10));
    hook.changed(standby(2));
    hook.changed(active(3));
    hook.changed(standby(4));
    expect(ends).toEqual([]);
    writeFileSync(gate, '');
    await hook.idle();
    expect(readFileSync(told, 'utf8')).toBe('active 1\nstandby 4\n');
  });

  it('tells its output, a bounded number of lines, and its failure', async () => {
    const path = hookOf('loud', 'echo hello; i=0; while [ $i -lt 300 ]; do echo x; i=$((i+1)); done; exit 3');
    const { hook, lines, ends } = collecting(path);
    hook.changed(active(1));
    await hook.idle();
    expect(lines).toHaveLength(100);
    expect([lines[0], lines.at(-1)]).toEqual(['hello', 'more of its output is left out']);
    expect(ends).toEqual(['active 1: it ended with exit code 3']);
  });

  it('is ended with its children when it hangs, and the next change has its run', async () => {
    const told = join(folder, 'hung');
    const path = hookOf(
      'hang',
      `echo "$1" >> ${told}; [ "$1" = standby ] && exit; (while :; do sleep 60; done) & wait`,
    );
    const { hook, ends } = collecting(path, 300);
    hook.changed(active(1));
    await hook.idle();
    expect(ends).toEqual(['active 1: it took longer than 300 ms and was ended']);
    hook.changed(standby(2));
    await hook.idle();
    expect(readFileSync(told, 'utf8')).toBe('active\nstandby\n');
    expect(ends[1]).toBe('standby 2: good');
  });

  it('does not wait for what it leaves behind', async () => {
    const { hook, ends } = collecting(hookOf('daemon', 'sleep 20 &'), 15_000);
    hook.changed(active(1));
    await hook.idle();
    expect(ends).toEqual(['active 1: good']);
  });

  it('that is no executable is a problem at the start, and a failure later', async () => {
    const path = join(folder, 'plain');
    writeFileSync(path, 'echo', { mode: 0o644 });
    expect(routeHookProblems(path)).toMatchObject([{ path: 'service-redundancy-protocol.route-hook' }]);
    expect(routeHookProblems(join(folder, 'none'))[0]!.what).toMatch(/ENOENT/);
    expect(routeHookProblems(hookOf('good', 'exit 0'))).toEqual([]);
    const { hook, ends } = collecting(join(folder, 'none'));
    hook.changed(active(1));
    await hook.idle();
    expect(ends).toEqual([expect.stringMatching(/^active 1: .*ENOENT/)]);
  });
});

function routeHookHasRun(told: string): boolean {
  try {
    return readFileSync(told, 'utf8') !== '';
  } catch {
    return false;
  }
}
