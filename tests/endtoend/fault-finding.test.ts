import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { AlarmWatch } from '../../src/host/alarms/alarm-watch.ts';
import { type ManagementServer, startManagementServer } from '../../src/host/management/server.ts';
import { formatMac, parsePrefix } from '../../src/kernel/address.ts';
import { EventLog } from '../../src/operations/event-log.ts';
import type { ViewSource } from '../../src/operations/views/view.ts';
import { emptySource } from '../operations/view-source.ts';
import { address, configOf, MemoryWorld } from '../scenarios/memory-world.ts';
import { isOnPath, requireTool } from '../support/require-tool.ts';

/**
 * What somebody does who has never seen a gateway and is told that one phone does not work: commands of the command line, in the
 * order in which troubleshooting.md has them, until one says what is wrong and what to do.
 */

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'samog-test-'));
const socket = join(folder, 'management.sock');
const namespaces = { here: `samog-path-${process.pid}`, there: `samog-rg-${process.pid}` };
let server: ManagementServer | undefined;

afterEach(async () => {
  await server?.stop();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Puts the gateway of a world behind a management socket. */
async function serve(world: MemoryWorld): Promise<void> {
  const events = new EventLog();
  for (const event of world.events) events.add(event, world.now);
  const watch = new AlarmWatch(undefined);
  const source: ViewSource = { ...emptySource(), manager: world.gateway, events, alarms: watch.reader };
  await watch.look(source);
  server = await startManagementServer(socket, { source, alarmDesk: watch, clear: () => false, clearAll: () => 0 });
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

function attempted(world: MemoryWorld, forMs: number): MemoryWorld {
  world.ue.moveTo(world.rg1, 'dhcp-discover', world.now);
  world.run(forMs);
  return world;
}

describe('one phone does not work', () => {
  it('because nobody knows its RG: explain subscriber says so, and show twan-profile whom to add', async () => {
    const world = new MemoryWorld(
      configOf((config) => {
        const twanProfiles = config.mrmeService.twanProfiles.map((profile) =>
          profile.accessType === 'eogre' ? { ...profile, clients: [parsePrefix('10.99.0.0/16')!] } : profile,
        );
        return { ...config, mrmeService: { ...config.mrmeService, twanProfiles } };
      }),
    );
    await serve(attempted(world, 40_000));
    expect((await samog('show alarms')).said).toContain('Alarms: 0 standing');
    const { code, said } = await samog(`explain subscriber ${formatMac(world.ue.mac)}`);
    expect(code).toBe(0);
    expect(said).toMatch(/[1-9]\d* packets came from access nodes that are in no TWAN profile/);
    expect(said).toContain('show twan-profile');
    expect((await samog('show twan-profile')).code).toBe(0);
    expect((await samog('show forwarding --drops')).said).toMatch(/unknownClient +[1-9]/);
  });

  it('because AAA rejects it: explain subscriber says so, and how it was called there', async () => {
    const world = new MemoryWorld();
    world.aaa.policy = () => ({ kind: 'reject' });
    await serve(attempted(world, 1000));
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

const ip = (...args: string[]): boolean => spawnSync('ip', args).status === 0;
const within = (name: string, ...args: string[]): boolean => ip('-n', name, ...args);

/** Two namespaces, and a way between them that swallows what is longer than 1400 octets without a word. */
function blackHole(): boolean {
  const { here, there } = namespaces;
  return (
    ip('netns', 'add', here) &&
    ip('netns', 'add', there) &&
    within(here, 'link', 'add', 'way', 'mtu', '1500', 'type', 'veth', 'peer', 'name', 'way', 'netns', there) &&
    within(here, 'address', 'add', '10.9.0.1/24', 'dev', 'way') &&
    within(there, 'address', 'add', '10.9.0.7/24', 'dev', 'way') &&
    within(there, 'link', 'set', 'way', 'mtu', '1400') &&
    within(here, 'link', 'set', 'way', 'up') &&
    within(there, 'link', 'set', 'way', 'up')
  );
}

const mayTry = requireTool('namespaces and ping', isOnPath('ping') && isOnPath('ip') && process.getuid?.() === 0);

describe.skipIf(!mayTry)('one phone opens no pages', () => {
  afterAll(() => {
    for (const name of Object.values(namespaces)) ip('netns', 'del', name);
  });

  it('because the way to its RG swallows long packets: the doctor says so, and what to set', async () => {
    expect(blackHole()).toBe(true);
    const world = attempted(new MemoryWorld(), 200);
    await serve(world);
    // There is nothing wrong that the gateway could know.
    const explained = await samog(`explain subscriber ${formatMac(world.ue.mac)}`);
    expect(explained.said).toMatch(/It has a session .*at EoGRE 198\.51\.100\.1/);
    const { code, said } = await samog('doctor --path 10.9.0.7', ['ip', 'netns', 'exec', namespaces.here]);
    expect(code).toBe(1);
    // A virtual interface takes a VLAN tag beyond its MTU.
    expect(said).toMatch(
      /FAIL {2}path to 10\.9\.0\.7 {2}only 140[0-4] octets pass, and cgw-service\.access\.mtu is 1500/,
    );
    expect(said).toMatch(/set cgw-service\.access\.mtu to 140[0-4]/);
    const silent = await samog('doctor --path 10.9.0.9', ['ip', 'netns', 'exec', namespaces.here]);
    expect(silent).toMatchObject({ code: 0, said: expect.stringContaining('it answers no ping') });
    expect((await samog('doctor --path nowhere')).code).toBe(2);
  });
});
