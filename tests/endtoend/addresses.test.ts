import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { formatIpv4, parseIpv4 } from '../../src/kernel/address.ts';
import type { ServiceAddress } from '../../src/operations/config/redundancy-config.ts';
import { requireTool } from '../support/require-tool.ts';
import type { AddressCommand, AddressPlan, AddressStatus } from './address-plan.ts';
import { JsonProcess } from './json-process.ts';
import { endProcess, Namespaces } from './namespaces.ts';
import { endToEndNeeds } from './requirements.ts';

const program = fileURLToPath(new URL('./address-node.ts', import.meta.url));
const own = '192.0.2.11';
const neighbour = '192.0.2.99';
const deadIntervalMs = 400;
/** Less than what is left of the kernel's own limit whenever a process is stopped: nobody else can have been in time. */
const beforeTheKernel = { timeout: 5000, interval: 50 };
const patience = { timeout: 20_000, interval: 50 };

/** One with a neighbour of the same prefix, one without a prefix, and one in a prefix that the host knows nothing of. */
const service: readonly ServiceAddress[] = [
  { address: parseIpv4('192.0.2.1')!, prefixLength: 24, interface: 'near0' },
  { address: parseIpv4('192.0.2.2')!, prefixLength: 32, interface: 'near0' },
  { address: parseIpv4('198.51.100.1')!, prefixLength: 24, interface: 'near0' },
];
const serviceTexts = service.map(({ address }) => formatIpv4(address));

interface InterfaceDump {
  readonly addr_info: readonly {
    readonly local: string;
    readonly prefixlen: number;
    readonly valid_life_time: number;
  }[];
}

