import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chassisDefaults, chassisOptionProblems } from '../../icsr/chassis/options.ts';
import { formatMac, parseIp, parseIpv4, parseMac } from '../../kernel/address.ts';
import type { GatewayConfig } from './gateway-config.ts';
import { parseConfig } from './parse.ts';
import { formatProblem } from './problem.ts';
import { settingPaths } from './reference.ts';

const [pairA, pairB] = ['a', 'b'].map((chassis) =>
  readFileSync(new URL(`../../../config/samog-pair-${chassis}.example.yaml`, import.meta.url), 'utf8'),
) as [string, string];

function configOf(text: string): GatewayConfig {
  const parsed = parseConfig(text, 'pair.yaml');
  if (!parsed.ok) throw new Error(parsed.problems.map(formatProblem).join('\n'));
  return parsed.config;
}

function redundancyOf(text: string) {
  return configOf(text).redundancy!;
}

function replaced(from: string | RegExp, to: string): string {
  const text = pairA.replace(from, to);
  if (text === pairA) throw new Error(`nothing to replace: ${from}`);
  return text;
}

/** The position and the rest of a problem, the line as its own text: it says more than its number. */
function problemsOf(text: string): string[] {
  const parsed = parseConfig(text, 'f');
  const lines = text.split('\n');
  return parsed.ok
    ? []
    : parsed.problems.map(({ line, path, code }) => `${lines[line - 1]!.replace(/#.*/, '').trim()} | ${path} ${code}`);
}

