import { z } from 'zod';
import { type Role, roles } from './role.ts';

/** Somebody who has logged in at one chassis of a pair, as the other one needs to know. */
export interface LoggedIn {
  readonly userName: string;
  /** As granted at that chassis. */
  readonly roles: readonly Role[];
  /** A digest of the password as it is stored there. */
  readonly proof: string;
  /** The log-in by password from which this follows, on whichever chassis. */
  readonly logIn: string;
  /** How long ago that was. */
  readonly ageMs: number;
}

/** What a ticket from one chassis to the other says. */
export interface LogInTicket extends LoggedIn {
  /** Random: of each ticket there is one use. */
  readonly id: string;
  /** The chassis that has given it. */
  readonly from: string;
  /** When, in milliseconds since 1970 by its clock. */
  readonly epochMs: number;
}

const name = z.string().min(1).max(64);
const written = z.object({
  version: z.literal(1),
  id: name,
  from: z.string(),
  epochMs: z.number(),
  userName: z.string(),
  roles: z.array(z.enum(roles)),
  proof: z.string(),
  logIn: name,
  ageMs: z.number().min(0),
});

/** A ticket as it is sealed. */
export function ticketText(ticket: LogInTicket): string {
  return JSON.stringify({ version: 1, ...ticket });
}

/** Undefined of a text that is none. What a newer release adds is passed over. */
export function parseTicket(text: string): LogInTicket | undefined {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { success, data: ticket } = written.safeParse(data);
  if (!success) return undefined;
  const { version: _, ...said } = ticket;
  return said;
}
