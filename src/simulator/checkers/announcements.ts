import { accountNameOf } from '../../services/samog/account-id.ts';
import { find } from '../../wire/bytes/tlv.ts';
import { radiusAttribute } from '../../wire/radius/attributes.ts';
import { acctStatusType, radiusCode } from '../../wire/radius/constants.ts';
import { decodeRadius } from '../../wire/radius/packet.ts';

/**
 * Reads what the gateway sends to AAA servers: Accounting-On and -Off would end there what lives here (RFC 2866 section 5.1),
 * so neither leaves while a session lives whose START has left, whichever chassis has it.
 */
export class AnnouncementsWatch {
  /** Accounts whose START has left and whose STOP has not. */
  readonly #open = new Set<string>();
  readonly #holds: (sessionId: number) => boolean;
  sent = 0;

  /** @param holds whether a chassis serves a session, or has a record of it */
  constructor(holds: (sessionId: number) => boolean) {
    this.#holds = holds;
  }

  /** A packet to an AAA server leaves. Returns what is wrong with that. */
  leaves(bytes: Uint8Array): readonly string[] {
    const decoded = decodeRadius(bytes);
    if (!decoded.ok || decoded.value.code !== radiusCode.accountingRequest) return [];
    const { attributes } = decoded.value;
    const account = find(attributes, radiusAttribute.acctSessionId) ?? '';
    switch (find(attributes, radiusAttribute.acctStatusType)) {
      case acctStatusType.start:
        this.#open.add(account);
        return [];
      case acctStatusType.stop:
        this.#open.delete(account);
        return [];
      case acctStatusType.accountingOn:
      case acctStatusType.accountingOff:
        this.sent += 1;
        return this.#living().map((living) => `Accounting-On or -Off leaves while ${living} lives`);
      default:
        return [];
    }
  }

  /** What no chassis has any more was lost with both of them. */
  #living(): readonly string[] {
    for (const account of this.#open) {
      if (!this.#holds(accountNameOf(account)?.id ?? 0)) this.#open.delete(account);
    }
    return [...this.#open];
  }
}
