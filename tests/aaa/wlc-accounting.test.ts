/** `./samog run` as accounting server of a WLC, which is Debian's radclient. */
import { spawnSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatIpv4, ipv4Of } from '../../src/kernel/address.ts';
import { GatewayWorld, secret, until } from '../recovery/gateway-world.ts';
import { requireTool } from '../support/require-tool.ts';

const limitMs = 60_000;
/** Nobody takes the gateway's own accounting: what a WLC says does not depend on it. */
const nobodysPort = 24_813;

describe.skipIf(!requireTool('radclient'))('radclient, as a WLC,', () => {
  let world: GatewayWorld;

  beforeEach(async () => {
    world = await GatewayWorld.start(nobodysPort);
    await world.startGateway();
  }, limitMs);

  afterEach(() => world.stop());

  /** Whether a record is answered. */
  function say(
    status: 'Start' | 'Interim-Update' | 'Stop',
    acctSessionId: string,
    more: readonly string[] = [],
  ): boolean {
    const input = [
      `Acct-Status-Type = ${status}`,
      `Acct-Session-Id = "${acctSessionId}"`,
      'Calling-Station-Id = "02-00-5E-20-00-01"',
      'NAS-Identifier = "wlc"',
      'Proxy-State = 0x0102',
      ...more,
    ].join(', ');
    const { stdout } = spawnSync('radclient', ['-x', '-r', '1', '-t', '2', `${world.access}:1813`, 'acct', secret], {
      input,
      encoding: 'utf8',
    });
    return stdout.includes('Received Accounting-Response') && stdout.includes('Proxy-State = 0x0102');
  }

  const sessions = () => world.show<{ sessions: { current: number } }>('samog-service').sessions.current;
  const accounting = () =>
    world.show<{ mrme: { accessAccounting: Record<string, number> } }>('samog-service', 'statistics').mrme
      .accessAccounting;

  it(
    'starts, hands over and stops a session',
    async () => {
      expect(say('Start', 'nobody')).toBe(false);
      const ue = world.newUe(1);
      await world.attach(ue, world.wlc);
      const framed = `Framed-IP-Address = ${formatIpv4(ipv4Of(ue.address!))}`;
      expect(say('Start', 'a1', [framed])).toBe(true);
      expect(say('Start', 'a1', [framed, 'Acct-Delay-Time = 5'])).toBe(true);
      expect(
        say('Interim-Update', 'a1', ['Acct-Input-Octets = 5', 'Acct-Output-Gigawords = 1', 'Acct-Output-Octets = 1']),
      ).toBe(true);
      expect(say('Stop', 'a1', ['Acct-Terminate-Cause = Lost-Carrier'])).toBe(true);
      expect(say('Start', 'b1', [framed])).toBe(true);
      expect(say('Stop', 'a1')).toBe(true);
      expect(sessions()).toBe(1);
      expect(say('Stop', 'b1')).toBe(true);
      await until(() => sessions() === 0, 'the session ends after the delay');
      expect(accounting()).toMatchObject({
        startReceived: 2,
        startRetransmitted: 1,
        interimReceived: 1,
        stopReceived: 3,
      });
    },
    limitMs,
  );
});
