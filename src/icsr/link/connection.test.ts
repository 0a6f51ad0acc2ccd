import { describe, expect, it } from 'vitest';
import { testDeflate, testSrpDigests } from '../../../tests/support/srp-digests.ts';
import { utf8Encode } from '../../wire/bytes/text.ts';
import { FrameWriter, frameHeaderOctets, frameTagOctets } from '../../wire/srp/frame.ts';
import { sessionKeys } from '../../wire/srp/handshake.ts';
import { decodeMessage, messageType } from '../../wire/srp/message-codec.ts';
import type { SrpEnvelope, SrpMessage } from '../../wire/srp/messages.ts';
import { srpVectors } from '../../wire/srp/vectors.ts';
import { SrpConnection, type SrpConnectionFault, type SrpConnectionOptions } from './connection.ts';

type Overrides = Partial<SrpConnectionOptions>;

function options(role: 'client' | 'server', overrides: Overrides = {}): SrpConnectionOptions {
  return {
    role,
    chassisId: role === 'client' ? 'gateway-a' : 'gateway-b',
    peerChassisId: undefined,
    sharedKey: utf8Encode('the key of the pair'),
    nonce: new Uint8Array(32).fill(role === 'client' ? 1 : 2),
    versionMin: 1,
    versionMax: 1,
    compressions: new Map([['deflate', testDeflate]]),
    ...overrides,
  };
}

/** A side of a connection with what came out of it. */
class Side {
  readonly connection: SrpConnection;
  readonly toPeer: Uint8Array[] = [];
  readonly messages: SrpEnvelope[] = [];
  establishedTimes = 0;

  constructor(given: SrpConnectionOptions) {
    this.connection = new SrpConnection(given, testSrpDigests);
    const first = this.connection.start();
    if (first !== undefined) this.toPeer.push(first);
  }

  take(chunk: Uint8Array): SrpConnectionFault | undefined {
    return this.connection.receive(chunk, {
      send: (octets) => this.toPeer.push(octets),
      established: () => {
        this.establishedTimes += 1;
      },
      message: ({ term, type, body }) => {
        const message = decodeMessage(type, body);
        if (!message.ok) return 'malformed-message';
        this.messages.push({ term, message: message.value });
        return undefined;
      },
    });
  }
}

interface Pair {
  readonly client: Side;
  readonly server: Side;
  /** Everything that went from one to the other. */
  readonly wire: { readonly toServer: Uint8Array[]; readonly toClient: Uint8Array[] };
}

/** Opens a connection, each chunk through `change` on its way. */
function opened(
  clientOptions: Overrides = {},
  serverOptions: Overrides = {},
  change: (chunk: Uint8Array, to: 'server' | 'client', index: number) => Uint8Array = (chunk) => chunk,
): Pair {
  const pair: Pair = {
    client: new Side(options('client', clientOptions)),
    server: new Side(options('server', serverOptions)),
    wire: { toServer: [], toClient: [] },
  };
  for (let turn = 0; turn < 4; turn += 1) {
    for (const chunk of pair.client.toPeer.splice(0)) {
      pair.wire.toServer.push(chunk);
      pair.server.take(change(chunk, 'server', pair.wire.toServer.length));
    }
    for (const chunk of pair.server.toPeer.splice(0)) {
      pair.wire.toClient.push(chunk);
      pair.client.take(change(chunk, 'client', pair.wire.toClient.length));
    }
  }
  return pair;
}

const afterHandshake = srpVectors
  .map(({ value }) => value as SrpMessage)
  .filter(({ kind }) => kind !== 'clientHello' && kind !== 'serverHello' && kind !== 'proof');

describe('a connection between two chassis', () => {
  it('is established once both have proved the key, and carries every message both ways', () => {
    const { client, server } = opened();
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      expect(from.establishedTimes).toBe(1);
      expect(from.connection.negotiated).toEqual({ version: 1, compression: 'deflate' });
      for (const message of afterHandshake) {
        expect(to.take(from.connection.encode({ term: 9, message }))).toBeUndefined();
      }
      expect(to.messages).toEqual(afterHandshake.map((message) => ({ term: 9, message })));
    }
    expect(client.connection.peerChassisId).toBe('gateway-b');
    expect(server.connection.peerChassisId).toBe('gateway-a');
  });

  it('compresses a full batch, and nothing where the peer cannot', () => {
    const records = Array.from({ length: 40 }, (_, callId) => {
      return { cmdId: 256, nameIndex: 0, callId, payload: new Uint8Array(250).fill(7), revision: 1 };
    });
    const message = { kind: 'streamBatch', instance: 0, epoch: 1, firstSequence: 1, records } as const;
    const lengths = [{}, { compressions: new Map() }].map((serverOptions) => {
      const { client, server } = opened({}, serverOptions);
      const frame = client.connection.encode({ term: 1, message });
      expect(server.take(frame)).toBeUndefined();
      expect(server.messages).toEqual([{ term: 1, message }]);
      return frame.length;
    });
    expect(lengths[0]).toBeLessThan(1000);
    expect(lengths[1]).toBeGreaterThan(10_000);
  });

  it('refuses what would grow beyond the longest body', () => {
    const bomb = { ...testDeflate, compress: () => testDeflate.compress(new Uint8Array(1 << 20)) };
    const { client, server } = opened({ compressions: new Map([['deflate', bomb]]) }, { maxFrameOctets: 100_000 });
    const message = { kind: 'configuration', digest: new Uint8Array(9000), lines: [], answerWanted: false } as const;
    expect(server.take(client.connection.encode({ term: 1, message }))).toBe('bad-compression');
    expect(server.messages).toEqual([]);
  });

  it('speaks the highest common version', () => {
    const { client, server } = opened({ versionMax: 5 }, { versionMin: 1, versionMax: 3 });
    expect([client, server].map(({ connection }) => connection.negotiated?.version)).toEqual([3, 3]);
  });

  it('skips and counts an authentic message of an unknown type', () => {
    const { client, server, wire } = opened();
    const bodyOf = (frame: Uint8Array): Uint8Array => frame.subarray(frameHeaderOctets, -frameTagOctets);
    const { sharedKey } = options('client');
    const greetings = [bodyOf(wire.toServer[0]!), bodyOf(wire.toClient[0]!)] as const;
    const { clientToServer } = sessionKeys(testSrpDigests, sharedKey, ...greetings);
    const newer = new FrameWriter(testSrpDigests, { version: 1, key: clientToServer, maxFrameOctets: 1000 });
    // As many as the handshake had, so that its sequence is the next.
    const frames = [4, 4, 77, 15].map((type) => newer.frame(type, 3, Uint8Array.of(4, 2)));
    expect(server.take(frames[2]!)).toBeUndefined();
    expect(server.connection.unknownMessages).toBe(1);
    expect(server.take(frames[3]!)).toBeUndefined();
    expect(server.messages).toEqual([{ term: 3, message: { kind: 'goodbye', reason: 'shutdown' } }]);
    expect(client.connection.unknownMessages).toBe(0);
  });

  it('gives byte fields that outlive the chunk', () => {
    const { client, server } = opened();
    const message = { kind: 'configuration', digest: Uint8Array.of(1, 2, 3), lines: [], answerWanted: false } as const;
    const chunk = Buffer.from(client.connection.encode({ term: 1, message }));
    server.take(chunk);
    chunk.fill(0xff);
    expect(server.messages).toEqual([{ term: 1, message }]);
  });

  it('cannot carry a message before it is established', () => {
    const { connection } = new Side(options('client'));
    expect(() => connection.encode({ term: 1, message: { kind: 'goodbye', reason: 'other' } })).toThrow(/established/);
  });
});

