import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ForwardingData } from '../../src/operations/views/forwarding.ts';
import { endToEndNeeds } from '../endtoend/requirements.ts';
import { interfacesOfGateway, place, Surroundings, serviceConfig } from '../endtoend/surroundings.ts';
import { ping } from '../endtoend/traffic.ts';
import { Udhcpc } from '../endtoend/udhcpc.ts';
import { fastPathNeeds } from '../fast-path/requirements.ts';
import { loopbackGateway } from '../operations/gateway-yaml.ts';
import { isOnPath, requireTool } from '../support/require-tool.ts';
import { packPackage } from './pack.ts';
import { SystemdMachine, until } from './systemd-machine.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const installed = '/opt/samog/lib/node_modules/samog-gateway';
const samog = '/opt/samog/bin/samog';
/** CAP_NET_ADMIN, CAP_NET_RAW and CAP_BPF, as bits 12, 13 and 39 (capability.h); CAP_PERFMON is bit 38. */
const rights = '0000008000003000';
const rightsOfFastPath = '000000c000003000';

/** A gateway whose sessions are forwarded by the drivers of its interfaces. */
const forwardingYaml = `chassis: { name: machine }
recovery: { directory: /var/lib/samog/store }
fast-path: { mode: native }
${serviceConfig(interfacesOfGateway)}`;

