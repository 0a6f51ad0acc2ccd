import type { IpAddress } from '../../kernel/address.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { PortName } from '../../kernel/port.ts';
import type { Answers, CarriedPacket, FromInstance, ToInstance, Wish, Wishes, WishName } from './instance-messages.ts';

/** Told once: undefined if the instance has ended and will not answer. */
type Answered = (answer: Answers[WishName] | undefined) => void;

/**
 * A session manager instance in a thread of its own, as its chassis sees it: packets are gathered and sent together, and
 * what is asked has an answer in any case.
 */
export class RemoteInstance {
  #post: ((message: ToInstance) => void) | undefined;
  #packets: CarriedPacket[] = [];
  #number = 0;
  readonly #waiting = new Map<number, Answered>();

  /** Packets that wait are limited by what one turn takes from the sockets. */
  get hasPackets(): boolean {
    return this.#packets.length > 0;
  }

  /** Whether the thread runs, and takes messages. */
  get isHere(): boolean {
    return this.#post !== undefined;
  }

  /** Another thread has the instance from now on. */
  begin(post: (message: ToInstance) => void): void {
    this.end();
    this.#post = post;
  }

  /** It has no thread: packets are dropped, and nobody waits for it. */
  end(): void {
    this.#post = undefined;
    this.#packets = [];
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const answered of waiting) answered(undefined);
  }

  /** Sends a message behind the packets that were carried before. It is lost if the thread is not here. */
  send(message: ToInstance): void {
    this.flush();
    this.#post?.(message);
  }

  /** Asks, and has the answer told once: undefined if the instance has ended and will not answer. */
  ask<Name extends WishName>(
    name: Name,
    about: Wishes[Name],
    answered: (answer: Answers[Name] | undefined) => void,
  ): void {
    if (this.#post === undefined) return answered(undefined);
    this.#number += 1;
    this.#waiting.set(this.#number, answered as Answered);
    this.send({ kind: 'wish', number: this.#number, wish: { name, about } as Wish });
  }

  answerCame({ number, answer }: Extract<FromInstance, { kind: 'answer' }>): void {
    const answered = this.#waiting.get(number);
    this.#waiting.delete(number);
    answered?.(answer);
  }

  /** Takes a copy of a packet; it goes with `flush`. */
  carry(port: PortName, channel: number, peer: IpAddress, peerPort: number, bytes: Uint8Array, at: Instant): void {
    if (this.#post === undefined) return;
    this.#packets.push({ port, channel, peer, peerPort, bytes: bytes.slice(), at });
  }

  /** Sends the packets of this turn, all at once. */
  flush(): void {
    if (this.#packets.length === 0) return;
    const packets = this.#packets;
    this.#packets = [];
    this.#post?.({ kind: 'packets', packets });
  }
}
