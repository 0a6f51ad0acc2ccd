import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { type LoopbackGateway, loopbackGateway } from '../../tests/operations/gateway-yaml.ts';
import type { GatewayConfig } from '../operations/config/gateway-config.ts';
import { parseConfig } from '../operations/config/parse.ts';
import type { SamogEvent } from '../services/samog/events.ts';
import { type Gateway, startGateway } from './gateway.ts';
import { stateFileName } from './recovery/chassis-state-file.ts';
import { StartError } from './start-error.ts';

const opened: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

/** A chassis whose peer is not there. On loopback no address has to move. @param own of the two hosts the greater listens */
function chassisOn(network: string, own: 11 | 12): { readonly config: GatewayConfig; readonly files: LoopbackGateway } {
  const files = loopbackGateway(network);
  opened.push(() => files.remove());
  const yaml = `${files.yaml.replace('mrme-service:', 'mrme-service:\n  nas-identifier: pair')}
service-redundancy-protocol:
  chassis-mode: primary
  bind: { address: ${network}.${own} }
  peer-ip-address: ${network}.${own === 11 ? 12 : 11}
  shared-key: a-key-of-a-pair-of-which-one-is-not-there
  hello-interval: 100ms
  dead-interval: 300ms
  delay-interval: 1s
  service-addresses:
${[1, 2, 3].map((host) => `    - { address: ${network}.${host}/24, interface: lo }`).join('\n')}
recovery: { directory: ${join(files.folder, 'store')} }
`;
  const parsed = parseConfig(yaml, 'chassis.yaml');
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const { config } = parsed;
  return { files, config: { ...config, redundancy: { ...config.redundancy!, serviceAddresses: [] } } };
}

async function started(config: GatewayConfig, events: SamogEvent[]): Promise<Gateway> {
  const gateway = await startGateway(config, { report: (event) => events.push(event) });
  opened.push(() => gateway.stop());
  return gateway;
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(10);
}

describe('a chassis of a pair on this host', () => {
  it('serves though its term cannot be stored, says so, and stores it when the disk takes it again', async () => {
    const { config, files } = chassisOn('127.9.51', 11);
    const store = join(files.folder, 'store');
    // The state is written to a new file first: a directory of its name is a disk that refuses.
    const obstacle = join(store, `${stateFileName}.new`);
    mkdirSync(obstacle, { recursive: true });
    const events: SamogEvent[] = [];
    const named = (name: string) => events.filter((event) => event.name === name);
    const gateway = await started(config, events);
    await until(() => gateway.serves);
    const term = gateway.source.redundancy!.pair.chassis.term.highest;
    expect(term).toBeGreaterThan(0);
    expect(named('chassis-state-not-stored')).toHaveLength(1);
    expect(named('chassis-state-not-stored')[0]!.text()).toContain(`term ${term} cannot be stored`);
    rmdirSync(obstacle);
    await until(() => named('chassis-state-stored').length > 0);
    expect(JSON.parse(readFileSync(join(store, stateFileName), 'utf8'))).toMatchObject({
      term,
      restartCounter: gateway.managers[0]!.ownRestartCounter,
    });
    expect(named('chassis-state-not-stored')).toHaveLength(1);
  });

  it('waits for a peer that may have served after it, serves in the end, and has on disk that it did', async () => {
    const { config, files } = chassisOn('127.9.53', 11);
    const path = join(files.folder, 'store', stateFileName);
    mkdirSync(join(files.folder, 'store'), { recursive: true, mode: 0o700 });
    writeFileSync(path, '{"version":1,"term":6,"store":{"term":6,"as":"standby"}}');
    const redundancy = { ...config.redundancy!, chassis: { ...config.redundancy!.chassis, olderStoreLimitMs: 500 } };
    const events: SamogEvent[] = [];
    const gateway = await started({ ...config, redundancy }, events);
    const isAwaited = () =>
      events.some((event) => event.name === 'alarm-raised' && event.text().includes('older-store'));
    await until(() => isAwaited() || gateway.serves);
    expect([isAwaited(), gateway.serves]).toEqual([true, false]);
    await until(() => gateway.serves);
    expect(gateway.source.redundancy!.pair.counts()['older-store.served']).toBe(1);
    await gateway.stop();
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ term: 7, store: { term: 7, as: 'alone' } });
  });

  it('does not start where somebody else has its address of SRP, and lets go of all it had', async () => {
    const { config } = chassisOn('127.9.52', 12);
    const other = createServer();
    const { promise, resolve } = Promise.withResolvers<void>();
    other.listen(config.redundancy!.bind.port, '127.9.52.12', resolve);
    await promise;
    const failure: unknown = await startGateway(config).catch((error: unknown) => error);
    other.close();
    if (!(failure instanceof StartError)) throw new Error('it has started');
    expect(failure.problems).toMatchObject([
      { path: 'service-redundancy-protocol.bind', hint: expect.stringContaining('another process') },
    ]);
    const gateway = await started(config, []);
    await until(() => gateway.serves);
  });
});