/** Lays the package where `npm install --global --prefix /opt/samog` does, with the dependencies of this checkout. */
function installPackage(machine: SystemdMachine): void {
  const folder = mkdtempSync(join(tmpdir(), 'samog-test-'));
  try {
    const unpack = ['-xzf', packPackage(folder), '-C', machine.folderOf(installed), '--strip-components=1'];
    spawnSync('tar', unpack);
    machine.bind(join(root, 'node_modules'), `${installed}/node_modules`);
    machine.put(samog, `#!/bin/sh\nexec ${installed}/samog "$@"\n`, 0o755);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const possible =
  ['npm', 'tar', 'systemd-nspawn', 'nsenter', 'unshare'].every((tool) => requireTool(tool, isOnPath(tool))) &&
  requireTool('root, for systemd-nspawn', process.getuid?.() === 0) &&
  requireTool(...endToEndNeeds()) &&
  requireTool(...fastPathNeeds());

describe.skipIf(!possible)('the service under systemd', () => {
  const machine = new SystemdMachine();
  const gateway = loopbackGateway('127.9.18');

  const mainPid = (): string => machine.property('samog', 'MainPID');
  const sockets = () => machine.run(samog, 'show', 'sockets');

  beforeAll(async () => {
    installPackage(machine);
    machine.put('/etc/systemd/system/samog.service', readFileSync(join(root, 'deploy/systemd/samog.service'), 'utf8'));
    // GRE over IP and the usual socket: what needs the unit's rights and folders.
    const yaml = gateway.yaml.replace(/management:\n.*\n/, '').replaceAll('    gre-transport: udp\n', '');
    machine.put('/etc/samog/samog.yaml', `${yaml}recovery: { directory: /var/lib/samog/store }\n`, 0o600);
    await machine.boot('samog.service');
    await until('the service', () => machine.property('samog', 'ActiveState') === 'active');
  }, 300_000);
  afterAll(async () => {
    gateway.remove();
    await machine.remove();
  });

  it('says that it is ready, and serves where commands look for it', () => {
    expect(machine.property('samog', 'Type')).toBe('notify');
    expect(sockets()).toMatchObject({ code: 0, stdout: expect.stringMatching(/access-gre.*gre-over-ip/) });
  });

  const expectRights = (wanted: string): string => {
    const status = machine.run('cat', `/proc/${mainPid()}/status`).stdout;
    for (const set of ['CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) expect(status).toContain(`${set}:\t${wanted}`);
    return status;
  };

  it('runs as a user of its own, with three rights and no more', () => {
    const status = expectRights(rights);
    expect(status).toMatch(/^NoNewPrivs:\t1$/m);
    expect(status).not.toMatch(/^Uid:\t0\t/m);
  });

  it('may write where the fast path outlives it, and has it after a restart', () => {
    // A container has none; a host's systemd mounts it.
    const mount = 'mount -o remount,rw /sys && mkdir -p /sys/fs/bpf && mount -t bpf bpf /sys/fs/bpf';
    expect(machine.run('sh', '-c', mount)).toMatchObject({ code: 0 });
    const dropIns = '/etc/systemd/system/samog.service.d';
    const dropIn = `mkdir ${dropIns} && cp ${installed}/deploy/systemd/samog-fast-path.conf ${dropIns} && systemctl daemon-reload`;
    expect(machine.run('sh', '-c', dropIn)).toMatchObject({ code: 0 });
    for (const made of ['one', 'two']) {
      expect(machine.run('systemctl', 'restart', 'samog').code).toBe(0);
      expectRights(rightsOfFastPath);
      const service = ['nsenter', `--target=${mainPid()}`, '--mount', 'setpriv', '--reuid=samog', '--clear-groups'];
      expect(machine.run(...service, 'mkdir', `/sys/fs/bpf/samog/${made}`)).toMatchObject({ code: 0 });
      expect(machine.run(...service, 'mkdir', '/sys/fs/bpf/other').code).not.toBe(0);
    }
    expect(machine.run('stat', '--format=%a %U', '/sys/fs/bpf/samog', '/sys/fs/bpf/samog/one').stdout).toBe(
      '700 samog\n755 samog\n',
    );
  });

  it('keeps its configuration and its store from others', () => {
    const store = machine.run('stat', '--format=%a %U', '/var/lib/private/samog/store');
    expect(store.stdout).toBe('700 samog\n');
    const stranger = ['setpriv', '--reuid=65534', '--clear-groups'];
    expect(machine.run(...stranger, 'cat', '/run/credentials/samog.service/samog.yaml').code).not.toBe(0);
    expect(machine.run(...stranger, samog, 'show', 'sockets').code).toBe(3);
  });

  it('commits, has it after a restart, and takes what root installs when root has changed it', () => {
    const level = (): string => machine.run(samog, 'configure', 'show', 'logging.level').stdout.trim();
    const restart = (): void => expect(machine.run('systemctl', 'restart', 'samog').code).toBe(0);
    expect(machine.run(samog, 'configure', 'set', 'logging.level', 'warn')).toMatchObject({ code: 0 });
    expect(machine.run(samog, 'configure', 'commit')).toMatchObject({ code: 0, stderr: '' });
    restart();
    expect(level()).toBe('warn');
    const own = machine.run('stat', '--format=%a %U', '/var/lib/private/samog/samog.yaml');
    expect(own.stdout).toBe('600 samog\n');
    expect(machine.run('sh', '-c', 'printf "logging: { level: error }\n" >> /etc/samog/samog.yaml').code).toBe(0);
    restart();
    expect(level()).toBe('error');
    expect(machine.run(samog, 'configure', 'history').stdout).toMatch(/edited beside.*\n.* by root$/m);
  });

  it('is started again when its event loop stands still', { timeout: 90_000 }, async () => {
    const before = mainPid();
    machine.run('kill', '-STOP', before);
    await until('the restart', () => machine.property('samog', 'NRestarts') === '1' && sockets().code === 0);
    expect(mainPid()).not.toBe(before);
    expect(machine.run('journalctl', '--unit=samog').stdout).toContain('Watchdog timeout');
  });

  it('forwards packets of a session in the kernel, with the rights of the unit and its drop-in', async () => {
    const around = new Surroundings();
    try {
      around.join(around.namespaces.adopt('machine', machine.leader));
      await around.startNodes();
      await around.startPassingAll();
      machine.overwrite('/etc/samog/samog.yaml', forwardingYaml);
      expect(machine.run('systemctl', 'restart', 'samog').code).toBe(0);
      const forwarding = () => {
        const { stdout, stderr } = machine.run(samog, 'show', 'forwarding', '--json');
        const { summary } = JSON.parse(stdout || `{"summary":{"reason":${JSON.stringify(stderr)}}}`) as ForwardingData;
        return summary!;
      };
      expect(forwarding()).toMatchObject({ mode: 'native', reason: null, forwards: true, outlivesSeconds: 60 });
      await around.move('ue1', 'rg-a');
      const ue = around.namespaceOf('ue1');
      expect(await new Udhcpc(around.namespaces, ue).obtain()).toMatchObject({ event: 'bound' });
      const { received } = await ping(around.namespaces, ue, place.host, { count: 50 });
      const { forwardedInKernel } = forwarding();
      expect(received).toBeGreaterThan(0);
      expect(forwardedInKernel.uplink.packets).toBeGreaterThanOrEqual(received);
      expect(forwardedInKernel.downlink.packets).toBeGreaterThanOrEqual(received);
    } finally {
      await around.end(false);
    }
  }, 120_000);

  it('stops in order', () => {
    expect(machine.run('systemctl', 'stop', 'samog').code).toBe(0);
    expect(machine.property('samog', 'Result')).toBe('success');
    expect(machine.run('journalctl', '--unit=samog').stdout).toContain('"event":"gateway-stopping","signal":"SIGTERM"');
  });
});
