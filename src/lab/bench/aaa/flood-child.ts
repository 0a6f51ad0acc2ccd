/**
 * The flood: the same hostile packets again and again, as many a second as it was told, by system calls that take many at a
 * time. Asked by its parent, `FloodProcess`.
 */
import { now } from '../../../host/clock.ts';
import * as linux from '../../../host/sockets/linux.ts';
import type { FloodAnswer, FloodRequest } from './flood-process.ts';

const packetsPerCall = 64;
/** So much is made up for after a pause; what is beyond is never sent. */
const behindMaxMs = 50;

const keptAlive: linux.FixedMemory[] = [];

class Flood {
  sent = 0;
  readonly #fd: number;
  readonly #headers: linux.FixedMemory;
  readonly #ratePerSecond: number;
  readonly #startedAt = now();
  #skipped = 0;
  #isOver = false;

  constructor({ source, target, port, packets, ratePerSecond }: Extract<FloodRequest, { kind: 'start' }>) {
    this.#ratePerSecond = ratePerSecond;
    this.#fd = linux.socket(linux.afInet, linux.sockDgram | linux.sockCloexec, 0);
    const name = addressOf(source, 0);
    if (linux.bind(this.#fd, name.bytes, name.bytes.length) < 0) throw new Error(`bind: ${linux.errnoName()}`);
    this.#headers = new linux.FixedMemory(packetsPerCall * linux.mmsghdr.octets);
    const names = new linux.FixedMemory(packetsPerCall * linux.sockaddrIn.octets);
    const vectors = new linux.FixedMemory(packetsPerCall * linux.iovec.octets);
    linux.linkHeaders(this.#headers, names, vectors, packetsPerCall);
    const payloads = Array.from({ length: packetsPerCall }, (_, index) => {
      const packet = packets[index % packets.length]!;
      const payload = new linux.FixedMemory(Math.max(packet.length, 1));
      payload.bytes.set(packet);
      names.bytes.set(addressOf(target, port).bytes, index * linux.sockaddrIn.octets);
      vectors.setPointer(index * linux.iovec.octets + linux.iovec.baseAt, payload, 0);
      vectors.view.setUint32(index * linux.iovec.octets + linux.iovec.lengthAt, packet.length, true);
      return payload;
    });
    // What the headers point to has to live as long as they: nobody else refers to it.
    keptAlive.push(names, vectors, ...payloads);
    this.#turn();
  }

  stop(): void {
    if (!this.#isOver) linux.close(this.#fd);
    this.#isOver = true;
  }

  answer(): FloodAnswer {
    return { sent: this.sent, elapsedMs: now() - this.#startedAt };
  }

  #turn(): void {
    if (this.#isOver) return;
    const due = ((now() - this.#startedAt) / 1000) * this.#ratePerSecond - this.#skipped;
    const behindMax = (behindMaxMs / 1000) * this.#ratePerSecond;
    const beyond = Math.max(due - this.sent - behindMax, 0);
    this.#skipped += beyond;
    while (this.sent + packetsPerCall <= due - beyond) {
      const sent = linux.sendmmsg(this.#fd, this.#headers.address, packetsPerCall, 0);
      if (sent <= 0) break;
      this.sent += sent;
    }
    setTimeout(() => this.#turn(), 1);
  }
}

function addressOf(address: number, port: number): linux.FixedMemory {
  const name = new linux.FixedMemory(linux.sockaddrIn.octets);
  name.view.setUint16(linux.sockaddrIn.familyAt, linux.afInet, true);
  name.view.setUint16(linux.sockaddrIn.portAt, port);
  name.view.setUint32(linux.sockaddrIn.addressAt, address);
  return name;
}

let flood: Flood | undefined;

process.on('message', (request: FloodRequest) => {
  if (request.kind === 'start') flood = new Flood(request);
  if (request.kind === 'leave') process.disconnect();
  else process.send!(flood!.answer());
  if (request.kind !== 'start') flood?.stop();
});
