import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { loopbackGateway } from '../operations/gateway-yaml.ts';
import { isOnPath, requireTool } from '../support/require-tool.ts';
import { packPackage } from './pack.ts';

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

/** What a gateway answers on its management socket. */
async function textOf(socketPath: string, path: string): Promise<string> {
  const [answer] = (await once(get({ socketPath, path }), 'response')) as [IncomingMessage];
  return text(answer);
}

describe.skipIf(!requireTool('npm') || !requireTool('tar') || !requireTool('flock'))('the npm package', () => {
  const installed = join(folder, 'prefix with spaces', 'node_modules', 'samog-gateway');
  const samog = join(installed, 'samog');
  const gateway = loopbackGateway('127.9.17');
  let files: readonly string[] = [];

  beforeAll(() => {
    const tarball = packPackage(mkdtempSync(join(folder, 'tarball-')));
    mkdirSync(installed, { recursive: true });
    run('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1']);
    const packed = run('tar', ['-tzf', tarball]).stdout.trim().split('\n');
    files = packed.map((name) => name.replace(/^package\//, ''));
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

  const scripts = () => files.filter((name) => name.startsWith('lib/'));

  it('has what runs, and nothing that only tests or makes it', () => {
    expect(files).toEqual(
      expect.arrayContaining([
        'samog',
        'lib/cli/main.js',
        'LICENSE',
        'bpf/samog.bpf.o',
        'bpf/load.bpf.o',
        'config/samog.example.yaml',
        'deploy/systemd/samog.service',
        'dist/console/console.js',
        'docs/reference/openapi.json',
      ]),
    );
    const parts = ['LICENSE', 'README.md', 'package.json', 'samog', 'tools/find-node.sh'];
    const folders = /^(?:lib|bpf|config|deploy|dist\/console|docs\/operations|docs\/reference)\//;
    expect(files.filter((name) => !parts.includes(name) && !folders.test(name))).toEqual([]);
    // Sources, but for the types of the API: they are for those who write its clients.
    const sources = files.filter((name) => /\.tsx?$|\.test\.|-for-tests\.|vectors?\.js$/.test(name));
    expect(sources).toEqual(['docs/reference/api.d.ts']);
  });

  it('names no file that it does not bring', () => {
    const lost = scripts().flatMap((name) => {
      const script = readFileSync(join(installed, name), 'utf8');
      const named = [...script.matchAll(/'(\.\.?\/[^'\s]*\.[jt]s)'/g)].map(([, target]) => join(name, '..', target!));
      return named.filter((target) => !files.includes(target)).map((target) => `${name}: ${target}`);
    });
    expect(lost).toEqual([]);
  });

  it('has each line and column of a stack trace where the source has it', () => {
    const lengths = (path: string) =>
      readFileSync(path, 'utf8')
        .split('\n')
        .map((line) => line.length);
    const moved = scripts().filter((name) => {
      const source = lengths(join(root, name.replace(/^lib\/(.*)\.js$/, 'src/$1.ts')));
      return !isDeepStrictEqual(lengths(join(installed, name)), source);
    });
    expect([scripts().length > 500, moved]).toEqual([true, []]);
  });

  it('runs where npm installs it, which is below node_modules', { timeout: 120_000 }, async () => {
    expect(run(samog, ['check', '--config', join(installed, 'config/samog.example.yaml')])).toMatchObject({ code: 0 });
    // With threads of each kind but that of a pair.
    const blocks = [
      'session-managers: { count: 2, placement: threads }',
      `recovery: { directory: ${gateway.folder}/store }`,
      'notifications: { syslog: [{ name: nobody, address: 127.9.17.50 }] }',
    ];
    writeFileSync(gateway.configFile, `${gateway.yaml}${blocks.join('\n')}\n`);
    const child = spawn(samog, ['run', '--config', gateway.configFile], { stdio: ['ignore', 'pipe', 'pipe'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    for await (const chunk of child.stdout) {
      said += String(chunk);
      if (said.includes('ready\n')) break;
    }
    expect(said).toContain('ready\n');
    const ask = (...command: string[]) => run(samog, [...command, '--socket', gateway.socketPath]);
    for (const view of [
      ['session', 'recovery', 'status'],
      ['session', 'subsystem', 'facility', 'sessmgr'],
      ['notifications'],
    ]) {
      expect(ask('show', ...view)).toMatchObject({ code: 0, stderr: '' });
    }
    expect(JSON.parse(await textOf(gateway.socketPath, '/openapi.json'))).toHaveProperty('openapi');
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });

  it('has the lab, benchmarks with their processes, and the help of every command', { timeout: 120_000 }, () => {
    expect(run(samog, ['lab', 'eogre-to-pmip'])).toMatchObject({ code: 0, stderr: '' });
    expect(run(samog, ['bench', 'attach', '--count', '20'])).toMatchObject({ code: 0, stderr: '' });
    const helps = `
      const { program } = await import(${JSON.stringify(join(installed, 'lib/cli/program.js'))});
      const all = (command) => [command, ...command.commands.flatMap(all)];
      for (const command of all(program(() => {}))) console.log(command.helpInformation().split('\\n', 1)[0]);`;
    const { code, stdout, stderr } = run(process.execPath, ['--input-type=module', '--eval', helps]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.trim().split('\n').length).toBeGreaterThan(100);
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

  it('is tried again however often it has ended', () => {
    expect(unit).toMatch(/^\[Unit\]\n(?:(?!\[).*\n)*StartLimitIntervalSec=0\n/m);
    expect(unit).toMatch(/\nRestart=on-failure\n/);
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
