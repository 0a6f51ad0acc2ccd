import type { IpAddress } from '../../kernel/address.ts';

/**
 * A request that the session has carried out, by what makes it that one (RFC 5080 section 2.2.2). If it comes again, on
 * whichever chassis, it has its answer and no effect.
 */
export interface AnsweredRequest {
  readonly client: IpAddress;
  readonly port: number;
  readonly identifier: number;
  /** 16 octets. */
  readonly authenticator: Uint8Array;
}
