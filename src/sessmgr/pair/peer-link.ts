import type { PeerHello } from '../../icsr/chassis/hello.ts';
import { SrpConnection, type SrpConnectionOutput } from '../../icsr/link/connection.ts';
import type { RandomSource } from '../../kernel/context.ts';
import type { SrpDigests } from '../../wire/srp/digests.ts';
import { nonceOctets } from '../../wire/srp/handshake.ts';
import type { SrpMessage } from '../../wire/srp/messages.ts';
import type { LinkOptions, PeerChannel } from './options.ts';

/** The protocol versions that this release speaks. */
const versionMin = 1;
const versionMax = 1;

/** One connection to the peer: what is said on it before it is established, or after its end, is not sent. */
export class PeerLink {
  readonly #connection: SrpConnection;
  readonly #channel: PeerChannel;
  readonly #output: SrpConnectionOutput;
  #hellos = 0;

  constructor(
    role: 'client' | 'server',
    options: LinkOptions,
    channel: PeerChannel,
    { digests, random }: { readonly digests: SrpDigests; readonly random: RandomSource },
    heard: Pick<SrpConnectionOutput, 'established' | 'message'>,
  ) {
    this.#channel = channel;
    const nonce = random.bytes(nonceOctets);
    this.#connection = new SrpConnection({ ...options, role, nonce, versionMin, versionMax }, digests);
    this.#output = {
      send: (octets) => channel.send(octets),
      established: () => heard.established(),
      message: (envelope, octets) => heard.message(envelope, octets),
    };
  }

  get version(): number | undefined {
    return this.#connection.negotiated?.version;
  }

  start(): void {
    const greeting = this.#connection.start();
    if (greeting !== undefined) this.#channel.send(greeting);
  }

  /** Takes what came; a fault ends the connection and is returned. */
  receive(octets: Uint8Array): string | undefined {
    return this.#connection.receive(octets, this.#output);
  }

  send(term: number, message: SrpMessage): void {
    if (this.#connection.established) this.#channel.send(this.#connection.encode({ term, message }));
  }

  sendHello({ term, ...said }: PeerHello): void {
    this.#hellos += 1;
    this.send(term, { kind: 'hello', ...said, number: this.#hellos });
  }
}
