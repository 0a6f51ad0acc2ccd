import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { Exposition } from '../../src/host/metrics/exposition.ts';
import { Notifier } from '../../src/host/notifications/notifier.ts';
import type { AlarmChange, AlarmRecord } from '../../src/operations/alarms/alarm.ts';
import { readFormat } from '../../src/operations/bulkstats/format.ts';
import type { NotificationsConfig } from '../../src/operations/config/notifications-config.ts';
import { engineIdOf } from '../../src/operations/snmp/engine-id.ts';
import { scalars } from '../../src/operations/snmp/mib.ts';
import { samogServiceStatistics } from '../../src/operations/views/samog-service-statistics.ts';
import type { SamogEvent } from '../../src/services/samog/events.ts';
import { busySource, moment } from '../operations/view-source.ts';
import { isOnPath, requireTool } from '../support/require-tool.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'samog-test-'));
/** Debian has no MIBs of the IETF, because they may not be changed; the library of SNMP brings those that are needed. */
const environment = {
  ...process.env,
  MIBDIRS: [join(root, 'node_modules/net-snmp/lib/mibs'), '/usr/share/snmp/mibs', join(root, 'deploy/snmp')].join(':'),
  MIBS: '+SAMOG-MIB',
  SNMP_PERSISTENT_DIR: join(folder, 'persistent'),
};
const running: ChildProcess[] = [];
const notifiers: Notifier[] = [];

