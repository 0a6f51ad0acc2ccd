import type { SrpCompression, SrpDigests } from '../../wire/srp/digests.ts';
import {
  type Frame,
  type FrameFault,
  FrameReader,
  FrameWriter,
  frameOverheadOctets,
  maxFrameOctetsDefault,
} from '../../wire/srp/frame.ts';
import {
  handshakeKeys,
  handshakeMaxFrameOctets,
  handshakeVersion,
  type Negotiated,
  negotiate,
  nonceOctets,
  sessionKeys,
} from '../../wire/srp/handshake.ts';
import { decodeMessage, encodeMessage, isMessageType, messageType } from '../../wire/srp/message-codec.ts';
import type { SrpEnvelope, SrpMessageOf } from '../../wire/srp/messages.ts';
import type { CompressionName } from '../../wire/srp/names.ts';

export interface SrpConnectionOptions {
  /** `client` opened the TCP connection and speaks first. */
  readonly role: 'client' | 'server';
  readonly chassisId: string;
  /** The only chassis that is accepted, or undefined before a first peer is known. */
  readonly peerChassisId: string | undefined;
  readonly sharedKey: Uint8Array;
  /** 32 octets of chance, new for this connection. */
  readonly nonce: Uint8Array;
  readonly versionMin: number;
  readonly versionMax: number;
  /** What this side can compress, best liked first. */
  readonly compressions: ReadonlyMap<Exclude<CompressionName, 'unknown'>, SrpCompression>;
  readonly maxFrameOctets?: number;
}

/** Why a connection ended. All but the frame's own are found in frames that were authentic. */
export type SrpConnectionFault =
  | FrameFault
  | 'unexpected-message'
  | 'malformed-message'
  | 'bad-compression'
  | 'no-common-version'
  | 'bad-negotiation'
  | 'bad-nonce'
  | 'own-chassis-id'
  | 'wrong-peer';

/** What comes out of a connection while octets go in. */
export interface SrpConnectionOutput {
  /** Octets for the peer: the handshake's answers. */
  send(octets: Uint8Array): void;
  /** Both sides have proved the shared key; from now on `encode` may be called. */
  established(): void;
  /** A message still as octets, of a type that this version knows. Returns what is wrong with it, if anything is. */
  message(message: EncodedMessage): 'malformed-message' | undefined;
}

/** A message as `encodeMessage` makes it, outside its frame: for whoever has it encoded or decoded elsewhere. */
export interface EncodedMessage extends Pick<SrpEnvelope, 'term'> {
  readonly type: number;
  /** Valid only while it is delivered. */
  readonly body: Uint8Array;
}

type Greeting = Omit<SrpMessageOf<'clientHello'>, 'kind'>;

/**
 * Shorter bodies are sent as they are: what a few live records would save is not worth a compressor's context, made anew for
 * each, for which they and their acknowledgement would wait. A batch of a resynchronisation is longer.
 */
const compressFromOctets = 8192;

/** Handshake and framing of one connection between two chassis, without I/O or clock: the host bounds its time. */
export class SrpConnection {
  readonly #options: SrpConnectionOptions;
  readonly #digests: SrpDigests;
  readonly #maxFrameOctets: number;
  readonly #reader: FrameReader;
  readonly #writer: FrameWriter;
  /** Body of this side's greeting, once it was sent: the session's keys are of it. */
  #greeting: Uint8Array | undefined;
  #expected: 'clientHello' | 'serverHello' | 'proof' | 'any';
  #negotiated: Negotiated | undefined;
  #peerChassisId: string | undefined;
  #fault: SrpConnectionFault | undefined;
  /** Authentic messages of a type that this version does not know: skipped. */
  unknownMessages = 0;

  constructor(options: SrpConnectionOptions, digests: SrpDigests) {
    this.#options = options;
    this.#digests = digests;
    this.#maxFrameOctets = options.maxFrameOctets ?? maxFrameOctetsDefault;
    this.#expected = options.role === 'client' ? 'serverHello' : 'clientHello';
    const keys = handshakeKeys(digests, options.sharedKey);
    const [own, theirs] = this.#ownFirst(keys.clientToServer, keys.serverToClient);
    const terms = { version: handshakeVersion, maxFrameOctets: handshakeMaxFrameOctets };
    this.#writer = new FrameWriter(digests, { ...terms, key: own });
    this.#reader = new FrameReader(digests, { ...terms, key: theirs });
  }

  /** Whether the handshake is over, and nothing has gone wrong since. */
  get established(): boolean {
    return this.#expected === 'any' && this.#fault === undefined;
  }

  /** The first fault, after which nothing more is read; undefined while all is well. */
  get fault(): SrpConnectionFault | undefined {
    return this.#fault;
  }

  /** Known once the peer's greeting was accepted; proved once established. */
  get peerChassisId(): string | undefined {
    return this.#peerChassisId;
  }

  /** Undefined until both sides have said what they speak. */
  get negotiated(): Negotiated | undefined {
    return this.#negotiated;
  }

  /** The longest body, before compression, of a message that `encode` takes. */
  get maxBodyOctets(): number {
    return this.#maxFrameOctets - frameOverheadOctets;
  }

  /** The client's first octets; a server has none. */
  start(): Uint8Array | undefined {
    return this.#options.role === 'client' ? this.#greet('clientHello') : undefined;
  }

