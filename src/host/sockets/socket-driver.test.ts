import { afterEach, describe, expect, it } from 'vitest';
import { type Ipv4Address, parseIpv4 } from '../../kernel/address.ts';
import { BatchedDriver } from './batched-driver.ts';
import { DgramDriver } from './dgram-driver.ts';
import {
  greInUdpPort,
  type HostSocket,
  type OnReceive,
  type OnReceiveFault,
  SocketError,
  type SocketSpec,
} from './socket-driver.ts';

const drivers = [
  ['batched', (onFault?: OnReceiveFault) => new BatchedDriver(onFault)],
  ['dgram', (onFault?: OnReceiveFault) => new DgramDriver(onFault)],
] as const;

const near = address('127.0.5.1');
const far = address('127.0.5.2');

function address(text: string): Ipv4Address {
  return parseIpv4(text)!;
}

/** A receiver, and a promise of the first `count` packets it gets. */
function collect(count: number): {
  readonly onReceive: OnReceive;
  readonly packets: Promise<{ peer: Ipv4Address; peerPort: number; bytes: number[] }[]>;
} {
  const packets: { peer: Ipv4Address; peerPort: number; bytes: number[] }[] = [];
  const { promise, resolve } = Promise.withResolvers<typeof packets>();
  return {
    onReceive: (peer, peerPort, bytes) => {
      packets.push({ peer, peerPort, bytes: [...bytes] });
      if (packets.length === count) resolve(packets);
    },
    packets: promise,
  };
}

const ignore: OnReceive = () => {};

