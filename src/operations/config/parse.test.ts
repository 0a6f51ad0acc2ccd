import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { relayConfig } from '../../../tests/support/relay-config.ts';
import { parseIpv4, parseMac, parsePrefix } from '../../kernel/address.ts';
import type { GatewayConfig } from './gateway-config.ts';
import { parseConfig } from './parse.ts';
import { formatProblem, type Problem } from './problem.ts';
import { settingPaths } from './reference.ts';

const least = `twan-profiles:
  - name: wlc
    access-type: pmip
    session-trigger: pmipv6
    clients: [192.0.2.0/24]
  - name: rg
    access-type: eogre
    session-trigger: dhcp
    clients: [198.51.100.7]
mrme-service:
  twan-profiles: [wlc, rg]
  bind:
    address: 203.0.113.10
  radius:
    servers:
      - address: 203.0.113.20
        secret: a-long-shared-secret
cgw-service:
  access:
    address: 192.0.2.1
  s2a:
    address: 203.0.113.1
    lmas: [203.0.113.100]
`;

const tlsFiles = '    tls: {ca: /etc/samog/ca, certificate: /etc/samog/cert, key: /etc/samog/key}\n';

function configOf(text: string): GatewayConfig {
  const parsed = parseConfig(text, 'gateway.yaml');
  if (!parsed.ok) throw new Error(parsed.problems.map(formatProblem).join('\n'));
  return parsed.config;
}

function problemsOf(text: string): readonly Problem[] {
  const parsed = parseConfig(text, 'gateway.yaml');
  return parsed.ok ? [] : parsed.problems;
}

function summary(problems: readonly Problem[]): string[] {
  return problems.map(({ line, column, path, code }) => `${line}:${column} ${path} ${code}`);
}

const tcp = '{address: 192.0.2.1, certificate: /c, key: /k}';
const example = readFileSync(new URL('../../../config/samog.example.yaml', import.meta.url), 'utf8');

/** Sections that most gateways do not have. */
const hasOwnExample = /^(service-redundancy-protocol|lawful-intercept)\b/;

