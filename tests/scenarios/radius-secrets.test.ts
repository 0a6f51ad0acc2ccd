import { expect, it } from 'vitest';
import { hostSeal } from '../../src/host/seal.ts';
import { views } from '../../src/operations/views/registry.ts';
import type { ViewSource } from '../../src/operations/views/view.ts';
import { diff } from '../../src/services/samog/checkpoints/diff.ts';
import type { SessionObserver } from '../../src/sessmgr/session-observer.ts';
import { toHex, utf8Encode } from '../../src/wire/bytes/text.ts';
import { radiusCode } from '../../src/wire/radius/constants.ts';
import { findMppeKeys, type MppeKeys } from '../../src/wire/radius/mppe-keys.ts';
import { decodeRadius } from '../../src/wire/radius/packet.ts';
import { findVendor, microsoftAttribute } from '../../src/wire/radius/vendor-attributes.ts';
import { emptySource } from '../operations/view-source.ts';
import { testDigests } from '../support/digests.ts';
import { address, configOf, MemoryWorld, radiusConfigOf } from './memory-world.ts';

const wlcSecret = 'a secret of the WLCs';
const aaaSecret = 'a secret of the tests';

/** Sees all that passes between the gateway and its WLCs, with their secret: the keys of each Access-Accept. */
class Listener {
  readonly keys: MppeKeys[] = [];
  readonly accepts: string[] = [];
  /** Keys as they are hidden for the WLC. */
  readonly hiddenKeys: string[] = [];
  readonly #authenticators = new Map<string, Uint8Array>();

  hear(source: number, destination: number, bytes: Uint8Array): void {
    const packet = decodeRadius(bytes);
    if (!packet.ok) return;
    const { code, identifier, authenticator, attributes } = packet.value;
    if (destination === address.access) this.#authenticators.set(`${source}/${identifier}`, authenticator.slice());
    const requestAuthenticator = this.#authenticators.get(`${destination}/${identifier}`);
    if (code !== radiusCode.accessAccept || source !== address.access || requestAuthenticator === undefined) return;
    const keys = findMppeKeys(attributes, { requestAuthenticator, secret: utf8Encode(wlcSecret) }, testDigests);
    if (keys !== undefined) this.keys.push(keys);
    const { mppeSendKey, mppeRecvKey } = microsoftAttribute;
    for (const codec of [mppeSendKey, mppeRecvKey]) this.hiddenKeys.push(toHex(findVendor(attributes, codec)!));
    this.accepts.push(toHex(bytes));
  }
}

/** Everything that a standby or a store is told, in hexadecimal. */
class Checkpoints implements SessionObserver {
  readonly told: string[] = [];

  changed(...[before, after, now, event]: Parameters<SessionObserver['changed']>): void {
    const vmac = configOf().cgwService.access.vmac;
    const context = { now, revision: this.told.length + 1, baseRevision: 0, vmac, usageOf: () => undefined };
    for (const { payload } of diff(before, after, context, event)) this.told.push(toHex(payload));
  }
}

it('no secret and no key of a run is in any event, view or checkpoint', () => {
  const config = radiusConfigOf();
  const checkpoints = new Checkpoints();
  const seal = hostSeal(utf8Encode('shared by both'), 'answers');
  const world = new MemoryWorld(config, testDigests, checkpoints, seal);
  const listener = new Listener();
  world.drops = ({ source, destination, bytes }) => {
    listener.hear(source as number, destination as number, bytes);
    return false;
  };
  for (const wlc of [world.wlc1, world.wlc2, world.wlc1]) {
    world.ue.moveTo(wlc, 'dhcp-discover', world.now);
    world.run(2000);
  }
  expect(listener.keys.length).toBe(3);

  const base = emptySource();
  const twanProfiles = config.mrmeService.twanProfiles;
  const source: ViewSource = { ...base, config: { ...base.config, ...config, twanProfiles }, manager: world.gateway };
  const shown = views.flatMap((view) => {
    const full = view.options.some(({ name }) => name === 'full');
    const outcome = view.build(source, { now: world.now, wallClock: 0 }, full ? { full: '' } : {});
    return outcome.ok ? [JSON.stringify(outcome.data), ...view.render(outcome.data)] : [JSON.stringify(outcome)];
  });
  const said = world.events.map(({ name, text }) => `${name} ${text()}`);
  const messages = world.events.flatMap(({ message }) => (message === undefined ? [] : [toHex(message().octets)]));
  const relayed = world.events.filter(({ name }) => name === 'access-accept-relayed');
  // The Accept is there, as long as it was, and its keys are not.
  expect(relayed.map(({ message }) => message?.().octets.length)).toEqual(
    listener.accepts.map((accept) => accept.length / 2),
  );
  for (const key of listener.hiddenKeys) {
    expect(messages.some((message) => message.includes(key.slice(4, 36)))).toBe(false);
  }

  const haystack = [...shown, ...said, ...checkpoints.told].join('\n').toLowerCase();
  expect(haystack).toContain('0001@wlan.example');
  expect(checkpoints.told.length).toBeGreaterThan(10);

  const hidden = [
    wlcSecret,
    aaaSecret,
    ...[wlcSecret, aaaSecret].map((secret) => toHex(utf8Encode(secret))),
    ...listener.keys
      .flatMap(({ send, receive }) => [send, receive])
      .flatMap((key) => [toHex(key.subarray(0, 16)), [...key.subarray(0, 8)].join()]),
    // The keys hidden for the WLC, which whoever has its secret can read: no part of an Accept of so many octets.
    ...listener.accepts.flatMap(windows),
  ];
  for (const needle of hidden) expect(haystack.includes(needle), needle).toBe(false);
  const secrets = [wlcSecret, aaaSecret].map((secret) => toHex(utf8Encode(secret)));
  for (const secret of secrets) expect(messages.join('\n').includes(secret)).toBe(false);
});

const windowDigits = 64;

/** All parts of so many digits, octet by octet. */
function windows(hex: string): string[] {
  const parts: string[] = [];
  for (let at = 0; at + windowDigits <= hex.length; at += 2) parts.push(hex.slice(at, at + windowDigits));
  return parts;
}
