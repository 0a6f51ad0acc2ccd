import { readFileSync } from 'node:fs';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { decodeLiPdu, encodeLiPdu, keepalivePdu, LiPduStream, liPduType, sequenceOf } from '../wire/li/pdu.ts';

export interface DeliveryFunctionFiles {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

const pduOctetsMax = 1 << 20;

/** A delivery function on a real socket: takes X2 and X3 from who has a certificate, and acknowledges keepalives. */
export class DeliveryFunction {
  /** False has it take everything and say nothing. */
  acknowledges = true;
  /** What it says to whoever connects. */
  greeting: Uint8Array | undefined;
  connections = 0;
  refused = 0;
  readonly #taken: (pdu: Uint8Array) => void;
  readonly #server: Server;
  readonly #sockets = new Set<TLSSocket>();

  constructor(files: DeliveryFunctionFiles, taken: (pdu: Uint8Array) => void) {
    this.#taken = taken;
    const read = (path: string) => readFileSync(path);
    const tls = { ca: read(files.ca), cert: read(files.certificate), key: read(files.key) };
    this.#server = createServer({ ...tls, requestCert: true, rejectUnauthorized: true }, (socket) =>
      this.#serve(socket),
    );
    this.#server.on('tlsClientError', () => {
      this.refused += 1;
    });
  }

  async listen(port: number, address = '127.0.0.1'): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, address, resolve);
    });
    const bound = this.#server.address();
    return typeof bound === 'object' && bound !== null ? bound.port : port;
  }

  /** Its connections end; it listens on. */
  reset(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    this.reset();
    await closed;
  }

  #serve(socket: TLSSocket): void {
    this.connections += 1;
    this.#sockets.add(socket);
    const stream = new LiPduStream(pduOctetsMax);
    if (this.greeting !== undefined) socket.write(this.greeting);
    socket.on('error', () => {});
    socket.once('close', () => this.#sockets.delete(socket));
    socket.on('data', (data) => {
      for (const octets of stream.take(data) ?? []) this.#take(socket, octets);
    });
  }

  #take(socket: TLSSocket, octets: Uint8Array): void {
    const pdu = decodeLiPdu(octets);
    if (!pdu.ok) throw new Error(`no PDU: ${pdu.reason}`);
    if (pdu.value.type !== liPduType.keepalive) return this.#taken(octets.slice());
    if (this.acknowledges) {
      socket.write(encodeLiPdu(keepalivePdu('keepaliveAcknowledgement', sequenceOf(pdu.value)!)));
    }
  }
}
