/** Numbers of the IANA registry "RADIUS Types", and UDP ports. */

/** Ports of RFC 2865, RFC 2866, RFC 6614 and RFC 5176, in this order. */
export const radiusPort = { authentication: 1812, accounting: 1813, tls: 2083, dynamicAuthorization: 3799 } as const;

/** RFC 2865 section 3, RFC 2866 section 3, RFC 5176 section 2, RFC 5997 section 2. */
export const radiusCode = {
  accessRequest: 1,
  accessAccept: 2,
  accessReject: 3,
  accountingRequest: 4,
  accountingResponse: 5,
  accessChallenge: 11,
  statusServer: 12,
  disconnectRequest: 40,
  disconnectAck: 41,
  disconnectNak: 42,
  coaRequest: 43,
  coaAck: 44,
  coaNak: 45,
} as const;

/** RFC 2865 section 5.6, RFC 5176 section 3. */
export const serviceType = { framed: 2, callCheck: 10, authorizeOnly: 17 } as const;

/** RFC 2866 section 5.1. */
export const acctStatusType = { start: 1, stop: 2, interimUpdate: 3, accountingOn: 7, accountingOff: 8 } as const;

/** RFC 2866 section 5.6: who has authenticated the user. */
export const acctAuthentic = { radius: 1, local: 2, remote: 3 } as const;

/** RFC 2866 section 5.10; from 19 on RFC 3580 section 6. */
export const acctTerminateCause = {
  userRequest: 1,
  lostCarrier: 2,
  lostService: 3,
  idleTimeout: 4,
  sessionTimeout: 5,
  adminReset: 6,
  adminReboot: 7,
  portError: 8,
  nasError: 9,
  nasRequest: 10,
  nasReboot: 11,
  portUnneeded: 12,
  portPreempted: 13,
  portSuspended: 14,
  serviceUnavailable: 15,
  callback: 16,
  userError: 17,
  hostRequest: 18,
  supplicantRestart: 19,
  reauthenticationFailure: 20,
  portReinitialized: 21,
  portDisabled: 22,
} as const;

/** RFC 2865 section 5.29: what follows the end of a session. */
export const terminationAction = { default: 0, radiusRequest: 1 } as const;

/** RFC 2865 section 5.41. */
export const nasPortType = { virtual: 5, ethernet: 15, wirelessOther: 18, ieee80211: 19 } as const;

/** RFC 5176 section 3.5. */
export const errorCause = {
  residualContextRemoved: 201,
  invalidEapPacket: 202,
  unsupportedAttribute: 401,
  missingAttribute: 402,
  nasIdentificationMismatch: 403,
  invalidRequest: 404,
  unsupportedService: 405,
  unsupportedExtension: 406,
  invalidAttributeValue: 407,
  administrativelyProhibited: 501,
  requestNotRoutable: 502,
  sessionContextNotFound: 503,
  sessionContextNotRemovable: 504,
  otherProxyProcessingError: 505,
  resourcesUnavailable: 506,
  requestInitiated: 507,
  multipleSessionSelectionUnsupported: 508,
} as const;

/** SMI private enterprise numbers of the vendors whose attributes the gateway knows. */
export const radiusVendor = { cisco: 9, microsoft: 311, dslForum: 3561, starent: 8164, threeGpp: 10415 } as const;

/** 3GPP TS 29.061 section 16.4.7, 3GPP-PDP-Type. */
export const pdpType = { ipv4: 0, ppp: 1, ipv6: 2, ipv4v6: 3 } as const;

/** 3GPP TS 29.061 section 16.4.7, 3GPP-RAT-Type; the numbers of TS 29.274 section 8.17. */
export const ratType = { utran: 1, geran: 2, wlan: 3, gan: 4, eutran: 6, virtual: 7, trustedWlan: 53 } as const;

/** SN-Disconnect-Reason, as far as the gateway has such reasons (the Starent dictionary). */
export const starentDisconnectReason = {
  notDefined: 0,
  adminDisconnect: 1,
  remoteDisconnect: 2,
  localDisconnect: 3,
  noResource: 4,
  inactivityTimeout: 24,
  sessionTimeout: 25,
} as const;

/** SN-Handoff-Indicator (the Starent dictionary). */
export const starentHandoffIndicator = { activeHandoff: 0, locationUpdate: 1 } as const;
