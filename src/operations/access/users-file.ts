import { z } from 'zod';
import { type Role, roles } from './role.ts';

/** The names that users may have. */
export const userNamePattern = /^[A-Za-z][A-Za-z0-9._-]{0,31}$/;

const userSchema = z.strictObject({
  name: z.string().regex(userNamePattern),
  roles: z.array(z.enum(roles)).min(1),
  /** `sha256:` and the digest of the token in hexadecimal: a token is 256 random bits, so that nothing has to be slow. */
  token: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/)
    .optional(),
  /** `scrypt:N:r:p:SALT:KEY`, the last two in base64url. */
  password: z
    .string()
    .regex(/^scrypt:\d{1,8}:\d{1,3}:\d{1,3}:[\w-]{22,64}:[\w-]{43,128}$/)
    .optional(),
  /** The user of this host who has these roles at the Unix socket. */
  unixUser: z.string().min(1).max(64).optional(),
});

const usersFileSchema = z
  .strictObject({ users: z.array(userSchema).max(1000) })
  .refine(({ users }) => new Set(users.map(({ name }) => name)).size === users.length, {
    error: 'a name is there twice',
  });

/** Somebody who may use the management API. */
export interface User {
  readonly name: string;
  readonly roles: readonly Role[];
  readonly token?: string | undefined;
  readonly password?: string | undefined;
  readonly unixUser?: string | undefined;
}

/** Reads a users file. Secrets are in it as hashes, and none is in what is said of a fault. */
export function parseUsers(
  text: string,
): { readonly ok: true; readonly users: readonly User[] } | { readonly ok: false; readonly what: string } {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return { ok: false, what: 'it is no JSON' };
  }
  const parsed = usersFileSchema.safeParse(data);
  if (parsed.success) return { ok: true, users: parsed.data.users };
  const { path = [], message = 'it is no list of users' } = parsed.error.issues[0] ?? {};
  return { ok: false, what: `${path.map(String).join('.') || 'the file'}: ${message}` };
}

/** The text of a users file. */
export function usersText(users: readonly User[]): string {
  return `${JSON.stringify({ users }, null, 2)}\n`;
}
