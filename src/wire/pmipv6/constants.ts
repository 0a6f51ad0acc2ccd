import { nameIn } from '../bytes/names.ts';

/** Numbers of the IANA registry "Mobile IPv6 parameters" that Proxy Mobile IPv6 uses, with names for people. */

/** UDP port of PMIPv6 control messages over IPv4 (RFC 5844 section 4). */
export const pmipv6Port = 5436;

/** Mobility Header types (RFC 6275 section 6.1; 13: RFC 5847, 16: RFC 5846). */
export const mobilityHeaderType = {
  bindingUpdate: 5,
  bindingAcknowledgement: 6,
  bindingError: 7,
  heartbeat: 13,
  bindingRevocation: 16,
} as const;

/** Flags of a Binding Update, as bits of its 16-bit field (RFC 6275 6.1.7, 5213 8.1, 5844 4.1, 5845 5, 6602). */
export const bindingUpdateFlag = {
  acknowledge: 0x8000,
  homeRegistration: 0x4000,
  linkLocalCompatibility: 0x2000,
  keyManagementMobility: 0x1000,
  mapRegistration: 0x0800,
  mobileRouter: 0x0400,
  proxyRegistration: 0x0200,
  forceUdpEncapsulation: 0x0100,
  tlvHeaderFormat: 0x0080,
  bulkBindingUpdate: 0x0040,
} as const;

/** Flags of a Binding Acknowledgement, as bits of its 8-bit field (RFC 6275 6.1.8, 5213 8.2, 5845 5, 6602). */
export const bindingAcknowledgementFlag = {
  keyManagementMobility: 0x80,
  mobileRouter: 0x40,
  proxyRegistration: 0x20,
  tlvHeaderFormat: 0x10,
  bulkBindingUpdate: 0x08,
} as const;

/** Status of a Binding Acknowledgement; 128 and above are rejections (RFC 6275 6.1.8 and the RFC named per line). */
export const bindingStatus = {
  accepted: 0,
  acceptedPrefixDiscoveryNecessary: 1,
  // RFC 5845 section 5.2
  greKeyOptionNotRequired: 2,
  greTunnelingButTlvHeaderNotSupported: 3,
  // RFC 5648 section 4.2
  mcoaNotificationComplete: 4,
  mcoaReturnHomeWithoutNdp: 5,
  // RFC 6602 section 4.2
  acceptedBulkIgnoredSettingsMismatch: 6,
  reasonUnspecified: 128,
  administrativelyProhibited: 129,
  insufficientResources: 130,
  homeRegistrationNotSupported: 131,
  notHomeSubnet: 132,
  notHomeAgentForThisMobileNode: 133,
  duplicateAddressDetectionFailed: 134,
  sequenceNumberOutOfWindow: 135,
  expiredHomeNonceIndex: 136,
  expiredCareOfNonceIndex: 137,
  expiredNonces: 138,
  registrationTypeChangeDisallowed: 139,
  // RFC 3963 section 4.2
  mobileRouterOperationNotPermitted: 140,
  invalidPrefix: 141,
  notAuthorizedForPrefix: 142,
  forwardingSetupFailed: 143,
  // RFC 4285 section 5
  mipv6IdMismatch: 144,
  mipv6MessageIdRequired: 145,
  mipv6AuthenticationFailed: 146,
  // RFC 4866
  permanentHomeKeygenTokenUnavailable: 147,
  cgaAndSignatureVerificationFailed: 148,
  permanentHomeKeygenTokenExists: 149,
  nonNullHomeNonceIndexExpected: 150,
  // RFC 5149 section 5
  serviceAuthorizationFailed: 151,
  // RFC 5213 section 8.9
  proxyRegistrationNotEnabled: 152,
  notLmaForThisMobileNode: 153,
  magNotAuthorizedForProxyRegistration: 154,
  notAuthorizedForHomeNetworkPrefix: 155,
  timestampMismatch: 156,
  timestampLowerThanPreviouslyAccepted: 157,
  missingHomeNetworkPrefixOption: 158,
  bindingCachePrefixSetDoesNotMatch: 159,
  missingMnIdentifierOption: 160,
  missingHandoffIndicatorOption: 161,
  missingAccessTechnologyTypeOption: 162,
  // RFC 5845 section 5.2
  greKeyOptionRequired: 163,
  // RFC 5648 section 4.2
  mcoaMalformed: 164,
  mcoaNonMcoaBindingExists: 165,
  mcoaUnknownCareOfAddress: 167,
  mcoaProhibited: 166,
  mcoaBulkRegistrationNotSupported: 168,
  mcoaSimultaneousHomeAndForeignProhibited: 169,
  // RFC 5844 section 3.3.3
  notAuthorizedForIpv4MobilityService: 170,
  notAuthorizedForIpv4HomeAddress: 171,
  notAuthorizedForIpv6MobilityService: 172,
  multipleIpv4HomeAddressAssignmentNotSupported: 173,
  // RFC 6275 section 6.1.8
  invalidCareOfAddress: 174,
  // RFC 6602 section 4.2
  invalidMobileNodeGroupIdentifier: 175,
  // RFC 7148 section 4.3
  notAuthorizedForDelegatedMobileNetworkPrefix: 177,
  requestedDelegatedMobileNetworkPrefixInUse: 178,
} as const;

