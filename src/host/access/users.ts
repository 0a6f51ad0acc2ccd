import { open, stat } from 'node:fs/promises';
import { parseUsers, type User } from '../../operations/access/users-file.ts';
import { passwordFits, sameText, tokenHash } from './credentials.ts';

/** What the file is written over by is told to whoever keeps an audit. */
export type UsersChanged = (before: readonly User[], after: readonly User[]) => void;

/**
 * The users of the management API, as their file has them now: it is looked at for each question, and read anew when it has
 * changed. While it cannot be read, or others than its owner may read it, there are no users at all.
 */
export class Users {
  readonly path: string;
  readonly #changed: UsersChanged | undefined;
  #users: readonly User[] = [];
  #version = '';
  #problem: string | undefined;
  #looking: Promise<readonly User[]> | undefined;

  constructor(path: string, changed?: UsersChanged) {
    this.path = path;
    this.#changed = changed;
  }

  /** What is wrong with the file; undefined if nothing is. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** All of them. */
  all(): Promise<readonly User[]> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #look(): Promise<readonly User[]> {
    try {
      const { ino, size, mtimeMs, mode } = await stat(this.path);
      if ((mode & 0o077) !== 0) throw new Error('others than its owner may read it: chmod 600');
      const version = `${ino} ${size} ${mtimeMs}`;
      if (version !== this.#version) this.#take(await this.#read(), version);
    } catch (error) {
      this.#problem = error instanceof Error ? error.message : String(error);
      this.#take([], '');
    }
    return this.#users;
  }

  async ofName(name: string): Promise<User | undefined> {
    return (await this.all()).find((user) => user.name === name);
  }

  /** Looks at all of them, found or not: who guesses learns nothing from the time it takes. */
  async ofToken(token: string): Promise<User | undefined> {
    const hash = tokenHash(token);
    let found: User | undefined;
    for (const user of await this.all()) if (sameText(user.token ?? '', hash)) found = user;
    return found;
  }

  async ofPassword(name: string, password: string): Promise<User | undefined> {
    const user = await this.ofName(name);
    return (await passwordFits(password, user?.password)) ? user : undefined;
  }

  #take(users: readonly User[], version: string): void {
    const before = this.#users;
    const isFirst = this.#version === '';
    this.#users = users;
    this.#version = version;
    if (version !== '') this.#problem = undefined;
    if (!isFirst || before.length > 0) this.#changed?.(before, users);
  }

  async #read(): Promise<readonly User[]> {
    const file = await open(this.path, 'r');
    try {
      const parsed = parseUsers(await file.readFile('utf8'));
      if (parsed.ok) return parsed.users;
      throw new Error(parsed.what);
    } finally {
      await file.close();
    }
  }
}
