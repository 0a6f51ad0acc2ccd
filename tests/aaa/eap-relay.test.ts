import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatIpv4, formatMac } from '../../src/kernel/address.ts';
import { Lab } from '../../src/lab/lab.ts';
import { labSecret, labWlcSecret } from '../../src/lab/lab-config.ts';
import type { Ue } from '../../src/peers/ue.ts';
import { toHex } from '../../src/wire/bytes/text.ts';
import { requireTool } from '../support/require-tool.ts';
import { type Certificates, makeCertificates } from './certificates.ts';
import { eapolTest } from './eapol-test.ts';
import { FreeRadius } from './free-radius.ts';
import type { Triplet } from './sim-card.ts';

const canRun = requireTool('freeradius') && requireTool('eapol_test') && requireTool('openssl');

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

/** Entries of the `users` file: who there is, and three triplets of a SIM. */
function users(): string {
  const known = triplets.flatMap(({ rand, sres, kc }, index) => [
    `EAP-Sim-Rand${index + 1} = 0x${rand}`,
    `EAP-Sim-SRES${index + 1} = 0x${sres}`,
    `EAP-Sim-KC${index + 1} = 0x${kc}`,
  ]);
  const profile = 'Session-Timeout = 7200';
  return `tls-ue
  ${profile}

peap-ue Cleartext-Password := "a password of the run"
  ${profile}

${imsi} EAP-Type := SIM
  ${[...known, profile].join(',\n  ')}
`;
}

/** EAP in FreeRADIUS: TLS and PEAP in short fragments, MSCHAPv2 inside, and SIM. */
function modules(certificates: Certificates): string {
  return `
  eap {
    default_eap_type = tls
    timer_expire = 60
    ignore_unknown_eap_types = no
    tls-config run {
      private_key_file = ${certificates.key('server')}
      certificate_file = ${certificates.certificate('server')}
      ca_file = ${certificates.ca}
      fragment_size = 500
      tls_max_version = "1.2"
      ecdh_curve = ""
    }
    tls {
      tls = run
    }
    peap {
      tls = run
      default_eap_type = mschapv2
      virtual_server = inner
    }
    mschapv2 {
    }
    sim {
    }
  }
  mschap {
  }`;
}

const inner = `
server inner {
  authorize {
    eap
    files
  }
  authenticate {
    Auth-Type MS-CHAP {
      mschap
    }
    eap
  }
}`;

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
    aaa = new FreeRadius({
      address,
      authenticationPort: 1812,
      accountingPort: 1813,
      secret: labSecret,
      users: users(),
      modules: modules(certificates),
      authorize: 'eap',
      authenticate: 'eap',
      sections: inner,
    });
    await aaa.start();
  }, 60_000);

  afterAll(async () => {
    await lab?.stop();
    await aaa?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const methods: readonly (readonly [string, number, () => readonly string[]])[] = [
    [
      'EAP-TLS, in fragments both ways',
      13,
      () => [
        'eap=TLS',
        'identity="tls-ue"',
        `ca_cert="${certificates.ca}"`,
        `client_cert="${certificates.certificate('tls-ue')}"`,
        `private_key="${certificates.key('tls-ue')}"`,
        'fragment_size=400',
      ],
    ],
    [
      'PEAP with MSCHAPv2',
      25,
      () => [
        'eap=PEAP',
        'identity="peap-ue"',
        'password="a password of the run"',
        `ca_cert="${certificates.ca}"`,
        'phase2="auth=MSCHAPV2"',
      ],
    ],
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