describe.skipIf(!requireTool(...endToEndNeeds()))('service addresses end to end', () => {
  let namespaces: Namespaces;
  let host: string;
  let segment: string;

  beforeAll(() => {
    namespaces = new Namespaces();
    host = namespaces.add('host');
    segment = namespaces.add('segment');
    const far = ['peer', 'name', 'far0', 'netns', segment];
    namespaces.exec(host, 'ip', 'link', 'add', 'near0', 'type', 'veth', ...far);
    namespaces.exec(segment, 'ip', 'addr', 'add', `${neighbour}/24`, 'dev', 'far0');
    namespaces.exec(segment, 'ip', 'addr', 'add', '198.51.100.99/24', 'dev', 'far0');
    namespaces.exec(segment, 'ip', 'link', 'set', 'far0', 'up');
  });

  beforeEach(() => {
    namespaces.exec(host, 'ip', 'addr', 'flush', 'dev', 'near0');
    namespaces.exec(host, 'ip', 'link', 'set', 'near0', 'up');
    namespaces.exec(host, 'ip', 'addr', 'add', `${own}/24`, 'dev', 'near0');
  });

  afterAll(() => namespaces.remove(false));

  function infos(): InterfaceDump['addr_info'] {
    const dump = namespaces.exec(host, 'ip', '-j', '-4', 'addr', 'show', 'dev', 'near0');
    return (JSON.parse(dump) as InterfaceDump[])[0]!.addr_info;
  }

  const here = (): string[] => infos().map(({ local }) => local);
  const routes = (): string => namespaces.exec(host, 'ip', 'route', 'show', 'proto', 'kernel');

  function start(plan: Partial<AddressPlan> = {}): ChildProcess {
    const whole: AddressPlan = { addresses: service, neighbour: parseIpv4(neighbour)!, ...plan };
    return namespaces.start(host, [process.execPath, program, JSON.stringify(whole)]);
  }

  async function chassis(plan: Partial<AddressPlan> = {}): Promise<Chassis> {
    const started = new Chassis(start(plan));
    await started.ready();
    return started;
  }

  it('are put on the interface by take and removed by release, beside the address of the host', async () => {
    const node = await chassis();
    expect(await node.order('send')).toMatchObject({ held: false, sent: 0 });
    expect(await node.order('take')).toMatchObject({ held: true, taken: 1, problems: {}, announcementsFailed: 0 });
    expect(infos().map(({ local, prefixlen }) => `${local}/${prefixlen}`)).toEqual([
      `${own}/24`,
      ...serviceTexts.map((text) => `${text}/32`),
    ]);
    expect(routes()).toMatch(/198\.51\.100\.0\/24 dev near0 .*src 198\.51\.100\.1 /);
    namespaces.exec(segment, 'ping', '-c', '1', '-W', '5', '198.51.100.1');
    expect(await node.order('send')).toMatchObject({ sent: 1 });
    await node.order('take');
    expect(here()).toEqual([own, ...serviceTexts]);
    expect(await node.order('release')).toMatchObject({ held: false, released: 1, problems: {} });
    expect(here()).toEqual([own]);
    expect(routes()).not.toContain('198.51.100');
    await node.order('release');
    await node.end();
  });

  it('take no address of the host with them that came after them', async () => {
    const node = await chassis();
    namespaces.exec(host, 'ip', 'addr', 'del', `${own}/24`, 'dev', 'near0');
    await node.order('take');
    namespaces.exec(host, 'ip', 'addr', 'add', `${own}/24`, 'dev', 'near0');
    await node.order('release');
    expect(here()).toEqual([own]);
    await node.end();
  });

  it('are announced to the neighbours by ARP requests and replies, more than once', async () => {
    const node = await chassis();
    const mac = JSON.parse(namespaces.exec(host, 'ip', '-j', 'link', 'show', 'near0'))[0].address as string;
    const stale = ['lladdr', '02:00:00:00:00:01', 'dev', 'far0', 'nud', 'reachable'];
    for (const text of serviceTexts) namespaces.exec(segment, 'ip', 'neigh', 'replace', text, ...stale);
    const capture = await Capture.start(namespaces, segment);
    await node.order('take');
    const from = `${mac} > ff:ff:ff:ff:ff:ff, ethertype ARP (0x0806), length`;
    const count = (text: string): number =>
      capture.lines.filter((line) => line.startsWith(from) && line.includes(text)).length;
    for (const text of serviceTexts) {
      const request = `Request who-has ${text} tell ${text}`;
      const reply = `Reply ${text} is-at ${mac}`;
      await expect.poll(() => [count(request), count(reply)], patience).toEqual([4, 4]);
    }
    const neighbours = namespaces.exec(segment, 'ip', 'neigh', 'show', 'dev', 'far0');
    for (const text of serviceTexts) expect(neighbours).toMatch(new RegExp(`^${text} lladdr ${mac} `, 'm'));
    expect(await node.order('release')).toMatchObject({ announcementsSent: 12, announcementsFailed: 0 });
    await capture.end();
    await node.end();
  });

  it('are removed by an orderly end, and by the end of the process without one', async () => {
    const closed = await chassis();
    await closed.order('take');
    await closed.order('close');
    expect(here()).toEqual([own]);
    await closed.end();
    const ended = await chassis();
    await ended.order('take');
    await ended.end();
    await expect.poll(here, beforeTheKernel).toEqual([own]);
  });

  it('are removed when the process is killed', async () => {
    const node = await chassis();
    await node.order('take');
    expect(here()).toEqual([own, ...serviceTexts]);
    node.child.kill('SIGKILL');
    await expect.poll(here, beforeTheKernel).toEqual([own]);
  });

  it('are removed when the process stands still, which knows it when it wakes, and can take them again', async () => {
    const node = await chassis();
    await node.order('take');
    await node.order({ kind: 'watch', limitMs: deadIntervalMs });
    node.child.kill('SIGSTOP');
    await expect.poll(here, beforeTheKernel).toEqual([own]);
    node.child.kill('SIGCONT');
    await expect.poll(() => node.order('status'), patience).toMatchObject({ held: false, lost: 1, lostReports: 1 });
    expect(here()).toEqual([own]);
    expect(await node.order('take')).toMatchObject({ held: true, lostReports: 1 });
    expect(here()).toEqual([own, ...serviceTexts]);
    await node.end();
  });

  it('stay when the process stands still and nobody watches', async () => {
    const node = await chassis();
    await node.order('take');
    await node.order({ kind: 'watch', limitMs: deadIntervalMs });
    await node.order({ kind: 'watch' });
    node.child.kill('SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, 3 * deadIntervalMs));
    expect(here()).toEqual([own, ...serviceTexts]);
    node.child.kill('SIGCONT');
    expect(await node.order('status')).toMatchObject({ held: true, lost: 0 });
    await node.end();
  });

  it('that a predecessor left are removed at the start, and the kernel would have done it', async () => {
    const node = await chassis();
    await node.order('take');
    const keeper = node.keeper();
    node.child.kill('SIGSTOP');
    process.kill(keeper, 'SIGKILL');
    node.child.kill('SIGKILL');
    await once(node.child, 'exit');
    const left = infos().filter(({ local }) => local !== own);
    expect(left.map(({ local }) => local)).toEqual(serviceTexts);
    for (const { valid_life_time } of left) expect(valid_life_time).toBeLessThanOrEqual(10);
    namespaces.exec(host, 'ip', 'addr', 'add', '192.0.2.1/24', 'dev', 'near0');
    const next = await chassis();
    expect(here()).toEqual([own]);
    await next.end();
  });

  it('come back when somebody removes them, and with them what was missing while the interface was down', async () => {
    const node = await chassis();
    await node.order('take');
    namespaces.exec(host, 'ip', 'addr', 'del', '192.0.2.2/32', 'dev', 'near0');
    await expect.poll(() => here().toSorted(), patience).toEqual([own, ...serviceTexts].toSorted());
    namespaces.exec(host, 'ip', 'link', 'set', 'near0', 'down');
    await expect
      .poll(() => node.order('status'), patience)
      .toMatchObject({
        problems: { 'add the route of: ENETDOWN': expect.any(Number) },
      });
    namespaces.exec(host, 'ip', 'link', 'set', 'near0', 'up');
    await expect.poll(routes, patience).toMatch(/198\.51\.100\.0\/24 dev near0/);
    await node.end();
  });

  it.each(['SIGKILL', 'SIGSTOP'] as const)('have a new keeper after %s of the former one', async (signal) => {
    const node = await chassis();
    await node.order('take');
    const former = node.keeper();
    process.kill(former, signal);
    await expect.poll(() => node.order('status'), patience).toMatchObject({ keeperRestarts: 1 });
    await expect.poll(() => node.keepers().filter((pid) => pid !== former).length, patience).toBe(1);
    expect(here()).toEqual([own, ...serviceTexts]);
    // Whether it listens already does not matter: its standard input is at its end when it does.
    node.child.kill('SIGKILL');
    await expect.poll(here, beforeTheKernel).toEqual([own]);
  });

  it('have a keeper that signals to everybody do not end', async () => {
    const node = await chassis();
    await node.order('take');
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.kill(node.keeper(), signal);
    node.child.kill('SIGKILL');
    await expect.poll(here, beforeTheKernel).toEqual([own]);
  });

  it('have a route hook that is told of each role once, and of the end that the process cannot tell', async () => {
    const [told, routeHook] = [join(namespaces.folder, 'told'), join(namespaces.folder, 'hook')];
    writeFileSync(routeHook, `#!/bin/sh\necho "$@" >> ${told}\necho routes of "$1"\n[ "$2" != 4 ]\n`, { mode: 0o755 });
    const node = await chassis({ routeHook });
    const runs = async (): Promise<number> => (await node.order('status')).routeHookRuns;
    await node.order('take');
    await node.order({ kind: 'route', role: 'active', routeModifier: 3 });
    await node.order({ kind: 'route', role: 'active', routeModifier: 3 });
    await expect.poll(runs, patience).toBe(1);
    await node.order({ kind: 'route', role: 'standby', routeModifier: 4 });
    await expect.poll(runs, patience).toBe(2);
    expect(await node.order('status')).toMatchObject({
      routeChanges: 3,
      routeHookFailures: 1,
      routeHookLast: { role: 'standby', routeModifier: 4, failure: 'it ended with exit code 1' },
    });
    await node.order({ kind: 'route', role: 'active', routeModifier: 5 });
    await expect.poll(runs, patience).toBe(3);
    node.child.kill('SIGKILL');
    await expect
      .poll(() => readFileSync(told, 'utf8').trim().split('\n'), patience)
      .toEqual(['active 3', 'standby 4', 'active 5', 'standby 5']);
  });

  it.each([
    [
      'the route hook is no executable',
      { routeHook: '/dev/null/hook' },
      [['service-redundancy-protocol.route-hook', /ENOTDIR/, /executable/]],
    ],
    [
      'an interface is missing',
      { addresses: [{ ...service[0]!, interface: 'none0' }, service[1]!, { ...service[2]!, interface: 'none1' }] },
      [
        ['service-redundancy-protocol.service-addresses.0.interface', /192\.0\.2\.1\/24 on none0/, /ip link/],
        ['service-redundancy-protocol.service-addresses.2.interface', /198\.51\.100\.1\/24 on none1/, /ip link/],
      ],
    ],
    [
      'privileges are missing',
      { uid: 65_534 },
      [['service-redundancy-protocol.service-addresses', /EPERM/, /CAP_NET_ADMIN and CAP_NET_RAW/]],
    ],
  ] as const)('are a problem at the start when %s', async (_name, plan, expected) => {
    const child = start(plan);
    let output = '';
    child.stdout!.on('data', (text) => (output += text));
    const [exitCode] = await once(child, 'close');
    expect(exitCode).toBe(3);
    expect(JSON.parse(output)).toEqual(
      expected.map(([path, what, hint]) => ({
        path,
        what: expect.stringMatching(what),
        hint: expect.stringMatching(hint),
      })),
    );
  });
});

/** The process that holds the addresses. */
class Chassis extends JsonProcess {
  order(command: AddressCommand | Exclude<AddressCommand['kind'], 'watch' | 'route'>): Promise<AddressStatus> {
    return this.ask(typeof command === 'string' ? { kind: command } : command);
  }

  /** The processes that it has started. */
  keepers(): number[] {
    const pid = this.child.pid!;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return children === '' ? [] : children.split(' ').map(Number);
  }

  keeper(): number {
    return this.keepers()[0]!;
  }

  async end(): Promise<void> {
    await endProcess(this.child);
  }
}

/** ARP on the segment, a line each. */
class Capture {
  readonly lines: string[] = [];
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
    createInterface({ input: child.stdout! }).on('line', (line) => this.lines.push(line));
  }

  static async start(namespaces: Namespaces, namespace: string): Promise<Capture> {
    const child = namespaces.start(namespace, ['tcpdump', '-l', '-t', '-e', '-nn', '-i', 'far0', 'arp']);
    const capture = new Capture(child);
    await once(createInterface({ input: child.stderr! }), 'line');
    return capture;
  }

  async end(): Promise<void> {
    await endProcess(this.#child);
  }
}
