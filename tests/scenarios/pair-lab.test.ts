import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { labCommand } from '../../src/lab/lab-command.ts';
import { assertOwnNamespace, namespaceWay } from '../../src/lab/pair/own-namespace.ts';
import type { MeasuredSwitchover, PairResult } from '../../src/lab/pair/pair-result.ts';
import { pairScenarios } from '../../src/lab/pair/pair-scenarios.ts';
import { requireTool } from '../support/require-tool.ts';

const samog = fileURLToPath(new URL('../../samog', import.meta.url));
const way = namespaceWay();
const canPlay = requireTool(way.ok ? 'a network namespace' : way.what, way.ok);
/** Two gateways that start, and one of them twice, on a machine that has other work. */
const limitMs = 240_000;

/** Where the lab's files go: whatever is left of it is found here. */
const folder = mkdtempSync(join(tmpdir(), 'samog-pair-lab-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function start(...parameters: readonly string[]): ChildProcess {
  const env = { ...process.env, TMPDIR: folder };
  return spawn(samog, ['lab', ...parameters], { env, stdio: ['ignore', 'pipe', 'pipe'] });
}

async function outcomeOf(child: ChildProcess): Promise<{ readonly code: number | null; readonly stdout: string }> {
  let stdout = '';
  let stderr = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) console.error(stderr);
  return { code, stdout };
}

/** Processes that have a file of the lab's in their command line. */
function processesLeft(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(join(folder, 'samog-lab-'));
      } catch {
        return false;
      }
    });
}

/** Draws a link cut, and kill -9 of the active. */
const chaosSeed = 15;

/** What every switchover keeps. */
const kept = { sessionsBefore: 55, sessionsAfter: 55, sessionsLost: 0, aaaRequestsCaused: 0, pbusCaused: 0 };
const aNumber = expect.any(Number) as number;
const octets = { uplink: aNumber, downlink: aNumber };
const measured = {
  ...kept,
  uplinkLost: aNumber,
  downlinkLost: aNumber,
  interruptionMs: aNumber,
  senderPauseMs: aNumber,
  octetsBefore: octets,
  octetsAfter: octets,
  octetsSent: octets,
};
const planned = { ...measured, kind: 'planned', tookMs: aNumber, readyAgainMs: null, handover: null };
const killed = { ...measured, kind: 'kill -9', tookMs: aNumber };
const moved = { from: 'PMIPv6 wlc', to: 'EoGRE rg', killedAfterMs: aNumber, pathKept: true };

const expected: Readonly<Record<string, readonly object[]>> = {
  switchover: [planned, planned],
  failover: [{ ...killed, readyAgainMs: aNumber, handover: null }],
  'failover-during-handover': [
    { ...killed, readyAgainMs: aNumber, handover: { ...moved, trigger: 'data' } },
    { ...killed, readyAgainMs: null, handover: { ...moved, trigger: 'dhcp-request' } },
  ],
  intercept: [planned, planned],
};

const copied = { mirrored: octets, used: octets, missing: 0, repeated: 0 };
const intercepted = [
  {
    ...copied,
    provisioned: 'before the session',
    events: expect.arrayContaining(['session-begin', 'handover']) as string[],
  },
  { ...copied, provisioned: 'during the session', events: expect.arrayContaining(['interception-begin']) as string[] },
];

it('every scenario of a pair is expected here', () => {
  const here = pairScenarios.filter(({ fromFormer, isChaos }) => !fromFormer && !isChaos);
  expect(here.map(({ name }) => name)).toEqual(Object.keys(expected));
});

it.each([
  [{ scenario: 'upgrade' }, 'begins as another release: name its folder by --former'],
  [{ scenario: 'upgrade', former: folder }, `there is no release in ${folder}`],
  [{ scenario: 'failover', former: folder }, 'has no use for --former'],
  [{ scenario: 'failover', rounds: 2 }, 'has no use for --rounds and --seed'],
])('%j is wrong usage', async (parameters, said) => {
  const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  expect(await labCommand(parameters)).toBe(2);
  expect(stderr.mock.calls.join()).toContain(said);
  stderr.mockRestore();
});

it('nothing is done to a network namespace that is not the lab’s own', () => {
  expect(() => assertOwnNamespace()).toThrow('namespace of its own');
});

describe.skipIf(!canPlay)('samog lab', () => {
  it.each(Object.entries(expected))(
    'plays %s',
    async (name, switchovers) => {
      const { code, stdout } = await outcomeOf(start(name, '--json'));
      const result = JSON.parse(stdout) as PairResult;
      expect(result.failures).toEqual([]);
      expect(code).toBe(0);
      expect(result).toEqual({
        scenario: name,
        passed: true,
        ...measured,
        ...(name === 'intercept' ? { intercepted } : {}),
        switchovers: expect.any(Array),
        failures: [],
      });
      expect(result.switchovers).toEqual(
        switchovers.map((each) => ({ ...each, from: expect.any(String), to: expect.any(String) })),
      );
      expectToAndFro(result.switchovers);
      expect(result.octetsAfter.uplink).toBeGreaterThan(result.octetsBefore.uplink);
      expect(result.octetsAfter.uplink).toBeLessThanOrEqual(result.octetsSent.uplink);
      expect(readdirSync(folder)).toEqual([]);
    },
    limitMs,
  );

  it(
    'plays chaos, as its seed draws it',
    async () => {
      const { code, stdout } = await outcomeOf(start('chaos', '--rounds', '2', '--seed', String(chaosSeed), '--json'));
      const { failures, rounds, seed, sessionsLost, sessionsAfter, aaaRequestsCaused } = JSON.parse(
        stdout,
      ) as PairResult;
      expect([code, failures, seed]).toEqual([0, [], chaosSeed]);
      expect(rounds!.map(({ round, fault, on, attached }) => [round, fault, on, attached])).toEqual([
        [1, 'link cut', null, 1],
        [2, 'kill -9', 'active', 1],
      ]);
      expect([sessionsLost, sessionsAfter, aaaRequestsCaused]).toEqual([0, 57, 0]);
      // Behind the cut the other one took the role, and who was killed has lost it again.
      for (const { activeBefore, activeAfter } of rounds!) expect(activeAfter).not.toBe(activeBefore);
      expect(readdirSync(folder)).toEqual([]);
    },
    limitMs,
  );

  it(
    'leaves nothing behind when it is killed',
    async () => {
      const child = start('failover');
      // Both gateways have been started.
      while (processesLeft().length < 3) await sleep(20);
      child.kill('SIGKILL');
      while (processesLeft().length > 0 || readdirSync(folder).length > 0) await sleep(20);
    },
    limitMs,
  );
});

/** Who takes the role is who gives it away next. */
function expectToAndFro(switchovers: readonly MeasuredSwitchover[]): void {
  for (const [index, { from, to }] of switchovers.entries()) {
    expect([from, to].sort()).toEqual(['samog-a', 'samog-b']);
    expect(from).toBe(switchovers[index - 1]?.to ?? from);
  }
}
