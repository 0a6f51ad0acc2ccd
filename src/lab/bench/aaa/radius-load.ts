import { now } from '../../../host/clock.ts';
import type { HostSocket, SocketDriver } from '../../../host/sockets/socket-driver.ts';
import type { Ipv4Address } from '../../../kernel/address.ts';
import { radiusPort } from '../../../wire/radius/constants.ts';
import { type Pace, WorkLoop, type WorkResult } from '../work-loop.ts';
import type { Dialogue } from './wlc-requests.ts';

/** Source ports of each WLC. */
const portsPerWlc = 2;
const identifiers = 256;
/** One answer of so many is checked, and all that end a piece of work. */
const checkEvery = 61;
const nothing = -1;

/** A run with repetitions that completes nothing for so long is over. */
const patientStallMs = 15_000;

/** What is asked, of whom, in which order. */
export interface LoadRun {
  readonly dialogue: Dialogue;
  /** Where the requests go. */
  readonly target: Ipv4Address;
  readonly count: number;
  readonly pace: Pace;
  /** The UE of each piece. All of one UE have to leave by one socket: see `sockets`. */
  readonly ueOf: (piece: number) => number;
  /** Called when all requests are made and none is sent, and when the last answer has come. */
  readonly began?: () => void;
  /** A request that is not answered is sent again after so long; left out, it is lost. */
  readonly repeatAfterMs?: number;
  readonly ended?: () => void;
}

/** The WLCs' RADIUS clients: requests are made beforehand, so that sending them costs next to nothing. */
export class RadiusLoad {
  readonly #wlcs: readonly Ipv4Address[];
  readonly #driver: SocketDriver;
  #sockets: readonly HostSocket[] = [];
  #heard: (socket: number, bytes: Uint8Array) => void = () => {};

  constructor(wlcs: readonly Ipv4Address[], driver: SocketDriver) {
    this.#wlcs = wlcs;
    this.#driver = driver;
  }

  /** UEs whose numbers differ by a multiple of it are served by one socket, and so by one WLC. */
  get sockets(): number {
    return this.#wlcs.length * portsPerWlc;
  }

  /** @throws SocketError if an address is not to be had */
  async open(): Promise<void> {
    this.#sockets = await Promise.all(
      Array.from({ length: this.sockets }, (_, index) =>
        this.#driver.open({ transport: 'udp', address: this.#wlcOf(index), port: 0 }, (_peer, _port, bytes) =>
          this.#heard(index, bytes),
        ),
      ),
    );
  }

  /** Asks, and checks the answers once all are there: an answer that is wrong is a failure. */
  async run({
    dialogue,
    target,
    count,
    pace,
    ueOf,
    began,
    ended,
    repeatAfterMs,
  }: LoadRun): Promise<WorkResult & { readonly cpuMicroseconds: number; readonly repeated: number }> {
    const { rounds } = dialogue;
    const port = rounds === 1 ? radiusPort.accounting : radiusPort.authentication;
    const requests = this.#requests(dialogue, count, ueOf);
    const asked = new Int32Array(this.sockets * identifiers).fill(nothing);
    const askedAt = new Float64Array(asked.length);
    const answers: (readonly [number, Uint8Array])[] = [];
    /** What a client would repeat keeps its identifier (RFC 2865 section 3): others that are to have it wait here, by place. */
    const waiting = new Map<number, number[]>();
    const send = (index: number) => {
      const socket = ueOf(Math.floor(index / rounds)) % this.sockets;
      const request = requests[index]!;
      const place = socket * identifiers + request[1]!;
      if (repeatAfterMs !== undefined && asked[place] !== nothing && asked[place] !== index) {
        waiting.set(place, [...(waiting.get(place) ?? []), index]);
        return;
      }
      asked[place] = index;
      askedAt[place] = now();
      this.#sockets[socket]!.send(target, port, request);
    };
    const sendWaiting = (place: number) => {
      const [next, ...others] = waiting.get(place) ?? [];
      if (others.length === 0) waiting.delete(place);
      else waiting.set(place, others);
      if (next !== undefined) send(next);
    };
    const loop = new WorkLoop({
      what: 'requests',
      count,
      pace,
      begin: (piece) => send(piece * rounds),
      flush: () => this.#driver.flush(),
      ...(repeatAfterMs === undefined ? {} : { stallMs: patientStallMs }),
    });
    let repeated = 0;
    const repeat = (afterMs: number): void => {
      const before = now() - afterMs;
      for (const [place, index] of asked.entries()) {
        if (index === nothing || askedAt[place]! > before) continue;
        repeated += 1;
        send(index);
      }
    };
    const watch = repeatAfterMs && setInterval(() => repeat(repeatAfterMs), repeatAfterMs / 4);
    this.#heard = (socket, bytes) => {
      const place = socket * identifiers + bytes[1]!;
      const index = asked[place]!;
      if (index === nothing) return;
      asked[place] = nothing;
      if (waiting.size > 0) sendWaiting(place);
      const round = index % rounds;
      const piece = (index - round) / rounds;
      const isLast = round === rounds - 1;
      if ((isLast && rounds > 1) || index % checkEvery === 0) answers.push([index, bytes.slice()]);
      if (bytes[0] !== dialogue.answerCode(round)) loop.failed(piece);
      else if (isLast) loop.completed(piece);
      else send(index + 1);
    };
    began?.();
    const before = process.cpuUsage();
    const result = await loop.run();
    ended?.();
    clearInterval(watch);
    const { user, system } = process.cpuUsage(before);
    const wrong = answers.filter(([index, answer]) => {
      const round = index % rounds;
      return !dialogue.isRight(ueOf((index - round) / rounds), round, requests[index]!, answer);
    });
    return { ...result, failures: result.failures + wrong.length, cpuMicroseconds: user + system, repeated };
  }

  /** Packets that the kernel or a full queue cost us. */
  lost(): number {
    let lost = 0;
    for (const socket of this.#sockets) {
      const { kernelDrops, sendsRefused, errors } = socket.statistics();
      lost += (kernelDrops ?? 0) + sendsRefused;
      for (const count of Object.values(errors)) lost += count;
    }
    return lost;
  }

  /** All requests in the order of pieces and rounds. The identifiers of a socket follow one another. */
  #requests({ rounds, request }: Dialogue, count: number, ueOf: (piece: number) => number): readonly Uint8Array[] {
    const used = new Uint32Array(this.sockets);
    const requests: Uint8Array[] = [];
    for (let piece = 0; piece < count; piece += 1) {
      const ue = ueOf(piece);
      const socket = ue % this.sockets;
      for (let round = 0; round < rounds; round += 1) {
        requests.push(request(ue, this.#wlcOf(socket), round, used[socket]! % identifiers));
        used[socket]! += 1;
      }
    }
    return requests;
  }

  #wlcOf(socket: number): Ipv4Address {
    return this.#wlcs[socket % this.#wlcs.length]!;
  }
}
