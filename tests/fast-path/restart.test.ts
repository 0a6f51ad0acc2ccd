import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findInterface } from '../../src/host/addresses/network-interface.ts';
import { type Attachment, attach } from '../../src/host/xdp/attachment.ts';
import { FastPathProgram } from '../../src/host/xdp/fast-path-program.ts';
import { isOnPath, requireTool } from '../support/require-tool.ts';
import { BpfFileSystem } from './bpf-file-system.ts';
import { gatewayInterfaces, keys, Peers } from './peers.ts';
import { fastPathNeeds } from './requirements.ts';
import { atMag, atRg, fastPathConfig, newTable, session } from './served-session.ts';

const possible = requireTool(...fastPathNeeds()) && requireTool('ping') && requireTool('mount', isOnPath('mount'));

const strangerId = 65_534;
const rights = '+net_admin,+net_raw,+bpf,+perfmon';
const unitRights = [
  `--reuid=${strangerId}`,
  `--regid=${strangerId}`,
  '--clear-groups',
  `--inh-caps=-all,${rights}`,
  `--ambient-caps=-all,${rights}`,
  `--bounding-set=-all,${rights}`,
  '--no-new-privs',
];

describe.skipIf(!possible)('a fast path that outlives its process', () => {
  const table = newTable();
  let peers: Peers;
  let passing: FastPathProgram;
  let fileSystem: BpfFileSystem;
  let pinFolder: string;
  let former: ChildProcess;
  let program: FastPathProgram | undefined;
  let attachment: Attachment | undefined;

  beforeAll(async () => {
    fileSystem = new BpfFileSystem();
    chmodSync(fileSystem.folder, 0o755);
    pinFolder = `${fileSystem.folder}/samog`;
    passing = new FastPathProgram(fastPathConfig);
    peers = new Peers();
    await peers.start(passing.passProgram);
    const script = fileURLToPath(new URL('pinned-node.ts', import.meta.url));
    // As the unit of deploy/systemd starts it with its drop-in: another user, to whom the folder belongs, with four rights.
    mkdirSync(pinFolder);
    chownSync(pinFolder, strangerId, strangerId);
    const node = [process.execPath, script, pinFolder];
    former = spawn('setpriv', [...unitRights, ...node], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(former.stdout!, 'data');
  });
  afterAll(async () => {
    former?.kill('SIGKILL');
    attachment?.detach();
    program?.close();
    passing?.close();
    await fileSystem?.remove();
    await peers?.remove();
  });

  it('forwards on when the process is killed', async () => {
    const ended = once(former, 'exit');
    former.kill('SIGKILL');
    await ended;
    expect(await peers.ping(peers.rg, 100)).toBe(100);
  });

  it('is taken over by another process without the loss of a packet, with its sessions and counters', async () => {
    const pings = peers.ping(peers.rg, 500);
    program = new FastPathProgram({ ...fastPathConfig, pinFolder });
    table.adopt(program.records);
    expect([...table.ids]).toEqual([[keys.session, keys.session]]);
    expect(program.audit(table)).toEqual({ sessions: 0, ids: 0, macs: 0 });
    for (const name of gatewayInterfaces) program.addPort(findInterface(name)!.index);
    attachment = attach(program.forwardProgram, gatewayInterfaces, pinFolder);
    expect(await pings).toBe(500);
    expect(program.usage(keys.session).uplink.packets).toBe(600);
    expect(program.counters()).toMatchObject({ uplinkPackets: 600, downlinkPackets: 600 });
  });

  it('goes on with the sessions it has taken over', async () => {
    table.program(session(atMag, atRg), 0);
    program!.apply(table);
    expect(await peers.ping(peers.mag, 50)).toBe(50);
  });

  it('says so when maps that it finds are of another size', () => {
    expect(() => new FastPathProgram({ ...fastPathConfig, sessionsMax: 101, pinFolder })).toThrow(
      'may be of other sizes',
    );
  });

  it('leaves nothing on the interfaces when it is detached', async () => {
    attachment!.detach();
    expect(readdirSync(pinFolder).filter((name) => name.startsWith('link-'))).toEqual([]);
    const { uplinkPackets } = program!.counters();
    expect(await peers.ping(peers.mag, 10, false)).toBe(0);
    expect(program!.counters().uplinkPackets).toBe(uplinkPackets);
  });
});

describe.skipIf(!requireTool(...fastPathNeeds()))('the audit', () => {
  it('finds what the maps do not hold, or hold wrongly, or hold beyond it, and repairs it', () => {
    const program = new FastPathProgram(fastPathConfig);
    const entry = (sessionId: number, mac: number) => {
      const { s2a, ...others } = session(atRg);
      return {
        ...others,
        sessionId,
        mac: (others.mac + mac) as typeof others.mac,
        s2a: { ...s2a, downlinkKey: sessionId },
      };
    };
    const former = newTable();
    for (const [sessionId, mac] of [
      [1, 1],
      [2, 2],
      [3, 3],
    ] as const)
      former.program(entry(sessionId, mac), 0);
    program.apply(former);
    expect(program.audit(former)).toEqual({ sessions: 0, ids: 0, macs: 0 });
    // Session 1 is gone, 130 is new and where 2 was, which has another place, and 3 is as it was.
    const wanted = newTable();
    for (const [sessionId, mac] of [
      [130, 1],
      [2, 2],
      [3, 3],
    ] as const)
      wanted.program(entry(sessionId, mac), 0);
    wanted.takeChanges();
    expect(program.audit(wanted)).toEqual({ sessions: 3, ids: 3, macs: 2 });
    expect(program.audit(wanted)).toEqual({ sessions: 0, ids: 0, macs: 0 });
    expect([0, 1, 2].map((at) => program.readSession(at)?.id)).toEqual([2, undefined, 130]);
    program.close();
  });
});
