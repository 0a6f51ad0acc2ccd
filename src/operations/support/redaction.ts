import { parseIp, parseMac } from '../../kernel/address.ts';

/** Fields whose values tell who a subscriber is, whatever they look like. */
const personalKeys: ReadonlySet<string> = new Set([
  'imsi',
  'nai',
  'username',
  'userName',
  'chargeableUserIdentity',
  'classes',
  'relayInformation',
]);

const macs = /\b(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\b|\b(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}\b|\b[0-9a-f]{12}\b/gi;
/** An IMSI is of at most 15 digits (3GPP TS 23.003 section 2.2); a leading digit tells the kind of identity. */
const longNumbers = /\b\d{14,16}\b/g;
const namesInRealms = /[^\s"'(),;=<>]+@[A-Za-z0-9.-]+/g;
const ipv4s = /\b\d{1,3}(?:\.\d{1,3}){3}\b/g;
/** What may be one: `parseIp` decides, for a time of day looks alike. */
const ipv6s = /(?<![\w:.])[0-9a-f:]*:[0-9a-f:]*:[0-9a-f:.]*(?![\w:])/gi;

/**
 * Takes out of plain JSON data what tells who a subscriber is: MAC and IP addresses, IMSIs, user names and what else AAA
 * and access nodes say of a UE. Equal values get equal stand-ins (`mac-3`), so that what belongs together still does.
 */
export class Redaction {
  readonly #standIns = new Map<string, string>();
  readonly #counts = new Map<string, number>();

  of(data: unknown): unknown {
    if (typeof data === 'string') return this.text(data);
    if (Array.isArray(data)) return data.map((one) => this.of(one));
    if (typeof data !== 'object' || data === null) return data;
    return Object.fromEntries(
      Object.entries(data).map(([key, value]) => [
        this.text(key),
        personalKeys.has(key) ? this.#personal(value) : this.of(value),
      ]),
    );
  }

  text(text: string): string {
    return text
      .replace(namesInRealms, (name) => this.#standIn('user', name))
      .replace(macs, (mac) => this.#standIn('mac', String(parseMac(mac) ?? mac)))
      .replace(longNumbers, (digits) => this.#standIn('number', digits))
      .replace(ipv4s, (address) => (parseIp(address) === undefined ? address : this.#standIn('ip', address)))
      .replace(ipv6s, (address) => (parseIp(address) === undefined ? address : this.#standIn('ip', address)));
  }

  #personal(value: unknown): unknown {
    if (typeof value === 'string') return this.#standIn('user', value);
    return Array.isArray(value) ? value.map((one) => this.#personal(one)) : value;
  }

  #standIn(kind: string, value: string): string {
    const key = `${kind} ${value}`;
    let standIn = this.#standIns.get(key);
    if (standIn === undefined) {
      const count = (this.#counts.get(kind) ?? 0) + 1;
      this.#counts.set(kind, count);
      standIn = `${kind}-${count}`;
      this.#standIns.set(key, standIn);
    }
    return standIn;
  }
}