/** Status of a Binding Error (RFC 6275 section 6.1.9). */
export const bindingErrorStatus = {
  unknownBindingForHomeAddressDestinationOption: 1,
  unrecognizedMobilityHeaderType: 2,
} as const;

/** Why a binding is revoked; 128 and above revoke globally (RFC 5846 section 5.1). */
export const revocationTrigger = {
  unspecified: 0,
  administrativeReason: 1,
  interMagHandoverSameAccessType: 2,
  interMagHandoverDifferentAccessType: 3,
  interMagHandoverUnknown: 4,
  userInitiatedSessionTermination: 5,
  accessNetworkSessionTermination: 6,
  possibleOutOfSyncBindingCacheEntry: 7,
  perPeerPolicy: 128,
  revokingMobilityNodeLocalPolicy: 129,
} as const;

/** Status of a Binding Revocation Acknowledgement; 128 and above are rejections (RFC 5846 section 5.2). */
export const revocationStatus = {
  success: 0,
  partialSuccess: 1,
  bindingDoesNotExist: 128,
  ipv4HomeAddressOptionRequired: 129,
  globalRevocationNotAuthorized: 130,
  revokedMobileNodesIdentityRequired: 131,
  revocationFailedMobileNodeAttached: 132,
  revocationTriggerNotSupported: 133,
  revocationFunctionNotSupported: 134,
  proxyBindingRevocationNotSupported: 135,
} as const;

/** Flags of both revocation messages, as bits of their 16-bit field (RFC 5846 sections 5.1 and 5.2). */
export const revocationFlag = {
  proxyBinding: 0x8000,
  ipv4HomeAddressBindingOnly: 0x4000,
  global: 0x2000,
} as const;

/** Values of the Handoff Indicator option (RFC 5213 section 8.4). */
export const handoffIndicator = {
  newInterface: 1,
  betweenInterfaces: 2,
  betweenMags: 3,
  unknown: 4,
  reRegistration: 5,
} as const;

/** Values of the Access Technology Type option (RFC 5213 section 8.5 and 3GPP TS 29.275). */
export const accessTechnologyType = {
  virtual: 1,
  ppp: 2,
  ieee8023: 3,
  ieee80211: 4,
  ieee80216e: 5,
  geran: 6,
  utran: 7,
  eutran: 8,
  ehrpd: 9,
  hrpd: 10,
  oneXrtt: 11,
  umb: 12,
} as const;

/** Status in an IPv4 Home Address Reply option (RFC 5844 section 3.1.2). */
export const ipv4HomeAddressStatus = {
  success: 0,
  reasonUnspecified: 128,
  administrativelyProhibited: 129,
  incorrectIpv4HomeAddress: 130,
  invalidIpv4Address: 131,
  dynamicIpv4HomeAddressAssignmentNotAvailable: 132,
} as const;

/** The names of the bits set in a flags field, joined with `|`; `none` for no bit. Unnamed bits stay hexadecimal. */
export function flagNames(registry: Readonly<Record<string, number>>, flags: number): string {
  const names: string[] = [];
  let rest = flags;
  for (const name in registry) {
    const bit = registry[name]!;
    if ((flags & bit) === 0) continue;
    names.push(name);
    rest &= ~bit;
  }
  if (rest !== 0) names.push(`0x${rest.toString(16)}`);
  return names.length === 0 ? 'none' : names.join('|');
}

/** The name of a Binding Acknowledgement's status, or the number itself. */
export function bindingStatusName(status: number): string {
  return nameIn(bindingStatus, status);
}
