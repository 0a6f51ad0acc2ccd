import { setU32 } from '../bytes/reader.ts';
import { utf8Encode } from '../bytes/text.ts';
import type { SrpDigests } from './digests.ts';
import type { SrpMessageOf } from './messages.ts';
import type { CompressionName } from './names.ts';

/** A key for each direction, so that a frame sent back to its sender is not taken for the peer's. */
export interface SrpKeys {
  readonly clientToServer: Uint8Array;
  readonly serverToClient: Uint8Array;
}

/** Version of the handshake's own frames, whatever is spoken after it. */
export const handshakeVersion = 1;
/** The longest frame of the handshake: before a peer has proved itself, it gets no more memory than this. */
export const handshakeMaxFrameOctets = 4096;
export const nonceOctets = 32;

/** The keys of `clientHello` and `serverHello`: of the shared key alone, because there are no nonces yet. */
export function handshakeKeys(digests: SrpDigests, sharedKey: Uint8Array): SrpKeys {
  const derive = (direction: string) => digests.hmacSha256(sharedKey, utf8Encode(`SRP1 handshake ${direction}`));
  return { clientToServer: derive('client'), serverToClient: derive('server') };
}

/**
 * The keys of everything from `proof` on. They are of both greetings as they were sent, so of both nonces, and of the
 * versions and compressions offered: whoever changed an offer has no key.
 */
export function sessionKeys(
  digests: SrpDigests,
  sharedKey: Uint8Array,
  clientHello: Uint8Array,
  serverHello: Uint8Array,
): SrpKeys {
  const derive = (direction: string) => {
    const label = utf8Encode(`SRP1 session ${direction}\0`);
    const data = new Uint8Array(label.length + 4 + clientHello.length + serverHello.length);
    data.set(label);
    // The length keeps the border between the greetings where it was.
    setU32(data, label.length, clientHello.length);
    data.set(clientHello, label.length + 4);
    data.set(serverHello, label.length + 4 + clientHello.length);
    return digests.hmacSha256(sharedKey, data);
  };
  return { clientToServer: derive('client'), serverToClient: derive('server') };
}

/** What both sides derive from the greetings. */
export interface Negotiated {
  readonly version: number;
  /** undefined: nothing is compressed. */
  readonly compression: Exclude<CompressionName, 'unknown'> | undefined;
}

/** The highest version both speak and the client's best liked compression that the server knows; undefined if none. */
export function negotiate(
  client: SrpMessageOf<'clientHello'>,
  server: SrpMessageOf<'serverHello'>,
): Negotiated | undefined {
  const version = Math.min(client.versionMax, server.versionMax);
  if (version < Math.max(client.versionMin, server.versionMin)) return undefined;
  for (const name of client.compressions) {
    if (name !== 'unknown' && server.compressions.includes(name)) return { version, compression: name };
  }
  return { version, compression: undefined };
}
