/** The digest that SRP needs, given by the host: the core has no cryptography of its own. */
export interface SrpDigests {
  /** HMAC-SHA-256 (RFC 2104, FIPS 180-4), 32 octets. */
  hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array;
}

/** Compression negotiated for a connection, given by the host. */
export interface SrpCompression {
  compress(body: Uint8Array): Uint8Array;
  /** The body, or undefined if the octets are not compressed ones or would become more than `maxOctets`. */
  decompress(octets: Uint8Array, maxOctets: number): Uint8Array | undefined;
}
