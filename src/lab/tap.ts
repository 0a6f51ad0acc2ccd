import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { errnoName, ioctl } from '../host/sockets/linux.ts';
import { Readiness } from '../host/sockets/readiness.ts';
import { Counters } from '../kernel/counters.ts';

/** `tap` carries Ethernet frames without checksum, `tun` IP packets. */
export type TapKind = 'tap' | 'tun';

export interface TapEvents {
  /** A frame or packet that the kernel sends out of the interface; valid only during the call. */
  received(bytes: Uint8Array): void;
  /** A batch has been received: what the receiver queued may leave. */
  batchEnded(): void;
}

/** linux/if_tun.h and linux/if.h: `struct ifreq` is a name and a union, here of 16-bit flags. */
const tunSetIff = 0x400454ca;
const interfaceFlag = { tun: 0x0001, tap: 0x0002, noPacketInformation: 0x1000 } as const;
const ifreq = { octets: 40, nameOctets: 16, flagsAt: 16 } as const;

/** The longest frame an interface with the largest MTU (65521) can bring. */
const frameOctetsMax = 65_535;
/** Frames that one turn may receive, so that a flood does not keep timers and sockets waiting. */
const framesPerTurn = 64;

const counterNames = ['received', 'sent', 'sendsFailed'] as const;

/**
 * A network interface of Linux whose other end is this process: what the kernel sends there arrives here, and what is
 * sent here arrives there. Needs CAP_NET_ADMIN. The interface is made in the network namespace of the process, may be
 * moved to another one without losing its process, and vanishes with `close` or with the process.
 */
export class Tap {
  readonly name: string;
  readonly counters = new Counters(counterNames);
  readonly #fd: number;
  readonly #events: TapEvents;
  readonly #readiness: Readiness;
  readonly #buffer = new Uint8Array(frameOctetsMax);
  #turn: NodeJS.Immediate | undefined;
  #closed = false;

  /**
   * @param name of the interface, at most 15 characters
   * @throws Error if it cannot be had: no privilege, or the name is taken
   */
  constructor(kind: TapKind, name: string, events: TapEvents) {
    this.name = name;
    this.#events = events;
    this.#fd = openSync('/dev/net/tun', constants.O_RDWR | constants.O_NONBLOCK);
    const request = Buffer.alloc(ifreq.octets);
    request.write(name, 0, ifreq.nameOctets - 1, 'latin1');
    request.writeUInt16LE(interfaceFlag[kind] | interfaceFlag.noPacketInformation, ifreq.flagsAt);
    if (ioctl(this.#fd, tunSetIff, request) < 0) {
      const code = errnoName();
      closeSync(this.#fd);
      throw new Error(`cannot make the ${kind} interface ${name}: ${code}`);
    }
    // libuv's callback must only take note (see `Readiness`).
    this.#readiness = new Readiness(this.#fd, true, () => {
      this.#turn ??= setImmediate(() => this.#receive());
    });
  }

  /** Hands a frame or packet to the kernel; false, and counted, if it does not take it (the interface is down). */
  send(bytes: Uint8Array): boolean {
    if (this.#closed) return false;
    try {
      writeSync(this.#fd, bytes);
    } catch {
      this.counters.add('sendsFailed');
      return false;
    }
    this.counters.add('sent');
    return true;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearImmediate(this.#turn);
    this.#readiness.close();
    closeSync(this.#fd);
  }

  #receive(): void {
    this.#turn = undefined;
    try {
      for (let count = 0; count < framesPerTurn && !this.#closed; count += 1) {
        const length = this.#read();
        if (length <= 0) break;
        this.counters.add('received');
        this.#events.received(this.#buffer.subarray(0, length));
      }
    } finally {
      this.#events.batchEnded();
    }
  }

  /** The length of the next frame, 0 if none waits. */
  #read(): number {
    try {
      return readSync(this.#fd, this.#buffer);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
      throw error;
    }
  }
}
