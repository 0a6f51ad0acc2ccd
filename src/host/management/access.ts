import { apiCounters } from '../../operations/access/api-counters.ts';
import { FailureLimit } from '../../operations/access/failure-limit.ts';
import type { ManagementDoor, ManagementReader } from '../../operations/access/management-reader.ts';
import { mayKnow, type Principal } from '../../operations/access/role.ts';
import type { User } from '../../operations/access/users-file.ts';
import type { Audit, AuditEntry } from '../../operations/audit/audit.ts';
import { type Refusal, refuse } from '../../operations/views/view.ts';
import { LoginSessions } from '../access/sessions.ts';
import { Users } from '../access/users.ts';
import { AuditLog } from '../audit/audit-log.ts';
import { now } from '../clock.ts';

/** Who somebody is, or why they are not let in. */
export type Entered =
  | { readonly ok: true; readonly principal: Principal }
  | { readonly ok: false; readonly refusal: Refusal };

const wrong = refuse(
  'unauthenticated',
  'these credentials let nobody in',
  'see whether the token is the last one made, and the user still there',
);

/**
 * What all doors of the management have in common: who the users are, who is logged in, who has failed too often, what is
 * counted and what is audited.
 */
export class ManagementAccess implements ManagementReader {
  readonly counters = apiCounters();
  readonly audit: Audit;
  readonly sessions = new LoginSessions();
  /** Undefined where nobody but the owner of the socket may do anything. */
  readonly userList: Users | undefined;
  readonly #failures = new FailureLimit();
  readonly #doors: (() => ManagementDoor)[] = [];

  constructor(audit: Audit = { changes: AuditLog.inMemory() }, usersFile?: string) {
    this.audit = audit;
    this.userList =
      usersFile === undefined ? undefined : new Users(usersFile, (before, after) => this.#usersChanged(before, after));
  }

  get loginSessions(): number {
    return this.sessions.size;
  }

  doors(): readonly ManagementDoor[] {
    return this.#doors.map((door) => door());
  }

  users(): { readonly file: string; readonly problem: string | null } | undefined {
    return this.userList && { file: this.userList.path, problem: this.userList.problem ?? null };
  }

  addDoor(door: () => ManagementDoor): void {
    this.#doors.push(door);
  }

  async byToken(token: string, from: string | null): Promise<Entered> {
    return this.#attempt(from, null, async () => {
      const user = await this.userList?.ofToken(token);
      return user && { name: user.name, roles: user.roles, via: 'token', from };
    });
  }

  async byPassword(name: string, password: string, from: string | null): Promise<Entered> {
    const entered = await this.#attempt(from, { name }, async () => {
      const user = await this.userList?.ofPassword(name, password);
      return user && { name: user.name, roles: user.roles, via: 'password', from };
    });
    if (entered.ok) {
      this.counters.add('api.logins');
      await this.#note('login', entered.principal.name, from, { name }, 'done', null, 'password');
    }
    return entered;
  }

  /** Whoever has been let in by password, with the roles that they have now. */
  async bySession(key: string, from: string | null): Promise<Entered> {
    const name = this.sessions.userOf(key, now());
    const user = name === undefined ? undefined : await this.userList?.ofName(name);
    if (user !== undefined)
      return { ok: true, principal: { name: user.name, roles: user.roles, via: 'session', from } };
    this.counters.add('api.refused.unauthenticated');
    return refuse('unauthenticated', 'you are not logged in, or no longer', 'log in');
  }

  /** Somebody tries to show who they are. Whoever has failed too often is not even looked at. */
  async #attempt(from: string | null, subject: unknown, find: () => Promise<Principal | undefined>): Promise<Entered> {
    const address = from ?? 'unix-socket';
    const blockedUntil = this.#failures.blockedUntil(address, now());
    if (blockedUntil !== undefined) {
      this.counters.add('api.refused.too-many-failures');
      const seconds = Math.ceil((blockedUntil - now()) / 1000);
      return refuse('too-many', 'too many attempts from this address have failed', `try again in ${seconds} s`);
    }
    // Counted before it is known: many attempts at once are as many as one after the other.
    this.#failures.failed(address, now());
    const principal = await find();
    if (principal !== undefined) {
      this.#failures.succeeded(address);
      return { ok: true, principal };
    }
    this.counters.add('api.refused.credentials');
    await this.#note('login', null, from, subject, wrong.refusal.code, wrong.refusal.what, null);
    return wrong;
  }

  /** Who may do what has been changed, by `samog user` or by hand. Holders of `intercept` are told of to their like alone. */
  #usersChanged(before: readonly User[], after: readonly User[]): void {
    const stranger = { roles: [] };
    const open = (users: readonly User[]) =>
      users.filter(({ roles }) => roles.every((role) => mayKnow(stranger, role))).map(described);
    const hidden = (users: readonly User[]) =>
      users.filter(({ roles }) => !roles.every((role) => mayKnow(stranger, role))).map(described);
    this.#noteUsers(this.audit.changes, open(before), open(after));
    if (this.audit.intercept !== undefined) this.#noteUsers(this.audit.intercept, hidden(before), hidden(after));
  }

  #noteUsers(trail: Audit['changes'], before: readonly string[], after: readonly string[]): void {
    const removed = before.filter((user) => !after.includes(user));
    const added = after.filter((user) => !before.includes(user));
    if (removed.length + added.length === 0) return;
    const entry = {
      ...nobody,
      kind: 'noted',
      request: 'users file',
      subject: { removed, added },
      result: 'done',
    } as const;
    trail.append(entry).catch(() => {});
  }

  async #note(
    kind: 'login',
    who: string | null,
    from: string | null,
    subject: unknown,
    result: string,
    what: string | null,
    via: Principal['via'] | null,
  ): Promise<void> {
    const entry: AuditEntry = { kind, of: null, who, via, from, request: 'login', subject, result, what };
    // What cannot be written is told by the trail's `failing`.
    await this.audit.changes.append(entry).catch(() => {});
  }
}

const nobody = { of: null, who: null, via: null, from: null, what: null } as const;

/** A user and what they may do and show, without any secret. */
function described({ name, roles, token, password, unixUser }: User): string {
  const ways = [
    ...(token === undefined ? [] : [`token ${token.slice(-8)}`]),
    ...(password === undefined ? [] : [`password ${password.slice(-8)}`]),
    ...(unixUser === undefined ? [] : [`unix user ${unixUser}`]),
  ];
  return `${name} (${roles.join(', ')}; ${ways.join(', ')})`;
}
