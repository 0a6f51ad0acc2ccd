import type { BookedAccount } from '../../peers/accounting-books.ts';
import { acctSessionIdOf } from '../../services/samog/account-id.ts';
import type { DurableSession } from '../../services/samog/session/state.ts';
import type { Stage } from '../stage.ts';

/** What the data path has counted of a session, in octets of the UE's own IP packets. */
interface MovedOctets {
  readonly uplinkOctets: number;
  readonly downlinkOctets: number;
}

/** The session's account as AAA has it; undefined before its START. */
export function bookedAccount(
  stage: Stage,
  session: Pick<DurableSession, 'id' | 'bornSecond'>,
): BookedAccount | undefined {
  return stage.lab.books.of(acctSessionIdOf(session));
}

/** Expects one account at AAA, ended by this cause (RFC 2866 section 5.10), with what the data path has counted, to the octet. */
export function expectOneAccount(
  stage: Stage,
  entry: BookedAccount | undefined,
  cause: number,
  moved: MovedOctets | undefined,
): void {
  const { books } = stage.lab;
  stage.expect(entry?.cause === cause, `the cause at AAA is ${entry?.cause}`);
  stage.expect(
    entry?.inputOctets === moved?.uplinkOctets && entry?.outputOctets === moved?.downlinkOctets,
    `AAA has ${entry?.inputOctets} and ${entry?.outputOctets} octets, not ${moved?.uplinkOctets} and ${moved?.downlinkOctets}`,
  );
  stage.expect([...books.accounts()].length === 1, 'AAA has more than one account');
  stage.failures.push(...books.takeWrong());
}
