import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { viewOf, views } from '../../src/operations/views/registry.ts';
import { loopbackGateway } from './gateway-yaml.ts';

/** Of this process: the same tests of another checkout may run on this machine. */
const network = `127.${64 + (process.pid % 128)}`;
const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function samog(args: readonly string[], environment: Readonly<Record<string, string>> = {}, input = ''): Result {
  const env = { ...process.env, SAMOG_SOCKET: '', ...environment };
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    encoding: 'utf8',
    ...{ env, input },
    // What is refused ends soon; a gateway that has been started by mistake would not.
    timeout: 60_000,
  });
  return { code: status, stdout, stderr };
}

/** Starts `samog run` and resolves when it says that it is ready. */
async function startRun(configFile: string): Promise<{ readonly child: ChildProcess; readonly banner: string }> {
  const child = spawn(process.execPath, [main, 'run', '--config', configFile], { stdio: ['ignore', 'pipe', 'pipe'] });
  let banner = '';
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  for await (const chunk of child.stdout) {
    banner += String(chunk);
    if (banner.includes('ready\n')) return { child, banner };
  }
  throw new Error(`samog run ended: ${complaint}`);
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  const ended = once(child, 'exit');
  child.kill(signal);
  return ((await ended) as [number | null])[0];
}

describe('a running gateway', () => {
  const gateway = loopbackGateway(`${network}.1`);
  const socket = ['--socket', gateway.socketPath];
  let child: ChildProcess;
  let banner = '';

  beforeAll(async () => {
    ({ child, banner } = await startRun(gateway.configFile));
  });
  afterAll(() => {
    child.kill('SIGKILL');
    gateway.remove();
  });

  it('tells what it is bound to', () => {
    for (const bound of ['1:4754', '1:5436', '2:4754', '2:5436', '3:']) {
      expect(banner).toContain(`${network}.1.${bound}`);
    }
    expect(banner).toContain(gateway.socketPath);
  });

  it('has a management socket that only its owner may open', () => {
    expect(statSync(gateway.socketPath).mode & 0o777).toBe(0o600);
  });

  /** Without a pair there is nothing to show of one; and the owner of the socket knows nothing of interception. */
  const shownAlone = views.filter(({ words, role }) => words[0] !== 'srp' && role !== 'intercept');

  it.each(shownAlone)('answers show $words, as text and as one JSON document', (view) => {
    const text = samog(['show', ...view.words, ...socket]);
    expect(text).toMatchObject({ code: 0, stderr: '' });
    const json = samog(['show', ...view.words, '--json'], { SAMOG_SOCKET: gateway.socketPath });
    expect(json).toMatchObject({ code: 0, stderr: '' });
    expect(view.render(JSON.parse(json.stdout)).length).toBeGreaterThan(0);
  });

  it('prints the Handoff Statistics of the seed, character for character', () => {
    const block = readFileSync(new URL('../goldens/seed-handoff-statistics.txt', import.meta.url), 'utf8');
    expect(samog(['show', 'samog-service', 'statistics', ...socket]).stdout.endsWith(`\n${block}`)).toBe(true);
  });

  it('takes options with dashes and without', () => {
    const withDashes = samog(['show', 'subscribers', 'samog-only', '--full', '--limit', '3', ...socket]);
    const without = samog(['show', 'subscribers', 'samog-only', 'full', 'limit', '3', ...socket]);
    expect(without).toEqual(withDashes);
    expect(without.code).toBe(0);
    expect(samog(['show', 'subscribers', 'samog-only', 'count', ...socket]).stdout).toBe('Total subscribers: 0\n');
  });

  it.each([
    ['an unknown subscriber', ['show', 'subscribers', 'samog-only', 'mac', '02:00:5e:11:22:33'], 4, 'no subscriber'],
    ['a malformed address', ['show', 'subscribers', 'samog-only', 'mac', 'nonsense'], 2, 'is no MAC address'],
    ['a word that does not follow', ['show', 'samog-service', 'statistic'], 2, 'what may follow: statistics'],
    ['an option twice', ['show', 'events', 'limit', '1', '--limit', '1'], 2, 'given twice'],
    ['a value missing', ['show', 'events', 'limit'], 2, 'has no value'],
    ['a pair that is not configured', ['show', 'srp', 'info'], 1, 'service-redundancy-protocol is not configured'],
    ['a switchover to nobody', ['srp', 'initiate-switchover', 'force', '--yes'], 1, 'is not configured'],
    ['a switchover by any means', ['srp', 'initiate-switchover', 'now'], 2, 'what may follow: force, wait'],
    ['an audit of another kind', ['srp', 'initiate-audit', 'auto'], 2, 'manual-with-sync'],
    ['a CMD-ID that is no number', ['srp', 'disable', 'nack', 'micro-chkpt-cmd', 'x'], 2, 'use a number from 0'],
    ['a CMD-ID that is missing', ['srp', 'enable', 'nack'], 2, 'the CMD-ID is missing'],
    ['a configure that there is not', ['configure', 'nonsense'], 2, 'what may follow: show, set'],
    ['a file that is not there', ['configure', 'load', '/nonexistent'], 1, 'name a file that is there'],
    ['an explanation of nobody', ['explain', 'subscriber'], 2, 'whom to explain is missing'],
    ['a bundle where there is a file', ['tech-support', 'out', main], 1, 'EEXIST'],
    ['a bundle where there is no folder', ['tech-support', 'out', '/nonexistent/x'], 1, 'in a folder that is there'],
    ['a capture without a file', ['capture', 'mac', '02:00:5e:11:22:33'], 2, 'no file is named'],
    ['a capture where there is a file', ['capture', 'out', main], 1, 'EEXIST'],
    ['a capture by a filter that is none', ['capture', 'filter', 'sate=x', 'out', '/nonexistent/x'], 2, 'column 1'],
    ['a clear of nobody', ['clear', 'subscribers', 'mac', '02:00:5e:11:22:33'], 4, 'no subscriber'],
    ['a clear of nonsense', ['clear', 'subscribers', 'everybody'], 2, 'is no MAC address'],
    ['a clear of all without consent', ['clear', 'subscribers', 'all'], 1, 'this ends 0 sessions'],
  ])('says what is wrong with %s', (_name, args, code, text) => {
    const result = samog([...args, ...socket]);
    expect(result.stderr).toContain(text);
    expect(result).toMatchObject({ code, stdout: '' });
  });

  it('clears all sessions when told that this is meant', () => {
    const result = samog(['clear', 'subscribers', 'all', '--yes', '--json', ...socket]);
    expect(result).toMatchObject({ code: 0, stdout: '{\n  "cleared": 0\n}\n' });
  });

  it('explains, examines its host, and collects everything', () => {
    const explained = samog(['explain', 'subscriber', '0200.5e11.2233', ...socket]);
    expect(explained).toMatchObject({ code: 0, stdout: expect.stringContaining('It has no session.') });
    const doctor = samog(['doctor', '--json', '--config', gateway.configFile, ...socket]);
    expect(JSON.parse(doctor.stdout)).toMatchObject({ gateway: { pid: child.pid }, findings: expect.any(Array) });
    expect(doctor.stdout).toContain('"cgw-service.access.address"');
    const out = `${gateway.folder}/bundle.json`;
    expect(samog(['tech-support', 'redact', 'out', out, '--config', gateway.configFile, ...socket]).code).toBe(0);
    expect(statSync(out).mode & 0o777).toBe(0o600);
    const bundle = readFileSync(out, 'utf8');
    expect(Object.keys((JSON.parse(bundle) as { views: object }).views)).toEqual([
      ...views.filter(({ role }) => role !== 'intercept').map(({ words }) => `show ${words.join(' ')}`),
      'show configuration',
    ]);
    expect(bundle).not.toContain(`${network}.1.`);
    expect(bundle).not.toContain('a-long-shared-secret');
  });

  it('takes the lines of a script, with filters, and ends with the code of the first that failed', () => {
    const result = samog([
      'cli',
      ...socket,
      '-c',
      '# how many',
      'show subscriber samog-only count | json',
      'show radius ?',
      'show socks',
      'show sockets | match access | count',
      'clear subscribers all',
      'monitor subscriber 0200.5e00.0077',
      'exit',
      'show sockets',
    ]);
    expect(result.code).toBe(2);
    expect(result.stdout).toContain('"total": 0');
    expect(result.stdout).toMatch(/\}\n {2}accounting {2}accounting toward AAA: .*\nCount: 2 lines\n$/);
    expect(result.stderr).toContain('"socks" does not follow show');
    expect(result.stderr).toContain('this ends 0 sessions');
    expect(result.stderr).toContain('nothing of 02:00:5e:00:00:77 is in the events');
  });

  it('takes the lines of standard input, which has ended before the gateway has answered', () => {
    const result = samog(['cli', ...socket], {}, 'show subscribers samog-only count\nshow alarms\n');
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout).toMatch(/^Total subscribers: 0\n.*Alarms: /s);
  });

  it('ends quietly when its reader has gone', async () => {
    const reading = spawn(process.execPath, [main, 'show', 'samog-service', 'statistics', ...socket]);
    let complaint = '';
    reading.stderr.on('data', (chunk: Buffer) => {
      complaint += chunk.toString();
    });
    // Long before it has anything to write.
    reading.stdout.destroy();
    expect(await once(reading, 'close')).toEqual([0, null]);
    expect(complaint).toBe('');
  });

  it('lets no second gateway take its addresses or its socket, and names all that is in the way', () => {
    const result = samog(['run', '--config', gateway.configFile]);
    expect(result).toMatchObject({ code: 1, stdout: '' });
    const problems = result.stderr.trim().split('\n').slice(1);
    expect(problems.map((line) => line.trim().split(': ')[0])).toEqual([
      'cgw-service.access.address',
      'cgw-service.access.address',
      'cgw-service.s2a.address',
      'cgw-service.s2a.address',
      'management.socket',
    ]);
    expect(problems.slice(0, 4).every((line) => line.includes('EADDRINUSE'))).toBe(true);
    const elsewhere = `${gateway.folder}/elsewhere.yaml`;
    writeFileSync(elsewhere, gateway.yaml.replaceAll(`${network}.1.`, `${network}.2.`));
    const other = samog(['run', '--config', elsewhere]);
    expect(other.code).toBe(1);
    expect(other.stderr).toContain(`management.socket: another gateway answers at ${gateway.socketPath}`);
  });

  it('stops at SIGTERM, and leaves nothing behind', async () => {
    expect(await stop(child, 'SIGTERM')).toBe(0);
    expect(existsSync(gateway.socketPath)).toBe(false);
    expect(samog(['show', 'sockets', ...socket])).toMatchObject({ code: 3, stdout: '' });
  });

  it('takes the place of one that was killed', async () => {
    ({ child } = await startRun(gateway.configFile));
    await stop(child, 'SIGKILL');
    expect(existsSync(gateway.socketPath)).toBe(true);
    ({ child } = await startRun(gateway.configFile));
    expect(samog(['show', 'sockets', ...socket]).code).toBe(0);
    expect(await stop(child, 'SIGINT')).toBe(0);
  });
});

