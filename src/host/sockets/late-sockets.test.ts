import { afterEach, describe, expect, it } from 'vitest';
import { requireTool } from '../../../tests/support/require-tool.ts';
import { parseIpv4 } from '../../kernel/address.ts';
import { never } from '../../kernel/instant.ts';
import { now } from '../clock.ts';
import { type Placed, PlacedSockets } from '../instances/placed-sockets.ts';
import type { ConfiguredBinding } from '../port-bindings.ts';
import { type RunningCore, Runtime } from '../runtime.ts';
import { BatchedDriver } from './batched-driver.ts';
import type { HostSocket, SocketSpec } from './socket-driver.ts';

const address = parseIpv4('127.0.7.9')!;
const pmipv6: SocketSpec = { transport: 'udp', address, port: 5436, floating: true };
const gre: SocketSpec = { transport: 'gre-over-udp', address, floating: true };
const bindings: readonly ConfiguredBinding[] = [
  { port: 'access-pmipv6', channel: 0, section: 'cgw-service.access', spec: pmipv6 },
  { port: 'access-gre', channel: 0, section: 'cgw-service.access', spec: gre },
  { port: 'aaa', channel: 0, section: 'mrme-service.bind', spec: { transport: 'udp', address, floating: true } },
  { port: 'aaa', channel: 1, section: 'mrme-service.bind', spec: { transport: 'udp', address, floating: true } },
];

const driver = new BatchedDriver();
const opened: { close(): unknown; stop?(): unknown }[] = [];
/** What was missing, each time that it was told. */
const told: string[][] = [];
const missing = (errors: readonly Error[]): void => {
  told.push(errors.map(({ message }) => message.replace(/ \(.*/, '')));
};

afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
  told.length = 0;
});

async function until(isSo: () => boolean): Promise<void> {
  const giveUpAt = now() + 20_000;
  while (!isSo()) {
    if (now() > giveUpAt) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Somebody else has the port. */
async function block(spec: SocketSpec): Promise<HostSocket> {
  const blocker = await driver.open({ ...spec, floating: false }, () => {});
  opened.push(blocker);
  return blocker;
}

function counting(received: string[]): RunningCore {
  return {
    receive: (port) => void received.push(port),
    advance: () => {},
    nextDeadline: () => never,
  };
}

const cannot = (spec: string): string => `cannot bind ${spec}: EADDRINUSE`;

describe.skipIf(!requireTool('the batched driver', process.platform === 'linux'))(
  'sockets of an address that moves',
  () => {
    it('are waited for while somebody else has them, and serve then', async () => {
      const blockers = [await block(pmipv6), await block(gre)];
      const received: string[] = [];
      const runtime = new Runtime(driver, bindings, () => {}, undefined, undefined, missing);
      opened.push({ close: () => runtime.stop() });
      await runtime.start(counting(received));
      expect(runtime.statistics().sockets.map(({ port }) => port)).toEqual(['aaa', 'aaa']);
      expect(told).toEqual([[cannot('UDP 127.0.7.9:5436'), cannot('GRE-in-UDP 127.0.7.9:4754')]]);
      blockers[0]!.close();
      await until(() => told.length > 1);
      blockers[1]!.close();
      await until(() => told.length > 2);
      expect(told.slice(1)).toEqual([[cannot('GRE-in-UDP 127.0.7.9:4754')], []]);
      const peer = await driver.open({ transport: 'udp', address }, () => {});
      opened.push(peer);
      peer.send(address, 5436, Uint8Array.of(1));
      driver.flush();
      await until(() => received.length > 0);
      expect(received).toEqual(['access-pmipv6']);
    });

    it('stop being waited for when the runtime stops', async () => {
      const blocker = await block(pmipv6);
      const runtime = new Runtime(driver, bindings, () => {}, undefined, undefined, missing);
      await runtime.start(counting([]));
      await runtime.stop();
      blocker.close();
      await new Promise((resolve) => setTimeout(resolve, 250));
      await block(pmipv6);
      expect(told).toHaveLength(1);
    });

    it('are not waited for where the runtime is not to', async () => {
      await block(gre);
      const runtime = new Runtime(driver, bindings, () => {});
      await expect(runtime.start(counting([]))).rejects.toThrow('EADDRINUSE');
    });

    it('are placed with the threads that want them when they are here', async () => {
      const blockers = [await block(pmipv6), await block(gre)];
      const sockets = PlacedSockets.open(bindings, 2, 1);
      opened.push(sockets);
      const places = () => [0, 1].map((index) => sockets.ofInstance(index).map(({ port }) => port));
      expect([sockets.ofChassis, places()]).toEqual([[], [['aaa'], ['aaa']]]);
      const came: Placed[] = [];
      sockets.start({ came: (placed) => came.push(placed), missing });
      for (const blocker of blockers) blocker.close();
      await until(() => told.at(-1)?.length === 0);
      expect(came.map(({ ofChassis, ofInstances }) => [ofChassis?.port, ofInstances.length])).toEqual([
        ['access-pmipv6', 2],
        ['access-gre', 2],
      ]);
      expect(places()).toEqual([0, 1].map(() => ['aaa', 'access-pmipv6', 'access-gre']));
      const steered = sockets.ofInstance(1).find(({ port }) => port === 'access-gre')!.spec;
      expect(steered).toMatchObject({ steering: { index: 1, count: 2 }, opened: expect.any(Number) });
    });

    it.each([
      ['of an address that does not move', { ...pmipv6, floating: false }, 'EADDRINUSE'],
      ['whose interface there is not', { ...pmipv6, device: 'samog-none' }, 'ENODEV'],
    ])('cannot be placed at all: %s', async (_, spec, code) => {
      await block(pmipv6);
      const binding = { ...bindings[0]!, spec };
      expect(() => PlacedSockets.open([binding], 2, 1)).toThrow(code);
    });
  },
);
