import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { carryOut } from '../../src/cli/carry-out.ts';
import { type ManagementServer, startManagementServer } from '../../src/host/management/server.ts';
import { operatorCommands } from '../../src/operations/commands/table.ts';
import { PairWorld } from '../pair/pair-world.ts';
import { managedPair } from '../support/managed-pair.ts';
import { pairSource } from './pair-source.ts';

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'samog-test-'));
const socket = join(folder, 'management.sock');
const pair = PairWorld.attached('wlc1');
let server: ManagementServer;

/** The command line, without blocking the gateway that answers it. */
function samog(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, SAMOG_SOCKET: socket };
    const child = execFile(process.execPath, [main, ...args], { encoding: 'utf8', env }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

beforeAll(async () => {
  server = await startManagementServer(socket, {
    source: pairSource('active'),
    clear: () => false,
    clearAll: () => 0,
    redundancy: managedPair(pair, pair.a),
  });
});

afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** In this order: the last ones leave this chassis a standby. */
const dialogue: readonly (readonly [string, number, RegExp])[] = [
  ['srp validate-configuration', 0, /^Configuration of both chassis: the same\n$/],
  [
    'srp validate-switchover',
    0,
    /^PASS {2}this-chassis-active +this chassis is ACTIVE\n(PASS .*\n)+Ready for a planned switchover\n$/,
  ],
  ['show icsr readiness', 0, /^PASS {2}this-chassis-active .*\n(PASS .*\n)+Ready for a planned switchover\n$/],
  ['srp initiate-audit manual-with-sync', 0, /^Both chassis hold the same, after \d+ ms\n$/],
  ['srp reset-auth-probe-fail', 0, /was not set/],
  ['srp disable nack micro-chkpt-cmd 190', 0, /^NACK disabled for CMD-ID 190: SESS_.*\nNACK disabled for: 190\n$/],
  ['srp enable nack micro-chkpt-cmd 190', 0, /^NACK enabled for CMD-ID 190: SESS_.*\nNACK disabled for: none\n$/],
  [
    'srp initiate-switchover --wait 1 --yes',
    0,
    /ACTIVE -> PENDING_STANDBY: manual, term \d+\n.*\nThe peer has taken over, after \d+ ms\n$/,
  ],
  [
    'srp validate-switchover',
    1,
    /^FAIL {2}this-chassis-active +this chassis is STANDBY\n +give the command on the active chassis\n/,
  ],
  ['srp initiate-switchover --yes', 1, /The switchover was refused; "force" goes on/],
  ['srp initiate-switchover force --yes', 1, /^FAIL {2}this-chassis-active .*\n.*\nThe switchover was refused\n$/],
];

describe('the commands of a pair', () => {
  it('tell what came of them, and end with the code for it', async () => {
    for (const [command, code, text] of dialogue) {
      const result = await samog(...command.split(' '));
      expect({ command, code: result.code, stderr: result.stderr }).toEqual({ command, code, stderr: '' });
      expect(result.stdout).toMatch(text);
    }
  });

  it('tell what a switchover depends on and how many sessions it moves before they ask', async () => {
    const asked: { question: string; told: readonly string[] }[] = [];
    const command = operatorCommands.find(({ words }) => words.join(' ') === 'srp initiate-switchover')!;
    const confirm = async (question: string, told: readonly string[]) => {
      asked.push({ question, told });
      return false;
    };
    await expect(carryOut(command, {}, { socket, confirm })).rejects.toThrow('nothing was done');
    const told = expect.arrayContaining([expect.stringMatching(/^FAIL {2}this-chassis-active/)]);
    expect(asked).toEqual([{ question: 'this hands 4 sessions to the peer. Continue? [y/N] ', told }]);
  });

  it('take a part of a MAC address for the one subscriber that has it, where somebody types it', async () => {
    const carried = async (words: string, mac: string, abbreviations: boolean) => {
      const command = operatorCommands.find((one) => one.words.join(' ') === words)!;
      const confirm = async () => true;
      const { data } = await carryOut(command, { mac }, { socket, abbreviations, confirm });
      return JSON.stringify(data);
    };
    expect(await carried('show subscribers', '22:33', true)).toContain('"02:00:5e:11:22:33"');
    expect(await carried('explain subscriber', '2233', true)).toContain('"02:00:5e:11:22:33"');
    const several = carried('show events', '11-22', true);
    await expect(several).rejects.toThrow(/is part of a MAC address.*\n.*02:00:5e:11:22:33, .*02:00:5e:11:22:90/);
    await expect(several).rejects.toMatchObject({ exitCode: 2 });
    // In a script, and of what cannot be taken back, it has to be whole.
    await expect(carried('show subscribers', '22:33', false)).rejects.toThrow('looked at: 02:00:5e:11:22:33');
    await expect(carried('clear subscribers', '22:33', true)).rejects.toThrow('write it whole');
    await expect(carried('show subscribers', 'dead', true)).rejects.toMatchObject({ exitCode: 4 });
    await expect(carried('show subscribers', '02:00:5e:11:22:zz', true)).rejects.toThrow('is no MAC address');
  });

  it('answer with one JSON document', async () => {
    const { code, stdout } = await samog('srp', 'validate-switchover', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ passed: false, conditions: expect.any(Array) });
    const shown = await samog('show', 'srp', 'info', '--json');
    expect(JSON.parse(shown.stdout)).toMatchObject({ local: { state: 'ACTIVE' } });
  });

  it.each([
    ['srp initiate-audit manual-with-sync', 1, 'not the active'],
    ['srp disable nack micro-chkpt-cmd 256', 4, 'no micro-checkpoint has the CMD-ID 256'],
    ['srp disable nack micro-chkpt-cmd x', 2, 'use a number from 0 to 65535'],
    ['srp initiate-switchover --wait 301', 2, 'use a number from 0 to 300'],
    ['srp serve-alone', 1, '--yes'],
    ['srp initiate-switchover', 1, 'this hands 4 sessions to the peer\n  add --yes'],
    ['srp serve-alone --yes', 1, 'this chassis waits for nobody: it is'],
    ['srp terminate', 2, 'there is no command "samog srp terminate"'],
    ['srp', 2, 'Usage'],
  ])('%s: exit code %d', async (command, code, text) => {
    const result = await samog(...command.split(' '));
    expect(result.stderr).toContain(text);
    expect(result).toMatchObject({ code, stdout: '' });
  });
});
