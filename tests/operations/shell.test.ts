import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ManagementServer, startManagementServer } from '../../src/host/management/server.ts';
import { requireTool } from '../support/require-tool.ts';
import { pairSource } from './pair-source.ts';

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const terminal = fileURLToPath(new URL('../support/terminal.py', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'samog-test-'));
const socket = join(folder, 'management.sock');
const history = join(folder, 'history');
let server: ManagementServer;
const cleared: string[] = [];

interface Typed {
  /** What was printed before each step, and after the last. */
  readonly printed: readonly string[];
  readonly code: number | null;
  /** The step that waited in vain. */
  readonly failed: number | null;
}

/** Types at a terminal: each step waits for its expression, then types its text. */
function type(
  steps: readonly (readonly [expect: string, send: string])[],
  rows = 24,
  args: readonly string[] = ['cli'],
): Promise<Typed> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, SAMOG_SOCKET: socket, SAMOG_HISTORY: history, TERM: 'xterm', NO_COLOR: '1' };
    const child = spawn('python3', [terminal], { env, stdio: ['pipe', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', () => resolve(JSON.parse(text) as Typed));
    child.stdin.end(
      JSON.stringify({
        command: [process.execPath, main, ...args],
        rows,
        columns: 80,
        timeout: 60,
        steps: steps.map(([expected, send]) => ({ expect: expected, send })),
      }),
    );
  });
}

beforeAll(async () => {
  server = await startManagementServer(socket, {
    source: pairSource('active'),
    clear: (mac) => {
      cleared.push(String(mac));
      return true;
    },
    clearAll: () => {
      cleared.push('all');
      return 4;
    },
  });
});

afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const prompt = 'samog-1\\[Active\\]! 2> ';

describe.skipIf(!requireTool('python3'))('the shell at a terminal', () => {
  it('tells its chassis, takes short words, explains, completes, filters and leaves', { timeout: 90_000 }, async () => {
    const { printed, code, failed } = await type([
      [prompt, 'show soc?'],
      ['sockets .*sockets: what each', '\t| cou\r'],
      [`Count: \\d+ rows[\\s\\S]*${prompt}`, 'sh sub samog-only m\t'],
      ['samog-only mac ', '02:00:5e:11:22:3\t'],
      ['02:00:5e:11:22:33 ', '\r'],
      [`02:00:5e:11:22:33 +Established[\\s\\S]*${prompt}`, 'exp sub 02:00:5e:11:22:33 | begin events\r'],
      [`Events: 3[\\s\\S]*${prompt}`, 's ev\r'],
      [`could be show, session-manager, srp[\\s\\S]*${prompt}`, 'show bulkstats | csv | count\r'],
      [`Count: 13 lines[\\s\\S]*${prompt}`, '\x1b[A'],
      ['show bulkstats \\| csv \\| count', '\x03'],
      [`\\^C[\\s\\S]*${prompt}`, 'exit\r'],
    ]);
    expect([failed, code]).toEqual([null, 0]);
    expect(printed[2]).toContain('Count: ');
  });

  it('carries out pasted lines one after the other', { timeout: 90_000 }, async () => {
    const { printed, code, failed } = await type([
      [prompt, 'show bulkstats | csv | count\rshow crash list | json | match crashes | count\rnonsense\r'],
      [`no command "nonsense"[\\s\\S]*${prompt}`, 'exit\r'],
    ]);
    expect([failed, code]).toEqual([null, 0]);
    expect(printed[1]).toMatch(/Count: 13 lines[\s\S]*Count: 1 lines[\s\S]*no command/);
  });

  it('asks before it ends all sessions, and does nothing without a yes', { timeout: 90_000 }, async () => {
    const { code, failed } = await type([
      [prompt, 'clear subscribers all\r'],
      ['this ends 4 sessions. Continue\\? \\[y/N\\] ', '\r'],
      [`nothing was done[\\s\\S]*${prompt}`, 'clear subscribers all\r'],
      ['Continue\\? \\[y/N\\] ', '\x03'],
      [`nothing was done[\\s\\S]*${prompt}`, 'clear subscribers all\r'],
      ['Continue\\? \\[y/N\\] ', 'y\r'],
      [`matching the specified criteria: 4[\\s\\S]*${prompt}`, '\x04'],
    ]);
    expect([failed, code]).toEqual([null, 0]);
    expect(cleared).toEqual(['all']);
  });

  it.each([
    ['Ctrl-C', '\x03'],
    ['Ctrl-D', '\x04'],
    ['no', 'n\r'],
  ])('does nothing where a command outside of it is answered by %s', { timeout: 90_000 }, async (_name, key) => {
    const before = [...cleared];
    const asked = 'this ends 4 sessions. Continue\\? \\[y/N\\] ';
    const { printed, code, failed } = await type([[asked, key]], 24, ['clear', 'subscribers', 'all']);
    expect([failed, code, cleared]).toEqual([null, 1, before]);
    expect(printed.at(-1)).toContain('samog: nothing was done\r\n  answer y to go on');
    expect(printed.at(-1)).not.toContain('node:');
  });

  it('is what samog alone begins, where a gateway answers', { timeout: 90_000 }, async () => {
    const { code, failed } = await type([[prompt, 'exit\r']], 24, []);
    expect([failed, code]).toEqual([null, 0]);
  });

  it('prints what is long a screen at a time', { timeout: 90_000 }, async () => {
    const { printed, code, failed } = await type(
      [
        [prompt, 'show samog-service statistics\r'],
        ['--More-- \\(\\d+%\\)', ' '],
        ['--More-- \\(\\d+%\\)', '\r'],
        ['--More-- \\(\\d+%\\)', 'q'],
        [prompt, 'show crash list\r'],
        [prompt, 'exit\r'],
      ],
      10,
    );
    expect([failed, code]).toEqual([null, 0]);
    const linesOf = (text: string): number => text.split('\r\n').length - 1;
    expect(printed.slice(1, 4).map((text) => linesOf(text))).toEqual([10, 9, 1]);
  });

  it('remembers what was typed, for its user alone', { timeout: 90_000 }, async () => {
    writeFileSync(history, `${'show sockets\n'.repeat(3)}show events limit 1\n`, { mode: 0o644 });
    const { code, failed } = await type([
      [prompt, '\x1b[A\r'],
      [`Events: 1 shown[\\s\\S]*${prompt}`, 'history\r'],
      [`    4  show events limit 1[\\s\\S]*${prompt}`, 'exit\r'],
    ]);
    expect([failed, code]).toEqual([null, 0]);
    expect(readFileSync(history, 'utf8').trimEnd().split('\n').slice(3)).toEqual([
      'show events limit 1',
      'history',
      'exit',
    ]);
    expect(statSync(history).mode & 0o777).toBe(0o600);
  });
});
