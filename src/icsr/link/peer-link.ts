import type { RandomSource } from '../../kernel/context.ts';
import type { SrpCompression, SrpDigests } from '../../wire/srp/digests.ts';
import { nonceOctets } from '../../wire/srp/handshake.ts';
import { decodeMessage } from '../../wire/srp/message-codec.ts';
import type { SrpEnvelope, SrpMessage } from '../../wire/srp/messages.ts';
import type { CompressionName } from '../../wire/srp/names.ts';
import type { PeerHello } from '../chassis/hello.ts';
import { SrpConnection } from './connection.ts';

/** The protocol versions that this release speaks. */
export const srpVersions = { versionMin: 1, versionMax: 1 } as const;

/** Which chassis this is, and how it knows its peer. */
export interface LinkOptions {
  readonly chassisId: string;
  /** The only chassis that is accepted; undefined before a first peer is known. */
  readonly peerChassisId: string | undefined;
  readonly sharedKey: Uint8Array;
  readonly compressions: ReadonlyMap<Exclude<CompressionName, 'unknown'>, SrpCompression>;
}

/** What comes out of a link. */
export interface PeerLinkOutput {
  /** Octets for the peer; they are not changed afterwards. */
  octets(octets: Uint8Array): void;
  up(version: number): void;
  heard(envelope: SrpEnvelope): void;
}

/**
 * One connection to the peer without I/O: octets in and out on one side, messages on the other. What is said before it is
 * established is not sent.
 */
export class PeerLink {
  readonly #connection: SrpConnection;
  readonly #output: PeerLinkOutput;
  #hellos = 0;

  constructor(
    role: 'client' | 'server',
    options: LinkOptions,
    { digests, random }: { readonly digests: SrpDigests; readonly random: RandomSource },
    output: PeerLinkOutput,
  ) {
    const nonce = random.bytes(nonceOctets);
    this.#connection = new SrpConnection({ ...options, ...srpVersions, role, nonce }, digests);
    this.#output = output;
  }

  /** To be called once the octets can leave. */
  start(): void {
    const greeting = this.#connection.start();
    if (greeting !== undefined) this.#output.octets(greeting);
  }

  /** Takes what came; a fault ends the connection and is returned. */
  receive(octets: Uint8Array): string | undefined {
    return this.#connection.receive(octets, {
      send: (answer) => this.#output.octets(answer),
      established: () => this.#output.up(this.#connection.negotiated!.version),
      message: ({ term, type, body }) => {
        const message = decodeMessage(type, body);
        if (!message.ok) return 'malformed-message';
        this.#output.heard({ term, message: message.value });
        return undefined;
      },
    });
  }

  /** Sends nothing until the handshake is over. */
  send(term: number, message: SrpMessage): void {
    if (this.#connection.established) this.#output.octets(this.#connection.encode({ term, message }));
  }

  /** Numbers the hello, and sends it. */
  sendHello({ term, ...said }: PeerHello): void {
    this.#hellos += 1;
    this.send(term, { kind: 'hello', ...said, number: this.#hellos });
  }
}
