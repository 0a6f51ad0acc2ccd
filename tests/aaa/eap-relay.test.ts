import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatIpv4, formatMac } from '../../src/kernel/address.ts';
import { type Certificates, makeCertificates } from '../../src/lab/certificates.ts';
import { Lab } from '../../src/lab/lab.ts';
import { labSecret, labWlcSecret } from '../../src/lab/lab-config.ts';
import type { Ue } from '../../src/peers/ue.ts';
import { toHex } from '../../src/wire/bytes/text.ts';
import { requireTool } from '../support/require-tool.ts';
import { freeRadiusEap, networks } from './eap-users.ts';
import { eapolTest } from './eapol-test.ts';
import { FreeRadius } from './free-radius.ts';
import type { Triplet } from './sim-card.ts';

const canRun =
  requireTool('freeradius') && requireTool('radclient') && requireTool('eapol_test') && requireTool('openssl');

const plainPassword = 'a plain password of the run';

/** The SIM of RFC 4186 appendix A. */
const imsi = '1244070100000001';
const triplets: readonly Triplet[] = [1, 2, 3].map((number) => ({
  rand: run(16, 0x10 * number),
  sres: run(4, 0xc1 + 0x10 * number),
  kc: run(8, 0x90 + 0x10 * number),
}));

/** So many octets, each greater by one. */
function run(octets: number, first: number): string {
  return toHex(Uint8Array.from({ length: octets }, (_, index) => first + index));
}

/** The entry of the SIM in the `users` file: three triplets. */
function simUser(): string {
  const known = triplets.flatMap(({ rand, sres, kc }, index) => [
    `EAP-Sim-Rand${index + 1} = 0x${rand}`,
    `EAP-Sim-SRES${index + 1} = 0x${sres}`,
    `EAP-Sim-KC${index + 1} = 0x${kc}`,
  ]);
  return `
${imsi} EAP-Type := SIM
  ${[...known, 'Session-Timeout = 7200'].join(',\n  ')}
`;
}

describe.skipIf(!canRun)('EAP through the gateway to FreeRADIUS', () => {
  let lab: Lab;
  let aaa: FreeRadius;
  let folder: string;
  let certificates: Certificates;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'samog-eap-'));
    lab = await Lab.start({ radiusTrigger: true, ownAaa: false });
    const address = formatIpv4(lab.addresses.aaa);
    certificates = makeCertificates(folder, address, ['server', 'tls-ue']);
    const eap = freeRadiusEap(certificates);
    aaa = new FreeRadius({
      address,
      authenticationPort: 1812,
      accountingPort: 1813,
      secret: labSecret,
      ...eap,
      users: `${eap.users}${simUser()}plain-ue Cleartext-Password := "${plainPassword}"\n`,
      modules: `${eap.modules}\nchap {\n}`,
      authorize: `${eap.authorize}\nchap`,
      authenticate: `${eap.authenticate}\nAuth-Type CHAP {\nchap\n}`,
    });
    await aaa.start();
  }, 60_000);

  afterAll(async () => {
    await lab?.stop();
    await aaa?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const methods: readonly (readonly [string, number, () => readonly string[]])[] = [
    ['EAP-TLS, in fragments both ways', 13, () => networks(certificates).tls],
    ['PEAP with MSCHAPv2', 25, () => networks(certificates).peap],
    ['EAP-SIM', 18, () => ['eap=SIM', `identity="${imsi}"`]],
  ];

  const simName = 'method-18';
  const authenticate = (ue: Ue, name: string, network: readonly string[]) =>
    eapolTest({
      folder,
      name,
      network,
      server: formatIpv4(lab.addresses.access),
      secret: labWlcSecret,
      client: formatIpv4(lab.addresses.wlc1),
      mac: formatMac(ue.mac),
      ...(name === simName ? { sim: triplets } : {}),
    });

  it.each(methods)('%s: the keys of both ends are equal, and the session carries data', async (name, type, network) => {
    const ue = lab.newUe();
    const result = await authenticate(ue, `method-${type}`, network());
    expect(result.succeeded, result.output).toBe(true);
    const { registry } = lab.gateway.manager;
    const session = registry.ofMac(ue.mac)?.session;
    expect(session, name).toMatchObject({
      kind: 'Live',
      durable: {
        phase: { kind: 'Admitted' },
        radius: { nas: lab.addresses.wlc1, eapType: type },
        subscriber: { sessionTimeoutSeconds: 7200 },
      },
    });
    lab.move(ue, lab.wlc1, 'dhcp-discover');
    await until(() => ue.dhcpState === 'Bound');
    expect(registry.ofMac(ue.mac)?.session).toMatchObject({ durable: { phase: { kind: 'Established' } } });
  });

  it.each([
    ['User-Password', plainPassword, /Received Access-Accept/, true],
    ['User-Password', 'another', /Received Access-Reject/, false],
    // The challenge is the Request Authenticator of radclient.
    ['CHAP-Password', plainPassword, /Received Access-Accept/, true],
    ['CHAP-Password', 'another', /Received Access-Reject/, false],
  ] as const)('%s "%s" without EAP: %s', async (attribute, password, answer, isAdmitted) => {
    const ue = lab.newUe();
    const said = await radclient([
      'User-Name = "plain-ue"',
      `${attribute} = "${password}"`,
      `Calling-Station-Id = "${formatMac(ue.mac, '-')}"`,
      `Packet-Src-IP-Address = ${formatIpv4(lab.addresses.wlc1)}`,
      'Message-Authenticator = 0x00',
    ]);
    expect(said).toMatch(answer);
    expect(lab.gateway.manager.registry.ofMac(ue.mac) !== undefined).toBe(isAdmitted);
  });

  async function radclient(attributes: readonly string[]): Promise<string> {
    const server = `${formatIpv4(lab.addresses.access)}:1812`;
    const child = spawn('radclient', ['-x', '-r', '1', '-t', '5', server, 'auth', labWlcSecret]);
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += String(data)));
    child.stdin.end(`${attributes.join('\n')}\n`);
    await once(child, 'close');
    return said;
  }

  it('a wrong password is a Reject, and no session', async () => {
    const ue = lab.newUe();
    const [, , network] = methods[1]!;
    const wrong = network().map((line) => (line.startsWith('password') ? 'password="another"' : line));
    const { succeeded, output } = await authenticate(ue, 'wrong', wrong);
    expect(succeeded).toBe(false);
    expect(output).toMatch(/EAP.?Failure|EAP: Status notification: completion|CTRL-EVENT-EAP-FAILURE/i);
    expect(lab.gateway.manager.registry.ofMac(ue.mac)).toBeUndefined();
  });
});

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500 && !condition(); tries += 1) await sleep(20);
  expect(condition()).toBe(true);
}