describe.each(drivers)('%s driver', (name, make) => {
  let onFault: OnReceiveFault | undefined;
  const driver = make((error, socket, bytes) => onFault?.(error, socket, bytes));
  let opened: HostSocket[] = [];

  async function open(spec: SocketSpec, onReceive: OnReceive): Promise<HostSocket> {
    const socket = await driver.open(spec, onReceive);
    opened.push(socket);
    return socket;
  }

  afterEach(() => {
    for (const socket of opened) socket.close();
    opened = [];
  });

  it('carries packets both ways with peer, port and contents', async () => {
    const there = collect(1);
    const back = collect(1);
    const left = await open({ transport: 'udp', address: near }, back.onReceive);
    const right = await open({ transport: 'udp', address: far, port: 0 }, (peer, port, bytes, at) => {
      there.onReceive(peer, port, bytes, at);
      right.send(peer, port, Uint8Array.of(...bytes, 9));
    });
    expect(left.localPort).not.toBe(0);
    expect(left.send(far, right.localPort, Uint8Array.of(1, 2, 3))).toBe(true);
    expect(await there.packets).toEqual([{ peer: near, peerPort: left.localPort, bytes: [1, 2, 3] }]);
    expect(await back.packets).toEqual([{ peer: far, peerPort: right.localPort, bytes: [1, 2, 3, 9] }]);
    expect(right.statistics()).toMatchObject({ packetsReceived: 1, octetsReceived: 3, receiveFaults: 0, errors: {} });
    expect(right.statistics()).toMatchObject({ local: `127.0.5.2:${right.localPort}` });
  });

  it('hands out octets of which slice makes a copy', async () => {
    const { promise, resolve } = Promise.withResolvers<number>();
    const right = await open({ transport: 'udp', address: far }, (_peer, _port, bytes) => {
      bytes.slice()[0] = 99;
      resolve(bytes[0]!);
    });
    const left = await open({ transport: 'udp', address: near }, ignore);
    left.send(far, right.localPort, Uint8Array.of(1, 2, 3));
    expect(await promise).toBe(1);
  });

  it('keeps the order and the contents of more packets than a batch, though the sender reuses its bytes', async () => {
    const count = 1000;
    const got = collect(count);
    const right = await open({ transport: 'udp', address: far }, got.onReceive);
    const left = await open({ transport: 'udp', address: near }, ignore);
    const bytes = new Uint8Array(4);
    for (let index = 0; index < count; index += 1) {
      new DataView(bytes.buffer).setUint32(0, index);
      left.send(far, right.localPort, bytes);
    }
    bytes.fill(255);
    driver.flush();
    const values = (await got.packets).map(({ bytes }) => (bytes[2]! << 8) | bytes[3]!);
    expect(values).toEqual(Array.from({ length: count }, (_, index) => index));
    expect(right.statistics().packetsReceived).toBe(count);
  });

  it.each([0, 1, 1500, 9100])('carries a packet of %i octets', async (length) => {
    const got = collect(1);
    const right = await open({ transport: 'udp', address: far }, got.onReceive);
    const left = await open({ transport: 'udp', address: near }, ignore);
    left.send(far, right.localPort, new Uint8Array(length).fill(7));
    expect((await got.packets)[0]!.bytes).toEqual(Array(length).fill(7));
  });

  it('sends GRE over UDP to port 4754 and takes it from any port', async () => {
    const got = collect(2);
    const right = await open({ transport: 'gre-over-udp', address: far }, got.onReceive);
    const left = await open({ transport: 'gre-over-udp', address: near }, ignore);
    const other = await open({ transport: 'udp', address: near }, ignore);
    expect(right.localPort).toBe(greInUdpPort);
    left.send(far, 0, Uint8Array.of(0, 0, 8, 0));
    other.send(far, greInUdpPort, Uint8Array.of(0, 0, 8, 0));
    const packet = { peer: near, peerPort: 0, bytes: [0, 0, 8, 0] };
    expect(await got.packets).toEqual([packet, packet]);
  });

  it('contains and counts a receiver that throws, once for each packet', async () => {
    const faults: unknown[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    // The second packet is sent when the first has been reported: it arrives where the first was.
    onFault = (error, socket, bytes) => {
      faults.push([String(error), socket.localPort, bytes]);
      if (faults.length === 2) resolve();
      else left.send(far, right.localPort, Uint8Array.of(2));
    };
    const right = await open({ transport: 'udp', address: far }, (_peer, _port, bytes) => {
      throw new Error(`packet ${bytes[0]}`);
    });
    const left = await open({ transport: 'udp', address: near }, ignore);
    left.send(far, right.localPort, Uint8Array.of(1));
    await promise;
    onFault = undefined;
    expect(faults).toEqual([1, 2].map((value) => [`Error: packet ${value}`, right.localPort, Uint8Array.of(value)]));
    expect(right.statistics()).toMatchObject({ packetsReceived: 2, receiveFaults: 2 });
  });

  it('tells the end of a turn after the packets of the turn', async () => {
    const events: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const right = await open({ transport: 'udp', address: far }, () => events.push('packet'));
    const left = await open({ transport: 'udp', address: near }, ignore);
    const stop = driver.onTurnEnd(() => {
      if (events.at(-1) === 'packet') events.push('turn');
      if (events.length > 0) resolve();
    });
    left.send(far, right.localPort, Uint8Array.of(1));
    await promise;
    stop();
    expect(events).toEqual(['packet', 'turn']);
  });

  it('refuses and counts what is sent on a closed socket, and closes twice', async () => {
    const socket = await open({ transport: 'udp', address: near }, ignore);
    socket.close();
    socket.close();
    expect(socket.send(far, 9, Uint8Array.of(1))).toBe(false);
    expect(socket.statistics().sendsRefused).toBe(1);
  });

  it('says that an address in use is in use', async () => {
    const socket = await open({ transport: 'udp', address: near }, ignore);
    const error = await failure(driver.open({ transport: 'udp', address: near, port: socket.localPort }, ignore));
    expect(error).toMatchObject({ operation: 'bind', code: 'EADDRINUSE' });
    expect(error.message).toBe(
      `cannot bind UDP 127.0.5.1:${socket.localPort}: EADDRINUSE ` +
        '(another socket holds this address and port: stop its process, or choose another port)',
    );
  });

  it('says that an address is not on this machine', async () => {
    const error = await failure(driver.open({ transport: 'udp', address: address('192.0.2.77') }, ignore));
    expect(error).toMatchObject({ operation: 'bind', code: 'EADDRNOTAVAIL' });
    expect(error.message).toContain('192.0.2.77');
    expect(error.hint).toMatch(/^the address is not on this machine/);
  });

  it(`${name === 'dgram' ? 'refuses' : 'knows'} devices`, async () => {
    const error = await failure(driver.open({ transport: 'udp', address: near, device: 'none0' }, ignore));
    expect(error.message).toContain('on none0');
    expect(error.code).toMatch(name === 'dgram' ? /^ENOTSUP$/ : /^(ENODEV|EPERM)$/);
  });
});

it('node:dgram refuses GRE over IP and says what to do', async () => {
  const error = await failure(new DgramDriver().open({ transport: 'gre-over-ip', address: near }, ignore));
  expect(error.message).toBe(
    'cannot open GRE (IP protocol 47) 127.0.5.1: ENOTSUP ' +
      '(this needs the batched driver: Linux, with the koffi package installed)',
  );
});

it('node:dgram refuses an address that floats, here or not, and says what a pair needs', async () => {
  const error = await failure(new DgramDriver().open({ transport: 'udp', address: near, floating: true }, ignore));
  expect(error).toMatchObject({ operation: 'open', code: 'ENOTSUP' });
  expect(error.hint).toBe(
    'an address that moves within a pair needs the batched driver: Linux, with the koffi package installed',
  );
});

async function failure(attempt: Promise<HostSocket>): Promise<SocketError> {
  try {
    (await attempt).close();
  } catch (error) {
    if (error instanceof SocketError) return error;
    throw error;
  }
  throw new Error('the socket was opened');
}