describe('a valid configuration', () => {
  it('needs only what nobody can know for the operator', () => {
    expect(configOf(least)).toEqual({
      chassis: { name: 'samog' },
      management: {
        socket: '/run/samog/management.sock',
        usersFile: undefined,
        tcp: undefined,
        peerUrl: undefined,
        audit: undefined,
      },
      logging: { level: 'info' },
      sessionManagers: { count: 1, placement: 'in-process' },
      redundancy: undefined,
      recovery: undefined,
      metrics: undefined,
      bulkstats: undefined,
      thresholds: [],
      notifications: undefined,
      fastPath: {
        mode: 'auto',
        interfaces: undefined,
        sessionsMax: 131_072,
        puntsPerSecond: 20_000,
        puntsPerSecondInAll: 100_000,
        outliveMs: 60_000,
        pinFolder: '/sys/fs/bpf/samog',
      },
      lawfulIntercept: undefined,
      accessLists: [],
      twanProfiles: [
        { name: 'wlc', accessType: 'pmip', sessionTrigger: 'pmipv6', clients: [parsePrefix('192.0.2.0/24')] },
        { name: 'rg', accessType: 'eogre', sessionTrigger: 'dhcp', clients: [parsePrefix('198.51.100.7/32')] },
      ],
      mrmeService: {
        name: 'mrme',
        twanProfiles: configOf(least).twanProfiles,
        bind: { address: parseIpv4('203.0.113.10'), interface: undefined, sourcePorts: 16 },
        nasIdentifier: 'samog',
        nasIpAddress: parseIpv4('203.0.113.10'),
        userName: { format: 'mac-no-separator', case: 'lower', realm: undefined },
        password: { kind: 'mac' },
        relay: relayConfig,
        radius: {
          servers: [
            {
              name: '203.0.113.20',
              address: parseIpv4('203.0.113.20'),
              port: 1812,
              acctPort: 1813,
              secret: 'a-long-shared-secret',
              priority: 100,
              weight: 1,
              outstandingMax: 4096,
              statusServer: true,
            },
          ],
          timeoutMs: 3000,
          retransmissions: 2,
          deadTimeMs: 60_000,
          outstandingMax: 4096,
        },
        accounting: {
          wlc: 'server',
          own: false,
          interimIntervalSeconds: undefined,
          idleTimeoutSeconds: 3600,
          holdDownMs: 5000,
          owedMax: 1_000_000,
        },
        dynamicAuthorization: undefined,
      },
      cgwService: {
        name: 'cgw',
        access: {
          address: parseIpv4('192.0.2.1'),
          interface: undefined,
          greTransport: 'raw',
          mtu: 1500,
          vmac: parseMac('00:00:5e:00:52:13'),
        },
        s2a: {
          address: parseIpv4('203.0.113.1'),
          interface: undefined,
          greTransport: 'raw',
          mtu: 1500,
          lmas: [parseIpv4('203.0.113.100')],
          lmaSelection: 'aaa-then-default',
          apn: undefined,
          heartbeat: { intervalMs: 60_000, missing: 3 },
          lifetimeSeconds: 3600,
          refreshBeforeSeconds: 300,
          retransmission: { initialMs: 1000, maxMs: 32_000, attempts: 6 },
        },
        binding: { lifetimeMaxSeconds: 3600, timestampWindowMs: 7000, deregistrationDelayMs: 10_000 },
        revocation: { enable: true, trigger: 2, delayMs: 200, initialTimeoutMs: 1000, maxTimeoutMs: 2000, retries: 1 },
      },
      dhcpService: {
        name: 'dhcp',
        leaseTimeSeconds: 3600,
        offerTimeMs: 60_000,
        releaseGraceMs: 60_000,
        dns: [],
        domain: undefined,
        serverIdentifier: undefined,
        mtu: undefined,
        renewal: 0.5,
        rebinding: 0.875,
      },
      samogService: {
        name: 'samog',
        cgwService: 'cgw',
        mrmeService: 'mrme',
        dhcpService: 'dhcp',
        sessionsMax: 1_000_000,
        congestion: { sessionsPercent: 100, requestsPercent: 90 },
        setupTimeoutMs: 30_000,
        handover: { enable: true, guardTimeMs: 2000, ratePerMinute: 6 },
      },
    });
  });

  it.each([
    ['500ms', 500],
    ['2s', 2000],
    ['2 s', 2000],
    ['1.5s', 1500],
    ['1m', 60_000],
    ['3', 3000],
    ['"3"', 3000],
    ['0.25', 250],
  ])('reads the duration %s as %d ms', (text, expected) => {
    const config = configOf(`${least}samog-service:\n  handover:\n    guard-time: ${text}\n`);
    expect(config.samogService.handover.guardTimeMs).toBe(expected);
  });

  it('calls servers by their addresses, and by their ports where that is not enough', () => {
    const of = (host: number, port: number) =>
      `{address: 203.0.113.${host}, port: ${port}, acct-port: ${port + 1}, secret: s}`;
    const servers = [of(20, 1812), of(21, 1812), of(21, 2812)].join(', ');
    const text = least.replace(/ {6}- address: 203.*\n.*\n/, `      [${servers}]\n`);
    const names = ['203.0.113.20', '203.0.113.21:1812', '203.0.113.21:2812'];
    expect(configOf(text).mrmeService.radius.servers.map((server) => server.name)).toEqual(names);
  });

  it('knows a server over TLS by its certificate, at one port and without a secret', () => {
    const text = least
      .replace(
        / {6}- address: 203.*\n.*\n/,
        '      - {address: 203.0.113.20, transport: tls, tls-name: aaa.example.net}\n',
      )
      .replace('cgw-service', `${tlsFiles}cgw-service`);
    const { servers, tls } = configOf(text).mrmeService.radius;
    const expected = { port: 2083, acctPort: 2083, secret: 'radsec', tls: { name: 'aaa.example.net' } };
    expect(servers[0]).toMatchObject(expected);
    expect(tls).toEqual({ caFile: '/etc/samog/ca', certificateFile: '/etc/samog/cert', keyFile: '/etc/samog/key' });
  });

  it('orders servers by priority, and keeps the order of the file among equals', () => {
    const servers = ['a: 9', 'b: 1', 'c: 9', 'd: 1'].map((entry) => {
      const [name, priority] = entry.split(': ');
      return `{name: ${name}, address: 203.0.113.2${priority}, port: ${name!.charCodeAt(0)}, secret: s, priority: ${priority}}`;
    });
    const text = least.replace(/ {6}- address: 203.*\n.*\n/, `      [${servers.join(', ')}]\n`);
    expect(configOf(text).mrmeService.radius.servers.map((server) => server.name)).toEqual(['b', 'd', 'a', 'c']);
  });

  it('takes a fixed password, upper case and IPv6 throughout', () => {
    const text = least
      .replace('clients: [192.0.2.0/24]', "clients: ['2001:db8:1::/64']")
      .replace('198.51.100.7', "'2001:db8:2::7'")
      .replace('address: 192.0.2.1\n', "address: '2001:db8::1'\n")
      .replace(
        '  bind:',
        '  password: secret\n  user-name: {format: mac-dot, case: upper, realm: example.net}\n  bind:',
      );
    const { mrmeService, cgwService } = configOf(text);
    expect(mrmeService.password).toEqual({ kind: 'fixed', text: 'secret' });
    expect(mrmeService.userName).toEqual({ format: 'mac-dot', case: 'upper', realm: 'example.net' });
    expect(cgwService.access.address).toBe('20010db8000000000000000000000001');
  });

  it('is what the example is', () => {
    expect(configOf(example).chassis.name).toBe('samog-1');
  });

  it('is what the example is with its comments taken out, which then mentions every setting', () => {
    const spelledOut = example.replace(/^(\s*)# (?=[a-z0-9-]+: )/gm, '$1');
    for (const path of settingPaths().filter((setting) => !hasOwnExample.test(setting))) {
      const key = path.split('.').at(-1)!.replace('[]', '');
      expect(spelledOut).toMatch(new RegExp(`^[\\s-]*${key}:`, 'm'));
    }
    configOf(spelledOut);
    const withoutSamples = spelledOut.replace(
      /^ *(?:interface|intercept-file|users|configuration-folder|tcp|peer-url|domain|server-identifier|tls-name|mtu: 1454).*\n/gm,
      '',
    );
    expect(configOf(withoutSamples)).toEqual(configOf(example));
  });
});

const samog = (line: string) => `${least}samog-service:\n  ${line}\n`;
const dhcp = (line: string) => `${least}dhcp-service:\n  ${line}\n`;
const replaced = (from: string | RegExp, to: string) => {
  const text = least.replace(from, to);
  if (text === least) throw new Error(`nothing to replace: ${from}`);
  return text;
};

describe('one mistake gives one problem, where it is', () => {
  it.each<[string, string, string]>([
    ['unknown key', samog('session-max: 5'), '25:3 samog-service.session-max unknown-key'],
    ['unknown section', `${least}cgw: {}\n`, '24:1 cgw unknown-key'],
    ['missing value', replaced('address: 192.0.2.1\n', 'mtu: 1500\n'), '19:3 cgw-service.access.address missing'],
    ['empty value', samog('name:'), '25:8 samog-service.name missing'],
    ['missing section', replaced(/^cgw-service:[\s\S]*/m, ''), '1:1 cgw-service missing'],
    ['not a mapping', samog('handover: 5'), '25:13 samog-service.handover wrong-type'],
    ['not a list', replaced('[wlc, rg]', 'wlc'), '11:18 mrme-service.twan-profiles wrong-type'],
    ['empty list', replaced('[203.0.113.100]', '[]'), '23:11 cgw-service.s2a.lmas out-of-range'],
    ['text for a number', samog('sessions-max: many'), '25:17 samog-service.sessions-max wrong-type'],
    ['number out of range', samog('sessions-max: 0'), '25:17 samog-service.sessions-max out-of-range'],
    ['fraction of a count', samog('sessions-max: 1.5'), '25:17 samog-service.sessions-max wrong-type'],
    ['number for a name', samog('name: 12'), '25:9 samog-service.name wrong-type'],
    ['name with a space', samog('name: a b'), '25:9 samog-service.name bad-value'],
    ['text for a flag', samog('handover: {enable: yes}'), '25:22 samog-service.handover.enable wrong-type'],
    ['unit unknown', samog('setup-timeout: 3 weeks'), '25:18 samog-service.setup-timeout wrong-type'],
    ['negative duration', samog('setup-timeout: -1s'), '25:18 samog-service.setup-timeout out-of-range'],
    ['zero duration', samog('setup-timeout: 0'), '25:18 samog-service.setup-timeout out-of-range'],
    ['infinite duration', samog('setup-timeout: .inf'), '25:18 samog-service.setup-timeout wrong-type'],
    ['lease of half a second more', dhcp('lease-time: 60500ms'), '25:15 dhcp-service.lease-time bad-value'],
    ['not a choice', replaced('access-type: pmip', 'access-type: wifi'), '3:18 twan-profiles.0.access-type bad-value'],
    ['not an address', replaced('203.0.113.10\n', '203.0.113.256\n'), '13:14 mrme-service.bind.address bad-value'],
    ['unspecified address', replaced('203.0.113.10\n', '0.0.0.0\n'), '13:14 mrme-service.bind.address bad-value'],
    ['multicast address', replaced('203.0.113.10\n', '239.1.1.1\n'), '13:14 mrme-service.bind.address bad-value'],
    ['IPv6 name server', dhcp('dns: ["2001:db8::1"]'), '25:9 dhcp-service.dns.0 bad-value'],
    ['host bits', replaced('192.0.2.0/24', '192.0.2.1/24'), '5:15 twan-profiles.0.clients.0 bad-value'],
    ['prefix too long', replaced('192.0.2.0/24', '192.0.2.0/33'), '5:15 twan-profiles.0.clients.0 bad-value'],
    [
      'empty secret',
      replaced('secret: a-long-shared-secret', 'secret: ""'),
      '17:17 mrme-service.radius.servers.0.secret out-of-range',
    ],
    ['relative socket', `${least}management: {socket: a.sock}\n`, '24:22 management.socket bad-value'],
    ['network without users', `${least}management: {tcp: ${tcp}, audit: {}}\n`, '24:19 management.tcp conflict'],
    ['network without audit', `${least}management: {tcp: ${tcp}, users: /u}\n`, '24:19 management.tcp conflict'],
    [
      'network without TLS',
      `${least}management: {tcp: {address: 192.0.2.1, key: /k}, users: /u, audit: {}}\n`,
      '24:14 management.tcp.certificate missing',
    ],
    ['long socket', `${least}management: {socket: /${'a'.repeat(107)}}\n`, '24:22 management.socket out-of-range'],
    [
      'device name',
      replaced('  bind:\n', '  bind:\n    interface: a/b\n'),
      '13:16 mrme-service.bind.interface bad-value',
    ],
    ['renewal of 1', dhcp('renewal: 1'), '25:12 dhcp-service.renewal out-of-range'],
    ['repeated key', `${least}chassis: {name: a}\nchassis: {name: b}\n`, '25:1 chassis duplicate-key'],
    [
      'alias',
      replaced('clients: [198.51.100.7]', 'clients: *a').replace('clients: [192', 'clients: &a [192'),
      '9:14 twan-profiles.1.clients alias',
    ],
    ['syntax', `${least}a: [\n`, '25:1  syntax'],
    ['two documents', `${least}---\na: 1\n`, '24:1  syntax'],
    ['empty file', '', '1:1  missing'],
    ['a scalar', 'hello', '1:1  wrong-type'],
    ['a mapping as key', `${least}? {a: b}\n: 1\n`, '24:3  syntax'],
  ])('%s', (_name, text, expected) => {
    expect(summary(problemsOf(text))).toEqual([expected]);
  });

  it.each<[string, string, string]>([
    [
      'group VMAC',
      replaced('address: 192.0.2.1\n', 'address: 192.0.2.1\n    vmac: 01:00:5e:00:00:01\n'),
      '21:11 cgw-service.access.vmac bad-value',
    ],
    [
      'null VMAC',
      replaced('address: 192.0.2.1\n', 'address: 192.0.2.1\n    vmac: 00:00:00:00:00:00\n'),
      '21:11 cgw-service.access.vmac bad-value',
    ],
    ['lifetime not of 4 s', `${least}    lifetime: 3601s\n`, '24:15 cgw-service.s2a.lifetime bad-value'],
    ['lifetime beyond 16 bits', `${least}    lifetime: 262144s\n`, '24:15 cgw-service.s2a.lifetime out-of-range'],
    ['trigger of revocation', `${least}  revocation: {trigger: 5}\n`, '24:25 cgw-service.revocation.trigger bad-value'],
  ])('%s', (_name, text, expected) => {
    expect(summary(problemsOf(text)).map((line) => line.replace(/^22:/, '22:'))).toEqual([
      expected.replace(/^23:25/, '23:25'),
    ]);
  });
});

describe('settings that contradict one another', () => {
  it.each<[string, string, string]>([
    [
      'profile name taken',
      replaced('name: rg', 'name: wlc').replace('[wlc, rg]', '[wlc]'),
      '6:11 twan-profiles.1.name conflict',
    ],
    ['same client twice', replaced('[198.51.100.7]', '[192.0.2.0/24]'), '9:15 twan-profiles.1.clients.0 conflict'],
    [
      'trigger of the other type',
      replaced('session-trigger: pmipv6', 'session-trigger: dhcp'),
      '4:22 twan-profiles.0.session-trigger conflict',
    ],
    [
      'trigger without RADIUS clients',
      replaced('access-type: pmip', 'access-type: ip').replace(
        'session-trigger: pmipv6',
        'session-trigger: accounting',
      ),
      '4:22 twan-profiles.0.session-trigger conflict',
    ],
    ['profile unknown', replaced('[wlc, rg]', '[wlc, rgs]'), '11:24 mrme-service.twan-profiles.1 unknown-reference'],
    ['profile listed twice', replaced('[wlc, rg]', '[wlc, rg, rg]'), '11:28 mrme-service.twan-profiles.2 conflict'],
    ['service unknown', samog('cgw-service: other'), '25:16 samog-service.cgw-service unknown-reference'],
    ['client of another family', replaced('198.51.100.7', '"2001:db8::1"'), '9:15 twan-profiles.1.clients.0 conflict'],
    ['LMA of another family', replaced('203.0.113.100', '"2001:db8::1"'), '23:12 cgw-service.s2a.lmas.0 conflict'],
    [
      'server of another family',
      replaced('203.0.113.20', '"2001:db8::1"'),
      '16:18 mrme-service.radius.servers.0.address conflict',
    ],
    ['sides share an address', replaced('203.0.113.1\n', '192.0.2.1\n'), '22:14 cgw-service.s2a.address conflict'],
    ['LMA is the gateway', replaced('203.0.113.100', '192.0.2.1'), '23:12 cgw-service.s2a.lmas.0 conflict'],
    [
      'LMA listed twice',
      replaced('203.0.113.100', '203.0.113.100, 203.0.113.100'),
      '23:27 cgw-service.s2a.lmas.1 conflict',
    ],
    [
      'server listed twice',
      replaced(/( {6}- address: .*\n.*\n)/, '$1$1'),
      '18:9 mrme-service.radius.servers.1 conflict',
    ],
    ['no secret', replaced(/ {8}secret: .*\n/, ''), '16:9 mrme-service.radius.servers.0.secret missing'],
    [
      'TLS with a secret of its own',
      replaced('        secret:', '        transport: tls\n        secret:').replace(
        'cgw-service',
        `${tlsFiles}cgw-service`,
      ),
      '18:17 mrme-service.radius.servers.0.secret conflict',
    ],
    [
      'TLS without certificates',
      replaced(/secret: .*/, 'transport: tls'),
      '17:20 mrme-service.radius.servers.0.transport conflict',
    ],
    [
      'one port for authentication and accounting',
      replaced('        secret: a', '        acct-port: 1812\n        secret: a'),
      '17:20 mrme-service.radius.servers.0.acct-port conflict',
    ],
    [
      'more requests to one server than identifiers',
      replaced('        secret: a', '        outstanding-max: 5000\n        secret: a'),
      '17:26 mrme-service.radius.servers.0.outstanding-max conflict',
    ],
    [
      'more requests than identifiers',
      replaced('  radius:\n', '  radius:\n    outstanding-max: 4097\n'),
      '15:22 mrme-service.radius.outstanding-max conflict',
    ],
    ['no time for a silent server', samog('setup-timeout: 9s'), '25:18 samog-service.setup-timeout conflict'],
    ['refresh before the beginning', `${least}    lifetime: 300s\n`, '21:3 cgw-service.s2a.refresh-before conflict'],
    [
      'waits in disorder',
      `${least}    retransmission: {initial: 33s}\n`,
      '24:31 cgw-service.s2a.retransmission.initial conflict',
    ],
    ['T1 not before T2', dhcp('renewal: 0.875'), '25:12 dhcp-service.renewal conflict'],
  ])('%s', (_name, text, expected) => {
    expect(summary(problemsOf(text))).toEqual([expected]);
  });
});

describe('what the operator reads', () => {
  it('is everything at once, in the order of the file, conflicts beside wrong values', () => {
    const text = `${replaced('[wlc, rg]', '[wlc, rgs]').replace('address: 192.0.2.1\n', 'address: 192.0.2.1\n    mtu: 99\n')}samog-service:
  session_max: 5
  handover: {gaurd-time: 2s, renewal: 0.5, zzz: 1}
`;
    expect(problemsOf(text).map(formatProblem)).toEqual([
      'gateway.yaml:11:24: mrme-service.twan-profiles.1 "rgs" is no TWAN profile (did you mean "rg"?)',
      'gateway.yaml:21:10: cgw-service.access.mtu is 99 (use 576 to 9216)',
      'gateway.yaml:26:3: samog-service.session_max is not a setting (did you mean "sessions-max"?)',
      'gateway.yaml:27:14: samog-service.handover.gaurd-time is not a setting (did you mean "guard-time"?)',
      'gateway.yaml:27:30: samog-service.handover.renewal is not a setting (it belongs under dhcp-service)',
      'gateway.yaml:27:44: samog-service.handover.zzz is not a setting (known here: enable, guard-time, rate)',
    ]);
  });

  it('tells of quotes that are missing', () => {
    expect(problemsOf(samog('name: 007'))[0]!.hint).toMatch(/quotes/);
  });
});

describe('hostile text', () => {
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${[...'bcdefgh'].map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefg'[index]}`).join(',')}]`).join('\n')}\n`;
  it.each<[string, string, Problem['code']]>([
    ['100 MB', 'a'.repeat(100_000_000), 'too-large'],
    ['aliases that multiply', bomb, 'alias'],
    ['brackets', '['.repeat(200_000), 'syntax'],
    ['nested mappings', '{a: '.repeat(60_000), 'syntax'],
    ['closed nesting', `a: ${'['.repeat(100)}${']'.repeat(100)}`, 'too-deep'],
    ['indentation', Array.from({ length: 200 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'), 'too-deep'],
    ['unknown keys', Array.from({ length: 20_000 }, (_, index) => `k${index}: 1`).join('\n'), 'unknown-key'],
    ['prototype', '__proto__: {chassis: 1}\nconstructor: 1\n', 'unknown-key'],
    ['NUL', '\0', 'syntax'],
  ])('%s gives a clear error', (_name, text, code) => {
    const problems = problemsOf(text);
    expect(problems.length).toBeLessThanOrEqual(100);
    expect(problems.map((problem) => problem.code)).toContain(code);
  });

  it.each([
    ['a program', '\u007fELF\u0002\u0001: \n\0: [\n%@x: "a', /^f:1:1: the file is no text/],
    ['octets that are no UTF-8', 'a: b\nc: \ufffd\n', /^f:2:4: the file is no text/],
    [
      'a program in source',
      `# Of it\n\n${'import {a} from b;\nconst x = "y: z"; // c\n'.repeat(12)}`,
      /^f:3:1: .* not valid YAML: .* in 11 places/,
    ],
  ])('%s gives one error, which asks whether it is the right file', (_name, text, told) => {
    const parsed = parseConfig(text, 'f');
    const problems = parsed.ok ? [] : parsed.problems.map(formatProblem);
    expect(problems).toEqual([expect.stringMatching(told)]);
    expect(problems[0]).toContain('the right file');
  });

  it('tells of two mistakes that are far from each other', () => {
    const text = `chassis: {name: [}\n${least.replace('[wlc, rg]', '[wlc, rg')}`;
    expect(problemsOf(text).length).toBeGreaterThan(1);
  });

  it('never throws, whatever single line of the example is damaged', () => {
    const lines = example.split('\n');
    fc.assert(
      fc.property(fc.nat(lines.length - 1), fc.string({ maxLength: 30 }), (at, damage) => {
        const parsed = parseConfig(lines.with(at, lines[at]!.slice(0, 12) + damage).join('\n'), 'f');
        expect(parsed.ok || parsed.problems.every((problem) => problem.line >= 1 && problem.hint !== '')).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
