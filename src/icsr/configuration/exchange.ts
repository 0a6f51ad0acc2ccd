import { type Instant, never } from '../../kernel/instant.ts';
import type { Timed } from '../../kernel/port.ts';
import { utf8Encode } from '../../wire/bytes/text.ts';
import type { SrpMessageOf } from '../../wire/srp/messages.ts';
import { sameDigest } from '../chassis/readiness.ts';
import { compareLines, isTooLong, linesMax } from './compare-lines.ts';

/** A configuration as the peer sees it: what both chassis must have alike. */
export interface ComparableConfiguration {
  /** Of all lines; what the hello carries. */
  readonly digest: Uint8Array;
  /** `path = value`, sorted; secrets as digests. */
  readonly lines: readonly string[];
  /**
   * What of it a peer can have that tells these lines: without the settings that its release does not have, as long as they are at
   * their defaults here. Absent, a peer of another release differs in them.
   */
  readonly knownTo?: (peerLines: readonly string[]) => ComparableConfiguration;
}

/** `show srp statistics`: the comparison of the two configurations. */
export interface ConfigurationStatus {
  /** Undefined before the first time. */
  readonly lastSentAt: Instant | undefined;
  readonly lastComparedAt: Instant | undefined;
  /** As compared last; undefined before. */
  readonly equal: boolean | undefined;
  readonly differences: readonly string[];
}

/** What a comparison has shown: the event of the chassis machine. */
export interface ConfigurationCompared {
  readonly equal: boolean;
  readonly differences: readonly string[];
}

/** Of a message: leaves room in its frame. */
const octetsMax = 524_288;

/**
 * Tells the peer this chassis's configuration and compares the peer's with it: on every connection, at each interval, and
 * when an operator asks, who is to see the peer's newest as well. A peer of another release need not have every setting: it is told,
 * and compared with, what it can know, once it has said what it has.
 */
export class ConfigurationExchange implements Timed {
  /** All of it. */
  #whole: ComparableConfiguration;
  /** What of it this peer can know. */
  #own: ComparableConfiguration;
  /** As many of the lines as a message holds. */
  #told: readonly string[];
  readonly #intervalMs: number;
  readonly #send: (message: SrpMessageOf<'configuration'>) => void;
  #sendAt: Instant = never;
  #isConnected = false;
  #lastSentAt: Instant | undefined;
  #lastComparedAt: Instant | undefined;
  #compared: ConfigurationCompared | undefined;

  constructor(
    own: ComparableConfiguration,
    intervalMs: number,
    send: (message: SrpMessageOf<'configuration'>) => void,
  ) {
    this.#whole = own;
    this.#own = own;
    this.#told = asManyAsFit(own.lines);
    this.#intervalMs = intervalMs;
    this.#send = send;
  }

  /** A new connection to the peer: it is told all of this configuration. */
  connected(now: Instant): void {
    this.#isConnected = true;
    // Nobody knows yet which release it is now.
    this.#use(this.#whole);
    this.#tell(false, now);
  }

  disconnected(): void {
    this.#isConnected = false;
    this.#sendAt = never;
  }

  /** This chassis's configuration is another one: the peer is told, and answers with its own. */
  replace(own: ComparableConfiguration, now: Instant): void {
    this.#whole = own;
    this.#use(own);
    this.validate(now);
  }

  /** `srp validate-configuration`: sends ours and asks for the peer's. False if there is no peer to ask. */
  validate(now: Instant): boolean {
    if (this.#isConnected) this.#tell(true, now);
    return this.#isConnected;
  }

  /** The peer has told its configuration. Answers it if it wants that, or is known now to be of another release. */
  heard({ digest, lines, answerWanted }: SrpMessageOf<'configuration'>, now: Instant): ConfigurationCompared {
    const known = isTooLong(lines) ? this.#own : (this.#whole.knownTo?.(lines) ?? this.#whole);
    const isNews = !sameDigest(known.digest, this.#own.digest);
    if (isNews) this.#use(known);
    if ((answerWanted || isNews) && this.#isConnected) this.#tell(false, now);
    let differences = compareLines(this.#own.lines, lines);
    if (differences.length === 0 && !sameDigest(digest, this.#own.digest)) {
      differences = ['the configurations differ in what was not told: the digests are not the same'];
    }
    this.#lastComparedAt = now;
    this.#compared = { equal: differences.length === 0, differences };
    return this.#compared;
  }

  /** What the hello carries: of what this peer can know. */
  get digest(): Uint8Array {
    return this.#own.digest;
  }

  advance(now: Instant): void {
    if (now >= this.#sendAt) this.#tell(false, now);
  }

  nextDeadline(): Instant {
    return this.#sendAt;
  }

  status(): ConfigurationStatus {
    return {
      lastSentAt: this.#lastSentAt,
      lastComparedAt: this.#lastComparedAt,
      equal: this.#compared?.equal,
      differences: this.#compared?.differences ?? [],
    };
  }

  #use(own: ComparableConfiguration): void {
    this.#own = own;
    this.#told = asManyAsFit(own.lines);
  }

  #tell(answerWanted: boolean, now: Instant): void {
    this.#sendAt = now + this.#intervalMs;
    this.#lastSentAt = now;
    this.#send({ kind: 'configuration', digest: this.#own.digest, lines: this.#told, answerWanted });
  }
}

function asManyAsFit(lines: readonly string[]): readonly string[] {
  let octets = 0;
  const end = lines.findIndex((line, index) => {
    octets += utf8Encode(line).length + 4;
    return octets > octetsMax || index === linesMax;
  });
  return end < 0 ? lines : lines.slice(0, end);
}