describe('a gateway that cannot start', () => {
  const gateway = loopbackGateway(`${network}.3`);
  afterAll(() => gateway.remove());

  it('tells all faults of its configuration, with their places', () => {
    const file = `${gateway.folder}/faulty.yaml`;
    writeFileSync(
      file,
      gateway.yaml.replace('gre-transport: udp', 'gre-transport: tcp').replace('[wlc, rg]', '[wlan]'),
    );
    for (const command of ['run', 'check']) {
      const result = samog([command, '--config', file]);
      expect(result).toMatchObject({ code: 1, stdout: '' });
      expect(result.stderr.trim().split('\n')).toHaveLength(2);
      expect(result.stderr).toContain(`${file}:15:`);
    }
    const json = samog(['check', '--config', file, '--json']);
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, problems: [{ code: 'unknown-reference' }, {}] });
  });

  it('takes no configuration that was shown without its secrets', () => {
    const file = `${gateway.folder}/hidden.yaml`;
    writeFileSync(file, gateway.yaml.replace(/secret: [\w-]+/, 'secret: (hidden)'));
    for (const command of ['run', 'check']) {
      const result = samog([command, '--config', file]);
      expect(result).toMatchObject({ code: 1, stdout: '' });
      expect(result.stderr).toMatch(/^\S+hidden\.yaml:\d+:\d+: mrme-service\.radius\.servers\.\S+secret is hidden/);
    }
  });

  it('tells of every address that it cannot have', () => {
    const file = `${gateway.folder}/addresses.yaml`;
    const yaml = gateway.yaml
      .replaceAll(`${network}.3.1\n`, '203.0.113.253\n')
      .replaceAll(`${network}.3.3\n`, '203.0.113.254\n');
    writeFileSync(file, yaml);
    const result = samog(['run', '--config', file]);
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr.match(/^ {2}[\w.-]+(?=:)/gm)).toEqual([
      '  cgw-service.access.address',
      '  cgw-service.access.address',
      '  mrme-service.bind.address',
    ]);
    expect(result.stderr).toContain('GRE-in-UDP 203.0.113.253:4754');
    expect(result.stderr).toContain('add it to an interface');
  });

  it('keeps away from a file that is no socket', () => {
    const file = `${gateway.folder}/file.yaml`;
    writeFileSync(file, gateway.yaml.replace(gateway.socketPath, gateway.configFile));
    const result = samog(['run', '--config', file]);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('is there and is no socket');
    expect(readFileSync(gateway.configFile, 'utf8')).toBe(gateway.yaml);
  });

  it('and one whose gateway does not answer is told from one that is not there', async () => {
    const busy = createSocket('udp4');
    await new Promise<void>((resolve) => busy.bind(5436, `${network}.3.2`, resolve));
    const result = samog(['run', '--config', gateway.configFile]);
    busy.close();
    expect(result.stderr).toMatch(/^ {2}cgw-service\.s2a\.address: .*: EADDRINUSE \(another socket/m);
    expect(result.stderr).toContain(`${network}.3.2:5436: EADDRINUSE`);
  });
});

