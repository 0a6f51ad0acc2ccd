import { Command } from 'commander';
import type { UserChange } from './users.ts';

/** `samog user`: who may use the management API. */
export function userCommand(setExitCode: (code: number) => void): Command {
  const user = new Command('user').description('who may operate the gateway: users, their roles and their tokens');
  const run = async (change: UserChange): Promise<void> => {
    const { changeUsers } = await import('./users.ts');
    setExitCode(await changeUsers(change));
  };
  const of = (words: string, description: string): Command =>
    user
      .command(words)
      .description(description)
      .option('--users <file>', 'the users file')
      .option('--config <file>', 'the configuration that names it (management.users)')
      .option('--json', 'print one JSON document', false);
  of('add <name>', 'add a user; prints a token, which is shown this once')
    .option(
      '--role <role>',
      'view, operate, configure or intercept; may be given several times',
      (role: string, others: readonly string[] = []) => [...others, role],
    )
    .option('--password', 'with a password, typed or from standard input, instead of a token', false)
    .option('--unix-user <user>', 'and this user of this host at the Unix socket')
    .action((name: string, options: object) => run({ kind: 'add', name, ...options }));
  of('token <name>', 'make a new token; the one before is void').action((name: string, options: object) =>
    run({ kind: 'token', name, ...options }),
  );
  of('password <name>', 'give a password, typed or from standard input').action((name: string, options: object) =>
    run({ kind: 'password', name, ...options }),
  );
  of('remove <name>', 'remove a user; who is logged in is so no longer').action((name: string, options: object) =>
    run({ kind: 'remove', name, ...options }),
  );
  of('list', 'every user and what they may do').action((options: object) =>
    run({ kind: 'list', name: '', ...options }),
  );
  return user;
}
