import { describe, expect, it } from 'vitest';
import { type IpAddress, macOf, parseIp } from '../../../kernel/address.ts';
import { utf8Encode } from '../../../wire/bytes/text.ts';
import { radiusCode } from '../../../wire/radius/constants.ts';
import { describeRadius } from '../../../wire/radius/packet.ts';
import { type Account, type AccountSubject, beginAccount, endAccount, owedRecord, oweInterim } from './account.ts';
import { delayAttribute, recordAttributes, serviceAttributes } from './record.ts';

const ip = (text: string): IpAddress => parseIp(text)!;
const nas = { nasIpAddress: ip('203.0.113.10'), nasIdentifier: 'samog-1' };
const id = '01ca11b165000000';
const policy = { interimIntervalMs: 60_000, holdDownMs: 5000 };
const subject: AccountSubject = {
  mac: macOf(0x02005eabcdef),
  userName: 'ue@example',
  apn: 'internet',
  addresses: [ip('10.0.0.7')],
  classes: [Uint8Array.of(1, 2), Uint8Array.of(3)],
  chargeableUserIdentity: utf8Encode('cui'),
  imsi: '001010123456789',
  multiSessionId: 'wlc1-77',
};
const counted = {
  uplinkPackets: 2 ** 32 + 7,
  uplinkOctets: 5 * 2 ** 32 + 9,
  downlinkPackets: 3,
  downlinkOctets: 4096,
};
const moment = (now: number, kind: 'pmipv6' | 'eogre' = 'pmipv6') => ({
  now,
  second: 0x65000000 + now / 1000,
  counted: now === 0 ? { uplinkPackets: 0, uplinkOctets: 0, downlinkPackets: 0, downlinkOctets: 0 } : counted,
  attachment: { kind, peer: kind === 'pmipv6' ? ip('192.0.2.10') : ip('2001:db8::7') },
});

function text(attributes: ReturnType<typeof recordAttributes>): string {
  const authenticator = new Uint8Array(16);
  const packet = { code: radiusCode.accountingRequest, identifier: 1, authenticator, attributes };
  return describeRadius(packet).replace(/^.*?\[/, '[');
}

function written(account: Account, of: AccountSubject = subject): string {
  return text(recordAttributes(nas, id, owedRecord({ ...account, start: account.stop && undefined })!, of));
}

const begun = beginAccount(moment(0), policy);
const head = (status: number) =>
  `[Acct-Status-Type ${status}, NAS-IP-Address 203.0.113.10, NAS-Identifier "samog-1", NAS-Port-Type 19, ` +
  `Acct-Session-Id "${id}", Acct-Authentic 1, User-Name "ue@example", Calling-Station-Id "02-00-5E-AB-CD-EF", ` +
  'Framed-IP-Address 10.0.0.7, Class 0x0102, Class 0x03, Chargeable-User-Identity 0x637569, ' +
  'Service-Selection "internet", Acct-Multi-Session-Id "wlc1-77", ';

describe('an Accounting-Request', () => {
  it('START says who and where', () => {
    const attributes = recordAttributes(nas, id, owedRecord(begun)!, subject);
    expect(text(attributes)).toContain(head(1));
    expect(text(attributes)).toContain(
      'Called-Station-Id "192.0.2.10", Connect-Info "PMIPv6", Event-Timestamp 1694498816]',
    );
    expect(text(attributes)).not.toContain('Octets');
  });

  it('INTERIM says what was used, octets beyond 32 bits in Gigawords and packets modulo 2^32', () => {
    const { interim } = oweInterim(begun, moment(60_000, 'eogre'), policy);
    const said = text(recordAttributes(nas, id, { status: 'interim', record: interim! }, subject));
    expect(said).toContain(head(3));
    expect(said).toContain(
      'Called-Station-Id "2001:db8::7", Connect-Info "EoGRE", Event-Timestamp 1694498876, Acct-Session-Time 60, ' +
        'Acct-Input-Octets 9, Acct-Input-Gigawords 5, Acct-Output-Octets 4096, Acct-Input-Packets 7, Acct-Output-Packets 3]',
    );
  });

  it('STOP says why', () => {
    expect(written(endAccount(begun, 6, subject, moment(60_000)))).toMatch(
      /Acct-Output-Packets 3, Acct-Terminate-Cause 6\]$/,
    );
  });

  it('leaves out what is not known, and has IPv6 addresses as prefixes', () => {
    const bare = {
      ...subject,
      apn: undefined,
      classes: [],
      chargeableUserIdentity: undefined,
      imsi: undefined,
      multiSessionId: undefined,
      addresses: [ip('2001:db8:1::7')],
    };
    const said = written(endAccount(begun, 6, bare, moment(60_000)), bare);
    expect(said).toContain('Framed-IPv6-Prefix 2001:db8:1::7/128, Called-Station-Id');
    expect(said).not.toMatch(/Class|Chargeable|Service-Selection|Vendor/);
  });

  it('On and Off speak of the NAS', () => {
    const alone = { nasIpAddress: ip('2001:db8::1'), nasIdentifier: '' };
    expect(text([...serviceAttributes(alone, 'on', 255), delayAttribute(3)])).toBe(
      '[Acct-Status-Type 7, NAS-IPv6-Address 2001:db8::1, Acct-Session-Id "000000ff", Event-Timestamp 255, Acct-Delay-Time 3]',
    );
    expect(text(serviceAttributes(nas, 'off', 0))).toContain('Acct-Status-Type 8, NAS-IP-Address 203.0.113.10');
  });
});
