/** Numbers of the IANA registry "Extensible Authentication Protocol (EAP) Registry". */

/** RFC 3748 section 4. */
export const eapCode = { request: 1, response: 2, success: 3, failure: 4 } as const;

/** Methods by their common names, for views and traces: the gateway relays them all and speaks none. */
export const eapType = {
  /** RFC 3748 section 5. */
  identity: 1,
  notification: 2,
  nak: 3,
  md5Challenge: 4,
  oneTimePassword: 5,
  genericTokenCard: 6,
  /** RFC 5216. */
  tls: 13,
  /** RFC 4186. */
  sim: 18,
  /** RFC 5281. */
  ttls: 21,
  /** RFC 4187. */
  aka: 23,
  peap: 25,
  /** RFC 4851. */
  fast: 43,
  /** RFC 9048. */
  akaPrime: 50,
  /** RFC 5931. */
  pwd: 52,
  /** RFC 7170. */
  teap: 55,
  /** RFC 3748 sections 5.7 and 5.8. */
  expanded: 254,
  experimental: 255,
} as const;
