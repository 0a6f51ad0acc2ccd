import { describe, expect, it } from 'vitest';
import {
  accessAccepted,
  admitted,
  challengeAt,
  established,
  play,
  profileOf,
} from '../../../tests/support/session-samples.ts';
import { radiusFields, subscriberRadiusOf } from './subscriber-radius.ts';

describe('what is shown of an authentication by RADIUS', () => {
  it('is nothing of a UE that was authenticated by its MAC address', () => {
    expect(subscriberRadiusOf(established())).toBeNull();
    expect(radiusFields(null)).toEqual([]);
  });

  it('is who asked, for whom and how', () => {
    expect(Object.fromEntries(radiusFields(subscriberRadiusOf(admitted())))).toEqual({
      'RADIUS NAS': '192.0.2.10 (wlc-a)',
      'RADIUS User-Name': '0001010123456789@wlan.example',
      'Authentication Method': 'EAP sim',
      'Call Type': 'pre-authentication',
      'NAS Acct-Session-Id': '5f3e0001',
      'Calling-Station-Id': '02-00-5E-11-22-33',
      'Called-Station-Id': '00-10-A4-23-19-C0:guests',
    });
  });

  it('says that AAA knows the subscriber, and that a question is open', () => {
    const accepted = accessAccepted({ profile: profileOf({ imsi: '001010123456789' }) });
    const { session } = play(admitted(), [
      { kind: 'accessAccepted', accepted },
      { kind: 'challenged', id: 1, challenge: challengeAt() },
    ]);
    expect(subscriberRadiusOf(session!)).toMatchObject({ callType: 'transparent-auto-logon', challenges: 2 });
  });

  it('has no octet of the Accept, nor of a State', () => {
    const { session } = play(admitted(), [{ kind: 'challenged', id: 1, challenge: challengeAt() }]);
    expect(JSON.stringify(subscriberRadiusOf(session!))).not.toMatch(/0909|0303|sealed|state/);
  });
});
