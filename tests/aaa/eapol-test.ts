import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { insertSimCard, type SimCard } from './sim-card.ts';

/** `eapol_test` of wpa_supplicant: a UE and its access point in one, toward an authentication server. */
export interface EapolTest {
  readonly folder: string;
  readonly name: string;
  /** The lines of a `network` block of wpa_supplicant's configuration. */
  readonly network: readonly string[];
  readonly server: string;
  readonly secret: string;
  /** Where the access point sends from. */
  readonly client: string;
  /** Of the UE. */
  readonly mac: string;
  readonly sim?: SimCard;
  /** Starts a command, where it is not to run as it is; its output is to be read. */
  readonly launch?: (command: readonly [string, ...string[]]) => ChildProcess;
}

export interface EapolResult {
  /** The server has accepted, and the keys of UE and access point are equal. */
  readonly succeeded: boolean;
  readonly output: string;
}

const patienceSeconds = 20;
/** What it calls the radio that it has not. */
const interfaceName = 'test';

/** Authenticates once. */
export function eapolTest({
  folder,
  name,
  network,
  server,
  secret,
  client,
  mac,
  sim,
  launch = ([program, ...args]) => spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] }),
}: EapolTest): Promise<EapolResult> {
  const file = join(folder, `${name}.conf`);
  const control = join(folder, `${name}.control`);
  const head = sim === undefined ? '' : `ctrl_interface=${control}\nexternal_sim=1\n`;
  writeFileSync(
    file,
    `${head}network={\n  key_mgmt=IEEE8021X\n  eapol_flags=0\n${network.map((line) => `  ${line}\n`).join('')}}\n`,
  );
  const args = ['-c', file, '-a', server, '-s', secret, '-A', client, '-M', mac, '-t', String(patienceSeconds)];
  // It begins when somebody has attached to its control socket.
  if (sim !== undefined) args.push('-W');
  const card = sim && insertSimCard(join(control, interfaceName), sim);
  const child = launch(['eapol_test', ...args]);
  let output = '';
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (data) => (output += String(data)));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      card?.kill();
      resolve({ succeeded: code === 0 && /^SUCCESS$/m.test(output), output });
    });
  });
}
