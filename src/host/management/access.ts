import { apiCounters } from '../../operations/access/api-counters.ts';
import { FailureLimit } from '../../operations/access/failure-limit.ts';
import type { ManagementDoor, ManagementReader } from '../../operations/access/management-reader.ts';
import { openRolesOf, type Principal, rolesOf } from '../../operations/access/role.ts';
import type { User } from '../../operations/access/users-file.ts';
import type { Audit, AuditEntry, AuditTrail } from '../../operations/audit/audit.ts';
import type { ExportRun } from '../../operations/export/export-run.ts';
import { type Refusal, refuse } from '../../operations/views/view.ts';
import type { LogInTickets } from '../access/log-in-tickets.ts';
import { type LogIn, LoginSessions, newLogIn, proofOf } from '../access/sessions.ts';
import { Users } from '../access/users.ts';
import { AuditLog } from '../audit/audit-log.ts';
import { now } from '../clock.ts';
import { Exports } from './exports.ts';
import { Turns } from './turns.ts';

/** Who somebody is, or why they are not let in. */
export type Entered =
  | { readonly ok: true; readonly principal: Principal }
  | { readonly ok: false; readonly refusal: Refusal };

/** Somebody who has logged in, with the key of their session. */
export type LoggedIn = (Extract<Entered, { readonly ok: true }> & { readonly key: string }) | Refused;

type Refused = Extract<Entered, { readonly ok: false }>;

