import { acctTerminateCause } from '../../../wire/radius/constants.ts';
import type { EndReason } from '../statistics.ts';

/** Acct-Terminate-Cause (RFC 2866 section 5.10, RFC 3580 section 2.1) of each reason by which a session ends. */
const causes = {
  'ue-release': acctTerminateCause.userRequest,
  'mag-deregistration': acctTerminateCause.lostCarrier,
  'lease-expired': acctTerminateCause.lostCarrier,
  'binding-expired': acctTerminateCause.lostCarrier,
  'idle-timeout': acctTerminateCause.idleTimeout,
  'session-timeout': acctTerminateCause.sessionTimeout,
  operator: acctTerminateCause.adminReset,
  'aaa-disconnect': acctTerminateCause.adminReset,
  'lma-revocation': acctTerminateCause.serviceUnavailable,
  'lma-rejected-refresh': acctTerminateCause.serviceUnavailable,
  'lma-unreachable': acctTerminateCause.serviceUnavailable,
  reauthorised: acctTerminateCause.serviceUnavailable,
  'address-declined': acctTerminateCause.userError,
  'never-attached': acctTerminateCause.lostService,
  'subscriber-changed': acctTerminateCause.supplicantRestart,
  'reauthentication-failed': acctTerminateCause.reauthenticationFailure,
  // Where the NAS has not said why.
  'nas-stop': acctTerminateCause.nasRequest,
} as const satisfies Readonly<Record<EndReason, number>>;

/** @param reason undefined for a session that a fault of ours has ended */
export function terminateCauseOf(reason: EndReason | undefined): number {
  return reason === undefined ? acctTerminateCause.nasError : causes[reason];
}