  /**
   * The frame of a message.
   *
   * @throws before the connection is established, and for a body longer than `maxBodyOctets`
   */
  encode({ term, message }: SrpEnvelope): Uint8Array {
    return this.encodeFrame({ term, type: messageType(message.kind), body: encodeMessage(message) });
  }

  /** As `encode`, of a message that is encoded already. */
  encodeFrame({ term, type, body }: EncodedMessage): Uint8Array {
    if (!this.established) throw new Error(`SRP type ${type} on a connection that is not established`);
    const compression = this.#compression;
    if (compression !== undefined && body.length >= compressFromOctets) {
      const compressed = compression.compress(body);
      if (compressed.length < body.length) return this.#writer.frame(type, term, compressed, true);
    }
    return this.#writer.frame(type, term, body);
  }

  /** Takes what TCP brought. A fault ends the connection: it is returned now and at every later call. */
  receive(chunk: Uint8Array, output: SrpConnectionOutput): SrpConnectionFault | undefined {
    this.#fault ??= this.#reader.feed(chunk, (frame) => this.#take(frame, output));
    return this.#fault;
  }

  #ownFirst<T>(client: T, server: T): readonly [T, T] {
    return this.#options.role === 'client' ? [client, server] : [server, client];
  }

  get #ownGreeting(): Greeting {
    const { nonce, versionMin, versionMax, chassisId, compressions } = this.#options;
    return { nonce, versionMin, versionMax, chassisId, compressions: [...compressions.keys()] };
  }

  #greet(kind: 'clientHello' | 'serverHello'): Uint8Array {
    const body = encodeMessage({ kind, ...this.#ownGreeting });
    this.#greeting = body;
    return this.#writer.frame(messageType(kind), 0, body);
  }

  get #compression(): SrpCompression | undefined {
    const name = this.#negotiated?.compression;
    return name === undefined ? undefined : this.#options.compressions.get(name);
  }

  #take(frame: Frame, output: SrpConnectionOutput): SrpConnectionFault | undefined {
    if (this.#expected === 'any' && !isMessageType(frame.type)) {
      this.unknownMessages += 1;
      return undefined;
    }
    const body = frame.compressed ? this.#compression?.decompress(frame.body, this.maxBodyOctets) : frame.body;
    if (body === undefined) return 'bad-compression';
    if (this.#expected === 'any') {
      const greetingOrProof = frame.type <= messageType('proof');
      return greetingOrProof ? 'unexpected-message' : output.message({ term: frame.term, type: frame.type, body });
    }
    const message = decodeMessage(frame.type, body);
    if (!message.ok) return 'malformed-message';
    if (message.value.kind !== this.#expected) return 'unexpected-message';
    if (message.value.kind === 'proof') return this.#takeProof(message.value, output);
    if (message.value.kind === 'clientHello' || message.value.kind === 'serverHello') {
      return this.#takeGreeting(message.value, new Uint8Array(frame.body), output);
    }
    return 'unexpected-message';
  }

  #takeGreeting(
    theirs: SrpMessageOf<'clientHello' | 'serverHello'>,
    body: Uint8Array,
    output: SrpConnectionOutput,
  ): SrpConnectionFault | undefined {
    const { chassisId, peerChassisId } = this.#options;
    if (theirs.nonce.length !== nonceOctets) return 'bad-nonce';
    if (theirs.chassisId === chassisId) return 'own-chassis-id';
    if (peerChassisId !== undefined && theirs.chassisId !== peerChassisId) return 'wrong-peer';
    const [client, server] = this.#ownFirst<Greeting>(this.#ownGreeting, theirs);
    this.#negotiated = negotiate({ ...client, kind: 'clientHello' }, { ...server, kind: 'serverHello' });
    if (this.#negotiated === undefined) return 'no-common-version';
    this.#peerChassisId = theirs.chassisId;
    if (this.#options.role === 'server') output.send(this.#greet('serverHello'));
    this.#useSessionKeys(this.#negotiated, body);
    // The client proves itself first: to whoever opens a connection without the key, nothing more is said.
    if (this.#options.role === 'client') output.send(this.#proof(this.#negotiated));
    this.#expected = 'proof';
    return undefined;
  }

  #useSessionKeys(negotiated: Negotiated, theirGreeting: Uint8Array): void {
    const [client, server] = this.#ownFirst(this.#greeting!, theirGreeting);
    const keys = sessionKeys(this.#digests, this.#options.sharedKey, client, server);
    const [own, theirs] = this.#ownFirst(keys.clientToServer, keys.serverToClient);
    const terms = { version: negotiated.version, maxFrameOctets: this.#maxFrameOctets };
    this.#writer.use({ ...terms, key: own });
    this.#reader.use({ ...terms, key: theirs });
  }

  #proof({ version, compression }: Negotiated): Uint8Array {
    return this.#writer.frame(messageType('proof'), 0, encodeMessage({ kind: 'proof', version, compression }));
  }

  #takeProof(theirs: SrpMessageOf<'proof'>, output: SrpConnectionOutput): SrpConnectionFault | undefined {
    const own = this.#negotiated!;
    if (theirs.version !== own.version || theirs.compression !== own.compression) return 'bad-negotiation';
    if (this.#options.role === 'server') output.send(this.#proof(own));
    this.#expected = 'any';
    output.established();
    return undefined;
  }
}
