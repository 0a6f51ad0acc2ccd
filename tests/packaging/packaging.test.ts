import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loopbackGateway } from '../operations/gateway-yaml.ts';
import { isOnPath, requireTool } from '../support/require-tool.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'samog-test-'));
const unit = readFileSync(join(root, 'deploy/systemd/samog.service'), 'utf8');
const containerfile = readFileSync(join(root, 'deploy/container/Containerfile'), 'utf8');

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(command: string, args: readonly string[], cwd = folder): Result {
  const env = { ...process.env, SAMOG_SOCKET: '', NODE_OPTIONS: '' };
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', env });
  return { code: status, stdout, stderr };
}

describe.skipIf(!requireTool('npm') || !requireTool('tar'))('the npm package', () => {
  const installed = join(folder, 'prefix with spaces', 'node_modules', 'samog-gateway');
  const samog = join(installed, 'samog');
  const gateway = loopbackGateway('127.9.17');
  let packed: readonly string[] = [];

  beforeAll(() => {
    const made = run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], root);
    const [tarball] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
    if (tarball === undefined) throw new Error(made.stderr);
    mkdirSync(installed, { recursive: true });
    run('tar', ['-xzf', join(folder, tarball), '-C', installed, '--strip-components=1']);
    packed = run('tar', ['-tzf', join(folder, tarball)])
      .stdout.trim()
      .split('\n');
    // As npm puts dependencies beside the package; those of this project stand in, without what only its tests need.
    const { dependencies, optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
      optionalDependencies: Record<string, string>;
    };
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const target = join(root, 'node_modules', name);
      if (!existsSync(target)) continue;
      const link = join(installed, '..', name);
      mkdirSync(join(link, '..'), { recursive: true });
      symlinkSync(target, link);
    }
  }, 120_000);
  afterAll(() => gateway.remove());

  it('has what runs, and nothing that only tests it', () => {
    const files = packed.map((name) => name.replace(/^package\//, ''));
    expect(files).toEqual(
      expect.arrayContaining([
        'samog',
        'src/cli/main.ts',
        'LICENSE',
        'bpf/samog.bpf.o',
        'deploy/systemd/samog.service',
      ]),
    );
    expect(files.filter((name) => /\.test\.ts$|^tests\/|^node_modules\/|^\.ci/.test(name))).toEqual([]);
  });

  it('imports nothing that it does not bring', () => {
    const files = new Set(packed.map((name) => name.replace(/^package\//, '')));
    const lost = [...files]
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) => {
        const text = readFileSync(join(installed, name), 'utf8');
        const imports = [...text.matchAll(/(?:from|import\() ?'(\.[^']+)'/g)].map(([, target]) =>
          join(name, '..', target!),
        );
        return imports.filter((target) => !files.has(target)).map((target) => `${name}: ${target}`);
      });
    expect(lost).toEqual([]);
  });

  it('runs where npm installs it, which is below node_modules', { timeout: 120_000 }, async () => {
    expect(run(samog, ['check', '--config', join(installed, 'config/samog.example.yaml')])).toMatchObject({ code: 0 });
    // With its store, which is a thread of its own.
    const yaml = `${gateway.yaml}recovery:\n  directory: ${gateway.folder}/store\n`;
    writeFileSync(gateway.configFile, yaml);
    const child = spawn(samog, ['run', '--config', gateway.configFile], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    for await (const chunk of child.stdout) {
      said += String(chunk);
      if (said.includes('ready\n')) break;
    }
    expect(said).toContain('ready\n');
    const health = run(samog, ['show', 'session', 'recovery', 'status', '--socket', gateway.socketPath]);
    expect(health).toMatchObject({ code: 0, stderr: '' });
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });
});

describe('the systemd unit', () => {
  it('gives no other right than those three', () => {
    const rights = 'CAP_NET_ADMIN CAP_NET_RAW CAP_BPF';
    expect(unit).toContain(`\nAmbientCapabilities=${rights}\n`);
    expect(unit).toContain(`\nCapabilityBoundingSet=${rights}\n`);
    expect(unit).toMatch(/\nType=notify\n/);
    expect(unit).toMatch(/\nWatchdogSec=\d+s\n/);
    expect(unit).not.toMatch(/^User=root/m);
  });

  describe.skipIf(!requireTool('systemd-analyze', isOnPath('systemd-analyze')))('as systemd reads it', () => {
    const file = join(folder, 'samog.service');
    beforeAll(() => writeFileSync(file, unit.replace('/opt/samog/bin/samog', join(root, 'samog'))));

    it('has no fault', () => {
      const { code, stdout, stderr } = run('systemd-analyze', ['verify', file]);
      const about = (stdout + stderr).split('\n').filter((line) => line.includes('samog'));
      expect([code, about]).toEqual([0, []]);
    });

    it('exposes little', () => {
      // 0 is a service that can do nothing, 100 one that can do everything.
      expect(run('systemd-analyze', ['security', '--offline=true', '--threshold=25', file])).toMatchObject({ code: 0 });
    });

    it('would be told of a directive that there is not', () => {
      const wrong = join(folder, 'wrong.service');
      writeFileSync(
        wrong,
        unit.replace('/opt/samog/bin/samog', join(root, 'samog')).replace('WatchdogSec', 'WatchdgSec'),
      );
      expect(run('systemd-analyze', ['verify', wrong]).stderr).toContain('WatchdgSec');
    });
  });
});

describe('the container', () => {
  it('is built from the package, and runs it as the launcher is called', () => {
    const { name, bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      name: string;
      bin: Record<string, string>;
    };
    expect(containerfile).toContain(`COPY ${name}-*.tgz`);
    expect(containerfile).toContain(`ENTRYPOINT ["${Object.keys(bin)[0]}"]`);
  });
});
