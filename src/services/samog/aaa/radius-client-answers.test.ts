import { describe, expect, it } from 'vitest';
import { testDigests } from '../../../../tests/support/digests.ts';
import { answerTo, RadiusClientBench, type Sent, secret } from '../../../../tests/support/radius-client-bench.ts';
import { utf8Encode } from '../../../wire/bytes/text.ts';
import { signResponse } from '../../../wire/radius/authenticator.ts';
import { radiusCode } from '../../../wire/radius/constants.ts';
import { encodeRadius } from '../../../wire/radius/packet.ts';
import type { SamogCounter } from '../statistics.ts';
import { serverA, serverB } from './wire-for-tests.ts';

describe('packets that are no answers', () => {
  const forged = (sent: Sent) => {
    const bytes = answerTo(sent, radiusCode.accessAccept);
    bytes[25]! ^= 1;
    return bytes;
  };
  /** Right by RFC 2865, without the attribute that CVE-2024-3596 makes necessary. */
  const withoutMessageAuthenticator = ({ packet }: Sent) => {
    const { identifier, authenticator } = packet;
    const bytes = encodeRadius({ code: radiusCode.accessAccept, identifier, authenticator, attributes: [] });
    bytes.set(testDigests.md5(Uint8Array.from([...bytes, ...utf8Encode(secret)])), 4);
    return bytes;
  };
  const cases: readonly [
    string,
    SamogCounter,
    (sent: Sent) => Uint8Array,
    Parameters<RadiusClientBench['deliver']>[2]?,
  ][] = [
    ['another address', 'radius.discarded.unknown-server', (sent) => answerTo(sent, 2), { peer: serverB }],
    ['another port', 'radius.discarded.unknown-server', (sent) => answerTo(sent, 2), { port: 1814 }],
    ['the port of accounting', 'radius.discarded.unmatched', (sent) => answerTo(sent, 2), { port: 1813 }],
    ['another channel', 'radius.discarded.unmatched', (sent) => answerTo(sent, 2), { channel: 1 }],
    ['a channel that is none', 'radius.discarded.unmatched', (sent) => answerTo(sent, 2), { channel: 9 }],
    ['nothing', 'radius.discarded.malformed', () => new Uint8Array()],
    ['a head cut short', 'radius.discarded.malformed', (sent) => answerTo(sent, 2).subarray(0, 19)],
    ['a tail cut off', 'radius.discarded.malformed', (sent) => answerTo(sent, 2).subarray(0, 30)],
    ['our own request', 'radius.discarded.malformed', (sent) => sent.bytes],
    ['an Accounting-Response', 'radius.discarded.malformed', (sent) => answerTo(sent, radiusCode.accountingResponse)],
    ['a changed octet', 'radius.discarded.bad-authenticator', forged],
    ['no Message-Authenticator', 'radius.discarded.no-message-authenticator', withoutMessageAuthenticator],
  ];

  it.each(cases)('%s: %s', (_name, counter, bytes, from) => {
    const bench = new RadiusClientBench([serverA], { sourcePorts: 2 });
    bench.authenticate(1);
    const sent = bench.sent[0]!;
    bench.deliver(sent, bytes(sent), from);
    expect(bench.count(counter)).toBe(1);
    expect(bench.outcomes).toEqual([]);
    expect(bench.servers.authentication.status(0).servers[0]).toMatchObject({
      outstanding: 1,
      lastResponseAgeMs: undefined,
    });
    bench.answer(sent);
    expect(bench.outcomes).toEqual(['0 1 accepted']);
    bench.answer(sent);
    expect(bench.count('radius.discarded.duplicate')).toBe(1);
  });

  it('another secret', () => {
    const bench = new RadiusClientBench();
    bench.authenticate(1);
    const { identifier, authenticator } = bench.sent[0]!.packet;
    const packet = { code: radiusCode.accessAccept, identifier, authenticator, attributes: [] };
    bench.deliver(bench.sent[0]!, signResponse(packet, authenticator, utf8Encode('other'), testDigests));
    expect(bench.count('radius.discarded.bad-authenticator')).toBe(1);
  });
});