const notLoggedIn = refuse('unauthenticated', 'you are not logged in, or no longer', 'log in');

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
  userList: Users | undefined;
  /** With which one goes on at the other chassis of a pair; undefined on a chassis that is alone. */
  tickets: LogInTickets | undefined;
  /** Of all doors together, like what follows. */
  readonly exporter: Exports;
  /** For each answer one, so that packets are served between any two. */
  readonly turns = new Turns();
  readonly #failures = new FailureLimit();
  readonly #doors = new Set<() => ManagementDoor>();

  constructor(audit: Audit = { changes: AuditLog.inMemory() }, usersFile?: string) {
    this.audit = audit;
    this.exporter = new Exports(this.counters, audit.changes);
    this.userList = this.usersOf(usersFile);
  }

  /** The users of a file; to be put in place of `userList`. */
  usersOf(file: string | undefined): Users | undefined {
    return file === undefined ? undefined : new Users(file, (before, after) => this.#usersChanged(before, after));
  }

  get loginSessions(): number {
    return this.sessions.size;
  }

  get exports(): readonly ExportRun[] {
    return this.exporter.runs;
  }

  doors(): readonly ManagementDoor[] {
    return Array.from(this.#doors, (door) => door());
  }

  users(): { readonly file: string; readonly problem: string | null } | undefined {
    return this.userList && { file: this.userList.path, problem: this.userList.problem ?? null };
  }

  /** Returns what takes it away again. */
  addDoor(door: () => ManagementDoor): () => void {
    this.#doors.add(door);
    return () => this.#doors.delete(door);
  }

  async byToken(token: string, from: string | null): Promise<Entered> {
    return this.#attempt(from, null, 'when it has failed', async () => {
      const user = await this.userList?.ofToken(token);
      return user && { name: user.name, roles: user.roles, via: 'token', from };
    });
  }

  async logIn(name: string, password: string, from: string | null): Promise<LoggedIn> {
    let proof = '';
    const entered = await this.#attempt(from, { name }, 'beforehand', async () => {
      const user = await this.userList?.ofPassword(name, password);
      proof = proofOf(user?.password);
      return user && { name: user.name, roles: user.roles, via: 'password', from };
    });
    if (!entered.ok) return entered;
    return this.#begin(entered.principal, { userName: name, proof, logIn: newLogIn(), begunAt: now() });
  }

  /**
   * Somebody who has logged in at the other chassis, and would be let in by the same password here: who has the same one, and the
   * same roles.
   */
  async follow(ticket: string, from: string | null): Promise<LoggedIn> {
    let followed: LogIn | undefined;
    const entered = await this.#attempt(from, null, 'when it has failed', async () => {
      const told = this.tickets?.take(ticket);
      if (told === undefined) return undefined;
      const { userName, proof, logIn, ageMs } = told;
      followed = { userName, proof, logIn, begunAt: now() - ageMs };
      const user = await this.#userOf(followed);
      const isSame = user !== undefined && String(rolesOf(user.roles)) === String(rolesOf(told.roles));
      if (!isSame || !this.sessions.maySucceed(followed, now())) return undefined;
      return { name: user.name, roles: user.roles, via: 'ticket', from };
    });
    return entered.ok ? this.#begin(entered.principal, followed!) : entered;
  }

  /** A ticket for whoever is logged in; null on a chassis that is alone. */
  async ticketOf(key: string, from: string | null): Promise<{ ok: true; ticket: string | null } | Refused> {
    const entered = await this.bySession(key, from);
    const found = this.sessions.find(key, now());
    if (!entered.ok || found === undefined) return entered.ok ? notLoggedIn : entered;
    const { userName, proof, logIn, begunAt } = found;
    const { roles } = entered.principal;
    const ticket = this.tickets?.give({ userName, roles, proof, logIn, ageMs: now() - begunAt }) ?? null;
    return { ok: true, ticket };
  }

  /** Whoever is logged in, with the roles that they have now. */
  async bySession(key: string, from: string | null): Promise<Entered> {
    const found = this.sessions.find(key, now());
    const user = found && (await this.#userOf(found));
    if (user !== undefined)
      return { ok: true, principal: { name: user.name, roles: user.roles, via: 'session', from } };
    this.counters.add('api.refused.unauthenticated');
    return notLoggedIn;
  }

  /** Undefined if there is none any more, or they have another password now. */
  async #userOf({ userName, proof }: LogIn): Promise<User | undefined> {
    const user = await this.userList?.ofName(userName);
    return user?.password !== undefined && proofOf(user.password) === proof ? user : undefined;
  }

  async #begin(principal: Principal, who: LogIn): Promise<LoggedIn> {
    this.counters.add('api.logins');
    const { name, roles, via, from } = principal;
    const trail = openRolesOf(roles).length > 0 ? this.audit.changes : this.audit.intercept;
    await note(trail, { who: name, via, from, subject: { name }, result: 'done', what: null });
    return { ok: true, principal, key: this.sessions.begin(who, now()) };
  }

  /**
   * Somebody tries to show who they are. Whoever has failed too often is not even looked at.
   *
   * @param counted a password takes its time, and many guesses at once are to be as many as one after the other; tokens come with
   * every request, many at once, and cannot be guessed
   */
  async #attempt(
    from: string | null,
    subject: unknown,
    counted: 'beforehand' | 'when it has failed',
    find: () => Promise<Principal | undefined>,
  ): Promise<Entered> {
    const address = from ?? 'unix-socket';
    const blockedUntil = this.#failures.blockedUntil(address, now());
    if (blockedUntil !== undefined) {
      this.counters.add('api.refused.too-many-failures');
      const seconds = Math.ceil((blockedUntil - now()) / 1000);
      return refuse('too-many', 'too many attempts from this address have failed', `try again in ${seconds} s`);
    }
    if (counted === 'beforehand') this.#failures.failed(address, now());
    const principal = await find();
    if (principal !== undefined) {
      if (counted === 'beforehand') this.#failures.succeeded(address);
      return { ok: true, principal };
    }
    if (counted !== 'beforehand') this.#failures.failed(address, now());
    this.counters.add('api.refused.credentials');
    const { code: result, what } = wrong.refusal;
    await note(this.audit.changes, { who: null, via: null, from, subject, result, what });
    return wrong;
  }

  /** Who may do what has been changed, by `samog user` or by hand. The role `intercept` is told of to its holders alone. */
  #usersChanged(before: readonly User[], after: readonly User[]): void {
    const open = (users: readonly User[]) =>
      users
        .map((user) => ({ ...user, roles: openRolesOf(user.roles) }))
        .filter(({ roles }) => roles.length > 0)
        .map(described);
    const hidden = (users: readonly User[]) =>
      users.filter(({ roles }) => openRolesOf(roles).length < roles.length).map(described);
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
}

/** What cannot be written is told by the trail's `failing`. */
async function note(
  trail: AuditTrail | undefined,
  how: Pick<AuditEntry, 'who' | 'via' | 'from' | 'subject' | 'result' | 'what'>,
): Promise<void> {
  await trail?.append({ kind: 'login', of: null, request: 'login', ...how }).catch(() => {});
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
