import { describe, expect, it } from 'vitest';
import { formatIp, ipv4Unspecified, macOf } from '../kernel/address.ts';
import { SeededRandom } from '../kernel/random.ts';
import { tlv } from '../wire/bytes/tlv.ts';
import { type DhcpMessage, decodeDhcp, describeDhcp, encodeDhcp } from '../wire/dhcpv4/message.ts';
import { dhcpOption } from '../wire/dhcpv4/options.ts';
import { answerDhcp } from './access-dhcp.ts';
import { DhcpClient } from './dhcp-client.ts';
import { ip, Script } from './script-for-tests.ts';

const mac = macOf(0x02005e100001);
const lease = { address: ip('10.0.0.7'), prefixLength: 24, router: ip('10.0.0.1'), leaseSeconds: 800 };

/** A client whose server answers at once, while it does, with a lease of 800 s: T1 400 s, T2 700 s. */
function clientOf() {
  const script = new Script();
  const server: { answers: boolean; lease: typeof lease | undefined } = { answers: true, lease };
  const client: DhcpClient = new DhcpClient(mac, new SeededRandom(1), {
    send: (message, destination, now) => {
      const text = describeDhcp(message).replace(/ 0x[0-9a-f]+ 02:00:5e:10:00:01/, '');
      script.note(`${text} to ${formatIp(destination)}`);
      const decoded = decodeDhcp(encodeDhcp(message));
      const reply = decoded.ok && server.answers ? answerDhcp(decoded.value, server.lease) : undefined;
      if (reply !== undefined) client.received(reply, now);
    },
    bound: ({ address }) => script.note(`bound ${formatIp(address)}`),
    lost: () => script.note('lost'),
  });
  const lines = () => script.take();
  return { script, client, server, lines };
}

const everyone = 'to 255.255.255.255';

describe('DhcpClient', () => {
  it('finds an address, renews it at T1 and asks for it again after a reboot', () => {
    const { script, client, lines } = clientOf();
    client.discover(0);
    expect(lines()).toEqual([
      `0 DHCPDISCOVER ${everyone}`,
      `0 DHCPREQUEST requested 10.0.0.7 server 10.0.0.1 ${everyone}`,
      '0 bound 10.0.0.7',
    ]);
    script.runUntil(500_000, client);
    expect(lines()).toEqual(['400000 DHCPREQUEST from 10.0.0.7 to 10.0.0.1', '400000 bound 10.0.0.7']);
    client.reboot(script.now);
    expect(lines()).toEqual([`500000 DHCPREQUEST requested 10.0.0.7 ${everyone}`, '500000 bound 10.0.0.7']);
    client.discover(script.now);
    expect(lines()[0]).toBe(`500000 DHCPDISCOVER requested 10.0.0.7 ${everyone}`);
  });

  it('renews, rebinds and gives its address up when the server is silent', () => {
    const { script, client, server, lines } = clientOf();
    client.discover(0);
    lines();
    server.answers = false;
    script.runUntil(805_000, client);
    const said = lines();
    expect(said[0]).toBe('400000 DHCPREQUEST from 10.0.0.7 to 10.0.0.1');
    expect(said.find((line) => line.includes(everyone))).toBe(`700000 DHCPREQUEST from 10.0.0.7 ${everyone}`);
    expect(said.slice(-3)).toEqual([
      '800000 lost',
      `800000 DHCPDISCOVER requested 10.0.0.7 ${everyone}`,
      `804000 DHCPDISCOVER requested 10.0.0.7 ${everyone}`,
    ]);
  });

  it('repeats a DISCOVER after 4 s, doubling to 64 s', () => {
    const { script, client, server, lines } = clientOf();
    server.answers = false;
    client.discover(0);
    script.runUntil(300_000, client);
    const times = lines().map((line) => Number(line.split(' ')[0]) / 1000);
    expect(times).toEqual([0, 4, 12, 28, 60, 124, 188, 252]);
  });

  it('begins anew when it is refused, without asking for what it had', () => {
    const { script, client, server, lines } = clientOf();
    client.discover(0);
    server.lease = undefined;
    lines();
    client.reboot(0);
    expect(lines()).toEqual([`0 DHCPREQUEST requested 10.0.0.7 ${everyone}`, '0 lost']);
    script.runUntil(1000, client);
    expect(lines()).toEqual([`1000 DHCPDISCOVER ${everyone}`]);
  });

  it('falls back to DISCOVER when nobody answers its reboot', () => {
    const { script, client, server, lines } = clientOf();
    client.discover(0);
    server.answers = false;
    lines();
    client.reboot(0);
    script.runUntil(60_000, client);
    expect(lines().map((line) => line.split(' ', 2).join(' '))).toEqual([
      '0 DHCPREQUEST',
      '4000 DHCPREQUEST',
      '12000 DHCPREQUEST',
      '28000 DHCPREQUEST',
      '60000 DHCPDISCOVER',
    ]);
  });

  it('releases its address to the server', () => {
    const { client, lines } = clientOf();
    client.discover(0);
    lines();
    client.release(0);
    expect(lines()).toEqual(['0 DHCPRELEASE from 10.0.0.7 server 10.0.0.1 to 10.0.0.1', '0 lost']);
    expect(client.state).toBe('Idle');
  });

  it.each([
    ['of another transaction', { transactionId: 1 }],
    ['for another client', { clientMac: macOf(5) }],
    ['that is a request', { op: 'request' }],
    ['without server identifier', { options: [tlv(dhcpOption.messageType, 'ack' as const)] }],
  ] as const)('ignores a message %s', (_, change) => {
    const sent: DhcpMessage[] = [];
    const callbacks = { send: (message: DhcpMessage) => void sent.push(message), bound: () => {}, lost: () => {} };
    const client = new DhcpClient(mac, new SeededRandom(1), callbacks);
    client.discover(0);
    const offer = answerDhcp(sent[0]!, lease)!;
    client.received({ ...offer, ...change }, 0);
    expect(client.state).toBe('Selecting');
    client.received(offer, 0);
    expect(client.state).toBe('Requesting');
    expect(sent[1]).toMatchObject({ clientAddress: ipv4Unspecified });
  });
});
