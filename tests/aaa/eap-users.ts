import type { Certificates } from '../../src/lab/certificates.ts';
import type { FreeRadiusOptions } from './free-radius.ts';

const password = 'a password of the run';

/** What a UE needs for each method, as lines of wpa_supplicant's configuration. */
export function networks(certificates: Certificates): Readonly<Record<'tls' | 'peap', string[]>> {
  const ca = `ca_cert="${certificates.ca}"`;
  return {
    tls: [
      'eap=TLS',
      'identity="tls-ue"',
      ca,
      `client_cert="${certificates.certificate('tls-ue')}"`,
      `private_key="${certificates.key('tls-ue')}"`,
      'fragment_size=400',
    ],
    peap: ['eap=PEAP', 'identity="peap-ue"', `password="${password}"`, ca, 'phase2="auth=MSCHAPV2"'],
  };
}

const users = () => `tls-ue
  Session-Timeout = 7200

peap-ue Cleartext-Password := "${password}"
  Session-Timeout = 7200
`;

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

/** FreeRADIUS for these two, TLS and PEAP in short fragments, MSCHAPv2 inside; and for SIM, whose users are not there. */
export function freeRadiusEap(
  certificates: Certificates,
): Pick<FreeRadiusOptions, 'users' | 'modules' | 'authorize' | 'authenticate' | 'sections'> {
  return { users: users(), modules: modules(certificates), authorize: 'eap', authenticate: 'eap', sections: inner };
}

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
