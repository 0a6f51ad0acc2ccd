import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Managed } from '../../src/host/management/answers.ts';
import { type ManagementServer, startManagementServer } from '../../src/host/management/server.ts';
import { formatMac } from '../../src/kernel/address.ts';
import { address, MemoryWorld } from '../scenarios/memory-world.ts';
import { attempted, BlackHole, managedOf, rejected, unknownRg } from '../support/faults.ts';
import { isOnPath, requireTool } from '../support/require-tool.ts';
import { Terminals } from '../support/terminals.ts';

/**
 * What somebody does who has never seen a gateway and is told that one phone does not work: commands of the command line, in the
 * order in which troubleshooting.md has them, until one says what is wrong and what to do.
 */

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'samog-test-'));
const socket = join(folder, 'management.sock');
let server: ManagementServer | undefined;

afterEach(async () => {
  await server?.stop();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Puts the gateway of a world behind a management socket. */
async function serve(world: MemoryWorld, changes: Partial<Managed> = {}): Promise<void> {
  server = await startManagementServer(socket, { ...(await managedOf(world)), ...changes });
}

function samog(words: string, before: readonly string[] = []): Promise<{ code: number | null; said: string }> {
  const [program, ...args] = [...before, process.execPath, main, ...words.split(' '), '--socket', socket];
  return new Promise((resolve) => {
    const child = spawn(program!, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (part: Buffer) => {
        said += part.toString();
      });
    }
    child.once('close', (code) => resolve({ code, said }));
  });
}

/** A monitor at a terminal, at the ladder of a subscriber. */
function monitored(terminals: Terminals, { ue }: MemoryWorld): string {
  return terminals.start(160, 40, 'monitor', 'subscriber', formatMac(ue.mac), '--socket', socket);
}

/** Each command is a process, and pings that get lost are waited for. */
const patience = { timeout: 180_000 };

describe('one phone does not work', patience, () => {
  it('because nobody knows its RG: explain subscriber says so, and show twan-profile whom to add', async () => {
    const world = unknownRg();
    await serve(world);
    expect((await samog('show alarms')).said).toContain('Alarms: 0 standing');
    const { code, said } = await samog(`explain subscriber ${formatMac(world.ue.mac)}`);
    expect(code).toBe(0);
    expect(said).toMatch(/[1-9]\d* packets came from access nodes that are in no TWAN profile/);
    expect(said).toContain('show twan-profile');
    expect((await samog('show twan-profile')).code).toBe(0);
    expect((await samog('show forwarding --drops')).said).toMatch(/unknownClient +[1-9]/);
  });

  it('because AAA rejects it: explain subscriber says so, and how it was called there', async () => {
    const world = rejected();
    await serve(world);
    const { said } = await samog(`explain subscriber ${formatMac(world.ue.mac)}`);
    expect(said).toContain('the AAA server rejected the UE');
    expect(said).toContain('mrme-service.user-name');
    expect((await samog('show events catalogue --name session-failed')).said).toContain('explain subscriber');
  });

  it('because no AAA server answers: the alarm says so at once, and is taken on', async () => {
    const world = new MemoryWorld();
    world.drops = ({ destination }) => destination === address.aaa;
    await serve(attempted(world, 30_000));
    const { said } = await samog('show alarms');
    expect(said).toMatch(/1 +critical +no-aaa-server .*show mrme-service +no RADIUS server answers/);
    expect((await samog('alarms acknowledge 1 --note looking')).said).toContain('1: no-aaa-server');
    expect((await samog('show alarms --json')).said).toContain('"note": "looking"');
    expect((await samog(`explain subscriber ${formatMac(world.ue.mac)}`)).said).toContain(
      'no AAA server answered in time',
    );
  });
});

describe.skipIf(!requireTool('tmux'))('one phone does not work, says the monitor', patience, () => {
  const terminals = new Terminals();
  afterAll(() => terminals.stop());

  it('because nobody knows its RG: there is nothing of it, and x tells of packets that nobody knows', async () => {
    const world = unknownRg();
    await serve(world);
    const terminal = monitored(terminals, world);
    await terminals.until(terminal, /0 of 0/);
    terminals.press(terminal, 'x');
    const said = await terminals.until(terminal, /access nodes that are in no TWAN profile/);
    expect(said).toContain('show twan-profile');
  });

  it('because AAA rejects it: the ladder has it, and x tells what to do', async () => {
    const world = rejected();
    await serve(world);
    const terminal = monitored(terminals, world);
    await terminals.until(terminal, /✗ session not set up: aaa-reject/);
    terminals.press(terminal, 'x');
    await terminals.until(terminal, /the AAA server rejected the UE/);
    await terminals.until(terminal, /mrme-service\.user-name/);
  });
});

const blackHole = new BlackHole();
const mayTry = requireTool('namespaces and ping', isOnPath('ping') && isOnPath('ip') && process.getuid?.() === 0);

describe.skipIf(!mayTry)('one phone opens no pages', patience, () => {
  const terminals = new Terminals();
  beforeAll(() => expect(blackHole.make()).toBe(true));
  afterAll(() => {
    terminals.stop();
    blackHole.remove();
  });

  it('because the way to its RG swallows long packets: the doctor says so, and what to set', async () => {
    const world = attempted(new MemoryWorld(), 200);
    await serve(world);
    // There is nothing wrong that the gateway could know.
    const explained = await samog(`explain subscriber ${formatMac(world.ue.mac)}`);
    expect(explained.said).toMatch(/It has a session .*at EoGRE 198\.51\.100\.1/);
    const { code, said } = await samog('doctor --path 10.9.0.7', blackHole.entering);
    expect(code).toBe(1);
    // A virtual interface takes a VLAN tag beyond its MTU.
    expect(said).toMatch(
      /FAIL {2}path to 10\.9\.0\.7 {2}only 140[0-4] octets pass, and cgw-service\.access\.mtu is 1500/,
    );
    expect(said).toMatch(/set cgw-service\.access\.mtu to 140[0-4]/);
    const silent = await samog('doctor --path 10.9.0.9', blackHole.entering);
    expect(silent).toMatchObject({ code: 0, said: expect.stringContaining('it answers no ping') });
    expect((await samog('doctor --path nowhere')).code).toBe(2);
  });

  it('because the way to its RG swallows long packets: its gateway finds out, for path check and for the monitor', async () => {
    const world = attempted(new MemoryWorld(), 200);
    const rg = '198.51.100.1';
    await serve(world, { pathProbe: blackHole.probe(rg) });
    const { code, said } = await samog(`path check ${rg}`);
    expect(code).toBe(1);
    expect(said).toMatch(/FAIL {2}path to 198\.51\.100\.1 {2}only 140[0-4] octets pass/);
    expect(await samog('path check 203.0.113.99')).toMatchObject({ code: 4 });
    const terminal = monitored(terminals, world);
    await terminals.until(terminal, /DHCPACK/);
    terminals.press(terminal, 'm');
    const found = await terminals.until(terminal, /only 140[0-4] octets pass/);
    expect(found).toContain(`path to ${rg}`);
  });
});