describe('a connection is refused', () => {
  it.each<[string, Overrides, Overrides, SrpConnectionFault]>([
    ['another key', {}, { sharedKey: utf8Encode('not the key') }, 'bad-tag'],
    ['no common version', { versionMin: 1, versionMax: 1 }, { versionMin: 2, versionMax: 3 }, 'no-common-version'],
    ['itself', { chassisId: 'gateway-b' }, {}, 'own-chassis-id'],
    ['a third peer', { chassisId: 'gateway-c' }, { peerChassisId: 'gateway-a' }, 'wrong-peer'],
    ['a nonce too short', { nonce: new Uint8Array(8) }, {}, 'bad-nonce'],
  ])('by the server: %s', (_, clientOptions, serverOptions, fault) => {
    const { client, server, wire } = opened(clientOptions, serverOptions);
    expect(server.connection.fault).toBe(fault);
    expect(wire.toClient).toEqual([]);
    expect([client.establishedTimes, server.establishedTimes]).toEqual([0, 0]);
  });

  it('by the client: a third peer', () => {
    const { client } = opened({ peerChassisId: 'gateway-c' });
    expect(client.connection.fault).toBe('wrong-peer');
  });

  it('for any octet of the handshake changed on its way', () => {
    const untouched = opened();
    const sent = { server: untouched.wire.toServer, client: untouched.wire.toClient };
    for (const to of ['server', 'client'] as const) {
      sent[to].forEach((whole, index) => {
        // Octets 8..11 are the length: a longer one waits for more, which is for the host's time limit to end.
        for (let at = 0; at < whole.length; at += at === 7 ? 5 : 1) {
          const { client, server } = opened({}, {}, (chunk, side, number) => {
            const changed = chunk.slice();
            if (side === to && number === index + 1) changed[at]! ^= 0x10;
            return changed;
          });
          const receiver = to === 'server' ? server : client;
          expect(receiver.connection.fault).toBeDefined();
          expect(receiver.establishedTimes).toBe(0);
        }
      });
    }
  });

  it('for a recorded handshake played again: the nonce of the other side is new', () => {
    const recorded = opened();
    const server = new Side(options('server', { nonce: new Uint8Array(32).fill(3) }));
    expect(recorded.wire.toServer.map((chunk) => server.take(chunk))).toEqual([undefined, 'bad-tag']);
    const client = new Side(options('client', { nonce: new Uint8Array(32).fill(4) }));
    expect(recorded.wire.toClient.map((chunk) => client.take(chunk))).toEqual([undefined, 'bad-tag']);
    expect([server.establishedTimes, client.establishedTimes]).toEqual([0, 0]);
  });

  it('for its own octets sent back', () => {
    const client = new Side(options('client'));
    expect(client.take(client.toPeer[0]!)).toBe('bad-tag');
  });

  it('for a message of another connection under the same key', () => {
    const former = opened();
    const later = opened({ nonce: new Uint8Array(32).fill(5) });
    const message = { kind: 'goodbye', reason: 'shutdown' } as const;
    expect(later.server.take(former.client.connection.encode({ term: 1, message }))).toBe('bad-tag');
  });

  it('for a body that is not a message', () => {
    const { client, server } = opened();
    const frame = client.connection.encodeFrame({ term: 1, type: messageType('goodbye'), body: Uint8Array.of(0xff) });
    expect(server.take(frame)).toBe('malformed-message');
    expect(server.connection.fault).toBe('malformed-message');
  });

  it('for a proof once it is established', () => {
    const { client, server } = opened();
    const message = { kind: 'proof', version: 1, compression: undefined } as const;
    expect(server.take(client.connection.encode({ term: 1, message }))).toBe('unexpected-message');
    expect(server.connection.established).toBe(false);
    expect(server.take(new Uint8Array(0))).toBe('unexpected-message');
  });
});
