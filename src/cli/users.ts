import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { newToken, passwordHash, tokenHash } from '../host/access/credentials.ts';
import { readUsers, writeUsers } from '../host/access/edit-users.ts';
import { type Role, roles } from '../operations/access/role.ts';
import { type User, userNamePattern } from '../operations/access/users-file.ts';
import { readConfiguration } from './configuration.ts';
import { CommandError, exitCode } from './exit-code.ts';
import { complain, printJson, printLines } from './output.ts';

/** What `samog user` is asked for. */
export interface UserChange {
  readonly kind: 'add' | 'token' | 'password' | 'remove' | 'list';
  readonly name: string;
  readonly users?: string;
  readonly config?: string;
  readonly json?: boolean;
  readonly role?: readonly string[];
  readonly password?: boolean;
  readonly unixUser?: string;
}

/** What there is to guess has at least so many characters. */
const passwordLengthMin = 12;

interface Outcome {
  readonly users: readonly User[];
  /** Shown once. */
  readonly token?: string;
}

/** Carries out `samog user`; returns the exit code. The gateway takes note of the file by itself. */
export async function changeUsers(change: UserChange): Promise<number> {
  const file = fileOf(change);
  if (change.kind !== 'add' && !existsSync(file)) {
    const hint = `name another one, or make it: "samog user add NAME --role view --users ${file}"`;
    throw new CommandError(exitCode.notFound, `there is no users file ${file}`, hint);
  }
  const before = attempted(() => readUsers(file));
  if (change.kind === 'list') {
    list(before, change.json === true);
    return exitCode.done;
  }
  const { users, token } = await after(file, before, change);
  attempted(() => writeUsers(file, users));
  const { name } = change;
  const user = users.find((one) => one.name === name);
  if (change.json === true) printJson({ file, name, roles: user?.roles ?? null, token: token ?? null });
  else if (token === undefined) printLines([`${file}: ${name} ${user === undefined ? 'is removed' : 'is there'}`]);
  else {
    complain(`The token of ${name}, which is shown this once:`);
    printLines([token]);
  }
  return exitCode.done;
}

async function after(file: string, users: readonly User[], change: UserChange): Promise<Outcome> {
  const { kind, name } = change;
  const found = users.find((user) => user.name === name);
  if (kind === 'add') {
    if (found !== undefined) throw refused(`there is a user ${name} already`, '"samog user token" makes a new token');
    const user = newUser(change);
    return given([...users, user], user, change.password === true ? 'password' : 'token');
  }
  if (found === undefined) {
    const what = `there is no user ${name} in ${file}`;
    throw new CommandError(exitCode.notFound, what, `"samog user list --users ${file}" tells who there is`);
  }
  if (kind === 'remove') return { users: users.filter((user) => user !== found) };
  return given(users, found, kind === 'password' ? 'password' : 'token');
}

function newUser({ name, role = [], unixUser }: UserChange): User {
  if (!userNamePattern.test(name)) {
    throw refused(`"${name}" is no name of a user`, 'use a letter, then up to 31 letters, digits, "-", "_" and "."');
  }
  const unknown = role.find((one) => !(roles as readonly string[]).includes(one));
  if (role.length === 0 || unknown !== undefined) {
    const what = unknown === undefined ? 'a role is missing' : `"${unknown}" is no role`;
    throw new CommandError(exitCode.usage, what, `give --role ${roles.join('|')}`);
  }
  return { name, roles: role as readonly Role[], ...(unixUser === undefined ? {} : { unixUser }) };
}

/** A user with a new secret. */
async function given(users: readonly User[], user: User, secret: 'token' | 'password'): Promise<Outcome> {
  const replaced = (by: User): readonly User[] => users.map((one) => (one === user ? by : one));
  if (secret === 'token') {
    const token = newToken();
    return { users: replaced({ ...user, token: tokenHash(token) }), token };
  }
  const password = await readPassword();
  if (password === undefined)
    throw refused('no password was given: nothing was done', 'type one, or have it in standard input');
  if (password.length < passwordLengthMin) {
    throw refused('the password is too short', `use at least ${passwordLengthMin} characters, such as four words`);
  }
  return { users: replaced({ ...user, password: await passwordHash(password) }) };
}

/** The first line of standard input, undefined where it ends before (Ctrl-C); at a terminal what is typed is not shown. */
function readPassword(): Promise<string | undefined> {
  const { stdin } = process;
  if (stdin.isTTY) process.stderr.write('Password: ');
  const lines = createInterface({ input: stdin, terminal: stdin.isTTY === true });
  return new Promise((resolve) => {
    lines.once('line', (line) => {
      resolve(line);
      lines.close();
    });
    lines.once('close', () => {
      if (stdin.isTTY) process.stderr.write('\n');
      resolve(undefined);
    });
  });
}

function list(users: readonly User[], json: boolean): void {
  const rows = users.map(({ name, roles: granted, token, password, unixUser }) => ({
    name,
    roles: granted,
    token: token !== undefined,
    password: password !== undefined,
    unixUser: unixUser ?? null,
  }));
  if (json) return printJson({ users: rows });
  printLines([
    ...rows.map(({ name, roles: granted, token, password, unixUser }) => {
      const ways = [token ? 'token' : '', password ? 'password' : '', unixUser === null ? '' : `unix user ${unixUser}`];
      return `${name.padEnd(32)}  ${granted.join(', ')}  (${ways.filter(Boolean).join(', ')})`;
    }),
    `Users: ${rows.length}`,
  ]);
}

function fileOf({ users, config }: UserChange): string {
  if (users !== undefined) return users;
  if (config === undefined)
    throw new CommandError(exitCode.usage, 'the users file is missing', 'give --users FILE or --config FILE');
  const parsed = readConfiguration(config);
  const named = parsed.ok ? parsed.config.management.usersFile : undefined;
  if (named !== undefined) return named;
  throw refused(`${config} names no users file`, 'set management.users in it, or give --users FILE');
}

function refused(what: string, hint: string): CommandError {
  return new CommandError(exitCode.refused, what, hint);
}

function attempted<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    const { code, path, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw refused(message, 'name the users file: "samog user add" makes one');
    const hint = code === 'ENOENT' ? 'make its folder first' : 'use the user that runs the gateway, or root';
    throw refused(`cannot use ${path ?? 'the users file'}: ${code}`, hint);
  }
}