describe('the command line', () => {
  it.each([
    ['no command', []],
    ['an unknown command', ['shwo']],
    ['an unknown view', ['show', 'everything']],
    ['half a view', ['show', 'crash']],
    ['no configuration', ['run']],
    ['an unknown option', ['show', 'sockets', '--colour']],
  ])('exits 2 for %s', (_name, args) => {
    const result = samog(args);
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).not.toBe('');
  });

  it('tells which release it is', () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      readonly version: string;
    };
    const result = samog(['--version']);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout).toMatch(/^samog \S+( \([0-9a-f]{7,}\))?\n$/);
    expect(result.stdout.split(/[ \n]/)[1]).toBe(version);
  });

  it('exits 3 where there is no gateway, and says how to get one', () => {
    const result = samog(['show', 'sockets', '--socket', '/nonexistent/socket']);
    expect(result).toMatchObject({ code: 3, stdout: '' });
    expect(result.stderr).toContain('samog run');
  });

  it.each([
    ['a host', ['doctor', 'path', '198.51.100.7'], 3],
    ['a support bundle, which has the rest', ['tech-support'], 0],
  ])('says so of %s', (_name, args, code) => {
    const result = samog([...args, '--socket', '/nonexistent/socket']);
    expect(result.code).toBe(code);
    expect(result.stderr).toContain('no gateway answers at /nonexistent/socket: ENOENT');
  });

  it.each([
    ['a benchmark', ['bench', 'nothing'], 2, 'there is no benchmark nothing'],
    ['a scenario', ['lab', 'nothing'], 2, 'there is no scenario nothing'],
    ['a users file', ['user', 'token', 'eve', '--users', '/nonexistent.json'], 4, 'no users file /nonexistent.json'],
    ['a list of users', ['user', 'list', '--users', '/nonexistent.json'], 4, 'samog user add NAME'],
    ['a command to be helped with', ['help', 'shwo'], 2, 'did you mean samog show?'],
    ['a view to be helped with', ['help', 'show', 'alrams'], 2, 'did you mean samog show alarms?'],
    ['a command', ['show', 'alrams'], 2, 'did you mean samog show alarms? what may follow samog show: overview, '],
    ['a folder', ['user', 'add', 'eve', '--role', 'view', '--users', '/nonexistent/u'], 1, 'make its folder first'],
    ['a gateway elsewhere', ['show', 'sockets', '--remote', 'https://127.0.0.1:1'], 3, 'with management.tcp'],
    [
      'an installed file',
      ['run', '--config', main, '--installed', '/nonexistent'],
      1,
      'cannot read /nonexistent: ENOENT',
    ],
  ])('says on standard error that there is no such thing: %s', (_name, args, code, text) => {
    const result = samog(args);
    expect(result).toMatchObject({ code, stdout: '' });
    expect(result.stderr).toContain(text);
  });

  it.each([
    ['example', 'config/samog.example.yaml'],
    ['reference', 'docs/reference/configuration.md'],
  ])('prints the %s of the configuration', (word, file) => {
    const result = samog(['config', word]);
    expect(result.code).toBe(0);
    expect(result.stdout).toBe(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8'));
  });

  it.each([
    ['show', ['show']],
    ['show-subscribers-samog-only', ['show', 'subscribers', 'samog-only']],
  ])('has the help agreed for %s', (name, words) => {
    const help = samog([...words, '--help']).stdout;
    const file = new URL(`../goldens/help-${name}.txt`, import.meta.url);
    if (process.env['UPDATE_GOLDENS'] === '1') writeFileSync(file, help);
    expect(help).toBe(readFileSync(file, 'utf8'));
  });

  it('has help for every view, with all of its options', () => {
    const help = samog(['show', 'subscribers', 'samog-only', '--help']);
    expect(help.code).toBe(0);
    for (const { name } of viewOf('subscribers/samog-only')!.options) expect(help.stdout).toContain(`--${name}`);
    const overview = samog(['show', '--help']);
    for (const { words } of views.filter(({ role }) => role !== 'intercept'))
      expect(overview.stdout).toContain(`  ${words[0]}`);
  });
});