describe('a pair', () => {
  it('is what the examples are, with the defaults of the chassis machine', () => {
    const { settings: _, ...redundancy } = redundancyOf(pairA);
    expect(redundancy).toEqual({
      chassis: { ...chassisDefaults, mode: 'primary', priority: 1, tiebreaker: redundancy.chassis.tiebreaker },
      peerChassisName: 'samog-2',
      bind: { address: parseIpv4('192.168.77.1'), port: 5438 },
      peer: { address: parseIpv4('192.168.77.2'), port: 5438 },
      sharedKey: 'change-me-to-32-characters-nobody-knows',
      compressions: ['zstd', 'deflate'],
      checkpoints: {
        minimumAgeMs: 0,
        periodicIntervalMs: 2_700_000,
        instanceIntervalMs: 1_800_000,
        statisticsIntervalMs: 1000,
        commitLimitMs: 50,
        auditIntervalMs: 60_000,
        nackResponsesPerSecond: 1000,
      },
      configurationIntervalMs: 3_600_000,
      serviceAddresses: [
        { address: parseIpv4('192.0.2.1'), prefixLength: 24, interface: 'eth0' },
        { address: parseIpv4('203.0.113.1'), prefixLength: 24, interface: 'eth1' },
        { address: parseIpv4('203.0.113.10'), prefixLength: 24, interface: 'eth1' },
      ],
      routeHook: undefined,
      monitors: {
        authenticationProbe: { intervalMs: 10_000, timeoutMs: 3000, failures: 3 },
        peers: [
          { name: 'access-router', address: parseIpv4('192.0.2.253'), intervalMs: 1000, timeoutMs: 500, failures: 3 },
        ],
      },
    });
    expect(configOf(pairA).recovery).toEqual({
      directory: '/var/lib/samog',
      flushIntervalMs: 100,
      accountingIntervalMs: 4000,
    });
    expect(redundancyOf(pairB).chassis).toMatchObject({ mode: 'backup', priority: 2 });
  });

  it('has every setting in the example, and the example shows the defaults', () => {
    const spelledOut = pairA.replace(/^(\s*)# (?=[a-z0-9-]+: )/gm, '$1');
    for (const path of settingPaths().filter((setting) => setting.startsWith('service-redundancy-protocol'))) {
      const key = path.split('.').at(-1)!.replace('[]', '');
      expect(spelledOut).toMatch(new RegExp(`^[\\s-]*${key}:`, 'm'));
    }
    const { redundancy } = configOf(spelledOut);
    expect(redundancy).toMatchObject({ routeHook: '/usr/local/sbin/samog-route', peer: { port: 5438 } });
    expect(formatMac(redundancy!.chassis.tiebreaker)).toBe('02:00:5e:10:00:01');
    const withoutSamples = spelledOut.replace(/^ *(?:route-hook|tiebreaker).*\n/gm, '');
    expect(configOf(withoutSamples)).toEqual(configOf(pairA));
  });

  it('is asked for: without its section there is no peer, and without recovery nothing is kept', () => {
    const alone = pairA.replace(/^service-redundancy-protocol:[\s\S]*?(?=^twan-profiles)/m, '');
    expect(configOf(alone)).toMatchObject({ redundancy: undefined, recovery: undefined });
    expect(configOf(`${alone}recovery:\n`).recovery).toMatchObject({ directory: '/var/lib/samog' });
  });

  it('may speak IPv6 to its peer, through another port, without monitors', () => {
    const text = replaced('address: 192.168.77.1 ', 'address: fd00::1')
      .replace('192.168.77.2', 'fd00::2')
      .replace('# peer-port: 5438', 'peer-port: 1')
      .replace(/^ {2}monitor:[\s\S]*?(?=^ {2}guard)/m, '');
    expect(redundancyOf(text)).toMatchObject({
      peer: { address: parseIp('fd00::2'), port: 1 },
      monitors: { authenticationProbe: undefined, peers: [] },
    });
  });

  it('breaks ties by the name of the chassis, by an address of its own making', () => {
    const [a, b] = [pairA, pairB].map((text) => redundancyOf(text).chassis.tiebreaker);
    expect(a).not.toBe(b);
    expect(formatMac(a!)).toBe('02:a5:d7:03:9a:9c');
    expect(parseMac('02:00:00:00:00:00')! <= a! && a! <= parseMac('02:ff:ff:ff:ff:ff')!).toBe(true);
  });
});

describe('one mistake gives one problem, where it is', () => {
  const srp = 'service-redundancy-protocol';
  it.each<[string, string, string]>([
    [
      'hello too fast',
      replaced('# hello-interval: 100ms', 'hello-interval: 99ms'),
      `hello-interval: 99ms | ${srp}.hello-interval out-of-range`,
    ],
    [
      'dead less than three hellos',
      replaced('# hello-interval: 100ms', 'hello-interval: 101ms'),
      `service-redundancy-protocol: | ${srp}.dead-interval conflict`,
    ],
    [
      'dead less than three hellos, given',
      replaced('# dead-interval: 300ms', 'dead-interval: 2s\n  hello-interval: 700ms'),
      `dead-interval: 2s | ${srp}.dead-interval conflict`,
    ],
    [
      'whole checkpoints too often',
      replaced('# periodic-interval: 45m', 'periodic-interval: 29m'),
      `periodic-interval: 29m | ${srp}.checkpoint.session.periodic-interval out-of-range`,
    ],
    [
      'whole checkpoints too seldom',
      replaced('# periodic-interval: 45m', 'periodic-interval: 1441m'),
      `periodic-interval: 1441m | ${srp}.checkpoint.session.periodic-interval out-of-range`,
    ],
    [
      'peer of another family',
      replaced('192.168.77.2', 'fd00::2'),
      `peer-ip-address: fd00::2 | ${srp}.peer-ip-address conflict`,
    ],
    [
      'link-local peer',
      replaced('address: 192.168.77.1 ', 'address: fd00::1').replace('192.168.77.2', 'fe80::2'),
      `peer-ip-address: fe80::2 | ${srp}.peer-ip-address conflict`,
    ],
    [
      'peer is this chassis',
      replaced('192.168.77.2', '192.168.77.1'),
      `peer-ip-address: 192.168.77.1 | ${srp}.peer-ip-address conflict`,
    ],
    [
      'peer has this name',
      replaced('peer-chassis-name: samog-2', 'peer-chassis-name: samog-1'),
      `peer-chassis-name: samog-1 | ${srp}.peer-chassis-name conflict`,
    ],
    ['no name', replaced(/^chassis:\n.*\n/m, ''), 'management: | chassis.name conflict'],
    [
      'no NAS identifier',
      replaced(/ {2}nas-identifier: samog\n/, ''),
      'mrme-service: | mrme-service.nas-identifier missing',
    ],
    [
      'short key',
      replaced(/shared-key: .*/, 'shared-key: fifteen-octets!'),
      `shared-key: fifteen-octets! | ${srp}.shared-key out-of-range`,
    ],
    ['no key', replaced(/ {2}shared-key: .*\n/, ''), `service-redundancy-protocol: | ${srp}.shared-key missing`],
    [
      'tiebreaker of a group',
      replaced('# tiebreaker: 02', 'tiebreaker: 03'),
      `tiebreaker: 03:00:5e:10:00:01 | ${srp}.tiebreaker bad-value`,
    ],
    [
      'threshold',
      replaced('# threshold: 16', 'threshold: 33'),
      `threshold: 33 | ${srp}.route-modifier.threshold out-of-range`,
    ],
    [
      'hook without a path',
      replaced('# route-hook: /', 'route-hook: '),
      `route-hook: usr/local/sbin/samog-route | ${srp}.route-hook bad-value`,
    ],
    [
      'service address that is missing',
      replaced(/ {4}- address: 203.0.113.10\/24\n.*\n/, ''),
      `- address: 192.0.2.1/24 | ${srp}.service-addresses conflict`,
    ],
    [
      'bound address of IPv6',
      replaced('address: 203.0.113.10\n', "address: '2001:db8::1'\n").replace(
        'address: 203.0.113.20',
        "address: '2001:db8::2'",
      ),
      `- address: 192.0.2.1/24 | ${srp}.service-addresses conflict`,
    ],
    [
      'no service addresses',
      replaced(/ {2}service-addresses:\n(?: {4}.*\n)*/, ''),
      `service-redundancy-protocol: | ${srp}.service-addresses missing`,
    ],
    [
      'service address of SRP',
      replaced('203.0.113.1/24', '203.0.113.1/24\n      interface: x\n    - address: 192.168.77.1/24'),
      `- address: 192.168.77.1/24 | ${srp}.service-addresses.2.address conflict`,
    ],
    [
      'service address of the peer',
      replaced('203.0.113.1/24', '203.0.113.1/24\n      interface: x\n    - address: 192.168.77.2/24'),
      `- address: 192.168.77.2/24 | ${srp}.service-addresses.2.address conflict`,
    ],
    [
      'service address twice',
      replaced('203.0.113.1/24', '203.0.113.1/24\n      interface: x\n    - address: 203.0.113.1/32'),
      `- address: 203.0.113.1/32 | ${srp}.service-addresses.2.address conflict`,
    ],
    [
      'service address without length',
      replaced('192.0.2.1/24', '192.0.2.1'),
      `- address: 192.0.2.1 | ${srp}.service-addresses.0.address bad-value`,
    ],
    [
      'service address with a length of 33',
      replaced('192.0.2.1/24', '192.0.2.1/33'),
      `- address: 192.0.2.1/33 | ${srp}.service-addresses.0.address out-of-range`,
    ],
    [
      'service address with a length of 0',
      replaced('192.0.2.1/24', '192.0.2.1/0'),
      `- address: 192.0.2.1/0 | ${srp}.service-addresses.0.address out-of-range`,
    ],
    [
      'service address of IPv6',
      replaced('192.0.2.1/24', '"2001:db8::1/64"'),
      `- address: "2001:db8::1/64" | ${srp}.service-addresses.0.address bad-value`,
    ],
    [
      'barrier not below handover',
      replaced('# barrier: 5s', 'barrier: 10s'),
      `barrier: 10s | ${srp}.limits.barrier conflict`,
    ],
    [
      'skew refused below the warning',
      replaced('# refuse: 60s', 'refuse: 29s'),
      `refuse: 29s | ${srp}.clock-skew.refuse conflict`,
    ],
    [
      'compression twice',
      replaced('# compression: [zstd, deflate]', 'compression: [zstd, zstd]'),
      `compression: [zstd, zstd] | ${srp}.checkpoint.session.compression.1 conflict`,
    ],
    [
      'compression unknown',
      replaced('# compression: [zstd, deflate]', 'compression: [lz4]'),
      `compression: [lz4] | ${srp}.checkpoint.session.compression.0 bad-value`,
    ],
    [
      'probe waits too long',
      replaced('# timeout: 3s', 'timeout: 11s'),
      `timeout: 11s | ${srp}.monitor.authentication-probe.timeout conflict`,
    ],
    [
      'peer probe waits too long',
      replaced('# timeout: 500ms', 'timeout: 2s'),
      `timeout: 2s | ${srp}.monitor.peers.0.timeout conflict`,
    ],
    [
      'monitor twice',
      replaced(/( {6}- name: access-router\n.*\n)/, '$1$1'),
      `- name: access-router | ${srp}.monitor.peers.1.name conflict`,
    ],
    [
      'relative directory',
      replaced('directory: /var', 'directory: var'),
      'directory: var/lib/samog | recovery.directory bad-value',
    ],
    [
      'accounting too often',
      replaced('# own\n\ntwan', '# own\n  accounting-interval: 999ms\n\ntwan'),
      'accounting-interval: 999ms | recovery.accounting-interval out-of-range',
    ],
  ])('%s', (_name, text, expected) => {
    expect(problemsOf(text)).toEqual([expected]);
  });

  it('says what to do', () => {
    const parsed = parseConfig(replaced(/ {4}- address: 203.0.113.10\/24\n.*\n/, ''), 'pair.yaml');
    expect(parsed.ok ? [] : parsed.problems.map(formatProblem)).toEqual([
      'pair.yaml:33:5: service-redundancy-protocol.service-addresses has no 203.0.113.10, which is ' +
        'mrme-service.bind.address (add it with its prefix length and interface: it has to move with the role)',
    ]);
  });
});

it('what is accepted is what the chassis machine accepts', () => {
  const ms = (max: number) => fc.integer({ min: 0, max }).map((value) => `${value}ms`);
  const lines = fc.record({
    'hello-interval': fc.integer({ min: 90, max: 400 }).map((value) => `${value}ms`),
    'dead-interval': ms(3000),
    'delay-interval': ms(10),
    priority: fc.integer({ min: -1, max: 256 }),
    limits: fc
      .tuple(ms(20_000), ms(20_000))
      .map(([barrier, handover]) => `{barrier: ${barrier}, handover: ${handover}}`),
    'clock-skew': fc.tuple(ms(1500), ms(1500)).map(([warn, refuse]) => `{warn: ${warn}, refuse: ${refuse}}`),
    'route-modifier': fc.integer({ min: 1, max: 33 }).map((threshold) => `{threshold: ${threshold}}`),
  });
  const bare = pairA
    .replace(/^ {2}(?:priority|route-modifier).*\n/gm, '')
    .replace(/^ {2}(?:clock-skew|limits):\n(?: {4}#.*\n)*/gm, '');
  let accepted = 0;
  fc.assert(
    fc.property(lines, (settings) => {
      const text = Object.entries(settings)
        .map(([key, value]) => `  ${key}: ${value}\n`)
        .join('');
      const parsed = parseConfig(bare.replace(/^(service-redundancy-protocol:\n)/m, `$1${text}`), 'f');
      if (!parsed.ok) return;
      accepted += 1;
      expect(chassisOptionProblems(parsed.config.redundancy!.chassis)).toEqual([]);
    }),
    { numRuns: 300, seed: 1 },
  );
  expect(accepted).toBeGreaterThan(10);
});