afterEach(async () => {
  for (const notifier of notifiers.splice(0)) await notifier.stop();
  for (const child of running.splice(0)) child.kill('SIGKILL');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function until(holds: () => boolean, what: () => string): Promise<void> {
  for (let turn = 0; turn < 1000 && !holds(); turn += 1) await sleep(20);
  if (!holds()) throw new Error(`it does not come true: ${what()}`);
}

/** A program that runs until the test is over, and what it says. */
function started(command: string, args: readonly string[]): { said: string } {
  const child = spawn(command, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  running.push(child);
  const output = { said: '' };
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.on('data', (part: Buffer) => {
      output.said += part.toString();
    });
  }
  return output;
}

function fileOf(name: string, lines: readonly string[]): string {
  const path = join(folder, name);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  socket.close();
  return port;
}

async function freeTcpPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

function notifying(changes: Partial<NotificationsConfig>): Notifier {
  const notifier = new Notifier({ syslog: [], webhooks: [], snmp: [], agentx: undefined, ...changes }, 'gw-a');
  notifiers.push(notifier);
  return notifier;
}

function alarm(kind: AlarmChange['kind']): AlarmChange {
  const touches = { sessions: 4, what: 'sessions that it anchors' };
  const record: AlarmRecord = {
    ...{ alarm: 'lma-down', severity: 'critical', about: '203.0.113.100', meaning: 'it is silent', touches },
    ...{ seeAlso: 'show cgw-service', number: 7, raisedAt: 0, clearedAt: undefined, acknowledgement: undefined },
  };
  return { kind, record };
}

const transition: SamogEvent = {
  ...{ name: 'chassis-transition', mac: undefined, sessionId: undefined, peer: undefined, party: 'samog' },
  ...{ direction: 'internal', text: () => 'STANDBY to PENDING_ACTIVE: manual, term 7' },
};

describe.skipIf(!requireTool('snmptranslate'))('the MIB', () => {
  it('is read by Net-SNMP without a complaint, and has every object', () => {
    const tree = spawnSync('snmptranslate', ['-Pe', '-Tp', 'SAMOG-MIB::samog'], { env: environment, encoding: 'utf8' });
    const complaints = tree.stderr
      .split('\n')
      .filter((line) => !/^(Created directory|MIB search path): |^$/.test(line));
    expect(complaints).toEqual([]);
    for (const { name, number } of scalars) expect(tree.stdout).toContain(` ${name}(${number})`);
    for (const name of ['samogAlarmRaised(1)', 'samogChassisTransition(5)']) expect(tree.stdout).toContain(name);
  });
});

describe.skipIf(!requireTool('snmptrapd'))('SNMP notifications', () => {
  const user = {
    name: 'samog',
    authentication: { protocol: 'sha256', key: 'a key for the tests' },
    privacy: { protocol: 'aes', key: 'another for the tests' },
  };

  async function trapd() {
    const port = await freeUdpPort();
    const file = fileOf('snmptrapd.conf', [
      'authCommunity log a-community',
      'createUser samog SHA-256 "a key for the tests" AES "another for the tests"',
      `createUser -e 0x${engineIdOf('gw-a')} samog SHA-256 "a key for the tests" AES "another for the tests"`,
      'authUser log samog priv',
      'doNotLogTraps no',
    ]);
    const at = `udp:127.0.0.1:${port}`;
    const output = started('snmptrapd', ['-f', '-Lo', '-C', '-c', file, '-OQ', '-F', 'trap %v\\n', at]);
    await until(
      () => output.said.includes('NET-SNMP version'),
      () => output.said,
    );
    return { port, output };
  }

  const common = { name: 'nms', address: '127.0.0.1', events: 'none' } as const;

  it.each([
    ['version 2c', { version: '2c', community: 'a-community' }, false],
    ['version 2c, acknowledged', { version: '2c', community: 'a-community' }, true],
    ['version 3, encrypted and acknowledged', { version: '3', user }, true],
    ['version 3, encrypted', { version: '3', user }, false],
  ] as const)('by %s are as the MIB has them', async (_name, access, inform) => {
    const { port, output } = await trapd();
    const notifier = notifying({ snmp: [{ ...common, port, access, inform }] });
    notifier.alarm(alarm('raised'), moment);
    notifier.alarm(alarm('cleared'), moment);
    notifier.event(transition, moment.now);
    await until(
      () => output.said.includes('samogEventText'),
      () => output.said,
    );
    const traps = output.said.split('\n').filter((line) => line.startsWith('trap '));
    expect(traps).toHaveLength(3);
    expect(traps[0]).toContain('snmpTrapOID.0 = SAMOG-MIB::samogAlarmRaised');
    for (const part of [
      'samogNotifyChassis.0 = gw-a',
      'samogNotifyTime.0 = 2026-03-01T11:00:00.000Z',
      'samogAlarmNumber.0 = 7',
      'samogAlarmName.0 = lma-down',
      'samogAlarmSeverity.0 = critical',
      'samogAlarmAbout.0 = 203.0.113.100',
      'samogAlarmSeeAlso.0 = show cgw-service',
    ]) {
      expect(traps[0]).toContain(part);
    }
    expect(traps[1]).toContain('samogAlarmCleared');
    expect(traps[2]).toMatch(/samogChassisTransition.*samogEventText\.0 = STANDBY to PENDING_ACTIVE: manual, term 7/);
    await until(
      () => notifier.sinks()[0]?.sent === 3,
      () => JSON.stringify(notifier.sinks()),
    );
  });

  it('that nobody acknowledges are tried again, and said to be', async () => {
    const port = await freeUdpPort();
    const notifier = notifying({
      snmp: [{ ...common, port, access: { version: '2c', community: 'a-community' }, inform: true }],
    });
    notifier.alarm(alarm('raised'), moment);
    await until(
      () => notifier.sinks()[0]?.failing !== null && notifier.sinks().length > 0,
      () => 'it does not fail',
    );
    expect(notifier.sinks()[0]).toMatchObject({ sent: 0, waiting: 1 });
  });
});

describe.skipIf(!requireTool('snmpd', isOnPath('snmpd') && isOnPath('snmpget')))('values by SNMP', () => {
  it('are those that show, bulk statistics and Prometheus have', async () => {
    const [port, agentx] = [await freeUdpPort(), await freeTcpPort()];
    const file = fileOf('snmpd.conf', [
      `agentaddress udp:127.0.0.1:${port}`,
      'rocommunity a-community',
      'master agentx',
      `agentXSocket tcp:127.0.0.1:${agentx}`,
    ]);
    const output = started('snmpd', ['-f', '-Lo', '-C', '-c', file, '-I', '-smux']);
    await until(
      () => output.said.includes('NET-SNMP version'),
      () => output.said,
    );
    const source = busySource();
    const notifier = notifying({ agentx: { address: '127.0.0.1', port: agentx } });
    notifier.serve(source);
    const walk = (): Promise<string> =>
      new Promise((resolve) => {
        const args = [
          '-v2c',
          '-c',
          'a-community',
          '-r',
          '2',
          '-t',
          '3',
          '-OQs',
          `127.0.0.1:${port}`,
          'SAMOG-MIB::samogScalars',
        ];
        const child = spawn('snmpwalk', args, { env: environment });
        let said = '';
        child.stdout.on('data', (part: Buffer) => {
          said += part.toString();
        });
        child.on('close', () => resolve(said));
      });
    let said = '';
    for (let attempt = 0; attempt < 30 && !said.includes(scalars.at(-1)!.name); attempt += 1) {
      await sleep(200);
      said = await walk();
    }
    const walked = new Map([...said.matchAll(/^(\w+)\.0 = (.*)$/gm)].map(([, name, value]) => [name!, value!]));
    expect([...walked.keys()]).toEqual(scalars.map(({ name }) => name));
    expect(walked.get('samogChassisName')).toBe('samog-1');
    expect(walked.get('samogChassisRole')).toBe('Alone');

    const scraped = await new Exposition(source, '1.2.3').text();
    for (const { name, of } of scalars) {
      if (typeof of === 'string' || name === 'samogUptimeSeconds') continue;
      const wanted = Object.entries(of.labels).map(([label, value]) => `${label}="${value}"`);
      const sum = [...scraped.matchAll(new RegExp(`^${of.metric}(?:\\{(.*)\\})? (\\S+)$`, 'gm'))]
        .filter(([, labels = '']) => wanted.every((pair) => labels.includes(pair)))
        .reduce((total, [, , value]) => total + Number(value), 0);
      expect([name, walked.get(name)]).toEqual([name, String(sum)]);
    }
    const statistics = samogServiceStatistics.build(source, moment, {});
    if (!statistics.ok) throw new Error(statistics.refusal.what);
    const shown = samogServiceStatistics.render(statistics.data).join('\n');
    expect(shown).toMatch(new RegExp(`Setup[^\\n]* ${walked.get('samogSessionsSetUp')}\\b`));
    const format = readFormat('%session.setup%,%sessions-pmip%,%sessions-eogre%');
    if (!format.ok) throw new Error(format.message);
    const written = format.parts.map((part) => (typeof part === 'string' ? part : part(source, moment))).join('');
    const names = ['samogSessionsSetUp', 'samogSessionsPmip', 'samogSessionsEogre'];
    expect(written).toBe(names.map((name) => walked.get(name)).join(','));
  });
});

describe.skipIf(!requireTool('rsyslogd'))('syslog', () => {
  it.each(['udp', 'tcp'] as const)('by %s is read by rsyslog as RFC 5424 has it', async (transport) => {
    const port = transport === 'udp' ? await freeUdpPort() : await freeTcpPort();
    const log = join(folder, `${transport}.log`);
    const file = fileOf('rsyslog.conf', [
      'global(workDirectory="/tmp")',
      `module(load="im${transport}")`,
      `template(name="parts" type="string" string="%pri%|%protocol-version%|%timereported:::date-rfc3339%|%app-name%|%msgid%|%structured-data%|%msg%\\n")`,
      `ruleset(name="all") { action(type="omfile" file="${log}" template="parts") }`,
      `input(type="im${transport}" address="127.0.0.1" port="${port}" ruleset="all")`,
    ]);
    const output = started('rsyslogd', ['-n', '-f', file, '-i', join(folder, `${transport}.pid`)]);
    await sleep(500);
    const facility = 'local4' as const;
    const receiver = { name: 'logs', address: '127.0.0.1', port, transport, tls: undefined, facility } as const;
    const notifier = notifying({ syslog: [{ ...receiver, events: 'info' }] });
    const lines = (): string[] => {
      try {
        return readFileSync(log, 'utf8').trim().split('\n');
      } catch {
        return [];
      }
    };
    notifier.event({ ...transition, name: 'session-ended', text: () => 'session ended: Übung' }, moment.now);
    notifier.event({ ...transition, name: 'dhcp-ack-sent', text: () => 'not wanted' }, moment.now);
    notifier.alarm(alarm('raised'), moment);
    await until(
      () => lines().length >= 2,
      () => `${output.said} ${JSON.stringify(notifier.sinks())}`,
    );
    expect(lines()).toHaveLength(2);
    expect(lines()[0]).toMatch(
      /^166\|1\|\S+\|samog\|session-ended\|\[samog@32473 chassis="gw-a" event="session-ended" party="samog"\]\| ?session ended: Übung$/,
    );
    expect(lines()[1]).toMatch(
      /^162\|1\|2026-03-01T11:00:00\.000Z\|samog\|alarm-raised\|\[samog@32473 .*alarm="lma-down".*\]\| ?alarm raised: lma-down/,
    );
  });
});

describe('a receiver that is slow', () => {
  it('holds up nobody: what does not reach it is counted, and others are told', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const told: string[] = [];
    const other = createSocket('udp4');
    other.on('message', (bytes) => told.push(bytes.toString()));
    await new Promise<void>((resolve) => other.bind(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${port}/`;
    const logs = {
      address: '127.0.0.1',
      transport: 'udp',
      tls: undefined,
      facility: 'local0',
      events: 'info',
    } as const;
    const notifier = notifying({
      syslog: [{ ...logs, name: 'logs', port: other.address().port }],
      webhooks: [{ name: 'hook', url, secret: undefined, ca: undefined, timeoutMs: 1000, events: 'info' }],
    });
    for (let number = 0; number < 3000; number += 1) {
      notifier.event({ ...transition, name: 'session-ended', text: () => `session ended: ${number}` }, moment.now);
    }
    notifier.alarm(alarm('raised'), moment);
    await until(
      () => told.some((text) => text.includes('alarm-raised')),
      () => `${told.length} told`,
    );
    // A hundred a second, and as many at once.
    expect(notifier.suppressed).toBeGreaterThan(2700);
    await until(
      () => notifier.sinks().find(({ name }) => name === 'logs')?.sent === told.length,
      () => 'counts differ',
    );
    expect(notifier.sinks().find(({ name }) => name === 'hook')).toMatchObject({ sent: 0 });
    silent.close();
    other.close();
  });
});
