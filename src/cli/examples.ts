import type { Command } from 'commander';

/** Of each command that takes more than its words: how it is written. */
export const examples: Readonly<Record<string, readonly string[]>> = {
  run: ['run --config samog.yaml'],
  check: ['check --config samog.yaml'],
  'show alarms history': ['show alarms history limit 20'],
  'show audit': ['show audit user alice limit 50'],
  'show intercept audit': ['show intercept audit limit 50'],
  'show events': ['show events mac 02:00:5e:11:22:33 limit 50', 'show events since 10m filter kind=refusal,timer'],
  'show events catalogue': ['show events catalogue name aaa-server-dead'],
  'show forwarding': ['show forwarding drops', 'show forwarding mtu peer 198.51.100.7'],
  'show history': ['show history span 24h'],
  'show ladder': ['show ladder mac 02:00:5e:11:22:33', 'show ladder mac 02:00:5e:11:22:33 format mermaid'],
  'show monitor': ['show monitor filter "state=handover,denied profile=rg-west age<5m"'],
  'show session subsystem facility sessmgr': ['show session subsystem facility sessmgr instance 1 debug-info'],
  'show softgre peers': ['show softgre peers silent 5m', 'show softgre peers filter "profile=rg-west denied>0"'],
  'show srp checkpoint statistics': ['show srp checkpoint statistics active verbose'],
  'show srp micro-checkpoint statistics': ['show srp micro-checkpoint statistics debug-info'],
  'show subscribers': ['show subscribers count', 'show subscribers mac 02:00:5e:11:22:33 full'],
  'show subscribers samog-only': [
    'show subscribers samog-only mac 02:00:5e:11:22:33 full',
    'show subscribers samog-only filter "state=established peer=10.9.0.0/24"',
  ],
  'explain subscriber': ['explain subscriber 02:00:5e:11:22:33'],
  'clear subscribers': ['clear subscribers 02:00:5e:11:22:33', 'clear subscribers all --yes'],
  'clear export': ['clear export 3'],
  'alarms acknowledge': ['alarms acknowledge 7 note "ticket 4711"'],
  'path check': ['path check 198.51.100.7'],
  'session-manager restart': ['session-manager restart instance 2'],
  'srp initiate-switchover': ['srp initiate-switchover', 'srp initiate-switchover force wait 60 --yes'],
  'srp initiate-audit': ['srp initiate-audit manual-with-sync'],
  'srp enable nack': ['srp enable nack micro-chkpt-cmd 83'],
  'srp disable nack': ['srp disable nack micro-chkpt-cmd 83'],
  'configure show': ['configure show samog-service'],
  'configure set': [
    'configure set samog-service.setup-timeout 20s',
    'configure set twan-profiles.rg-west.clients 10.3.0.0/16',
  ],
  'configure delete': ['configure delete twan-profiles.rg-west.clients.10.2.0.0/16'],
  'configure load': ['configure load samog.yaml'],
  'configure compare': ['configure compare', 'configure compare 1'],
  'configure commit': [
    "configure commit confirmed 10 comment 'RG of the west wing'",
    'configure commit at 03:00 confirmed',
  ],
  'configure rollback': ['configure rollback 1'],
  'configure running': ['configure running', 'configure running 1'],
  completion: ['completion bash > /etc/bash_completion.d/samog'],
  cli: ["cli -c 'show sockets | csv' -c 'show events limit 5'"],
  doctor: ['doctor config samog.yaml', 'doctor path 198.51.100.7'],
  'mtu-doctor': ['mtu-doctor', 'mtu-doctor 198.51.100.7'],
  'tech-support': ['tech-support redact config samog.yaml out bundle.json'],
  capture: ['capture mac 02:00:5e:11:22:33 out ue.pcapng seconds 60', 'capture mac 02:00:5e:11:22:33 out ue.pcap legs'],
  monitor: [
    'monitor "state=handover,denied profile=rg-west"',
    'monitor --read ue.pcapng',
    'monitor subscriber 02:00:5e:11:22:33',
  ],
  'monitor subscriber': [
    'monitor subscriber 02:00:5e:11:22:33 kind=refusal,timer',
    'monitor subscriber 02:00:5e:11:22:33 --once --format mermaid',
  ],
  'user add': ['user add alice --role operate --config /etc/samog/samog.yaml > alice.token'],
  'user token': ['user token alice --users users.json > alice.token'],
  'user password': ['user password alice --users users.json'],
  'user remove': ['user remove alice --users users.json'],
  'user list': ['user list --config /etc/samog/samog.yaml'],
  demo: ['demo --once'],
  lab: ['lab --list', 'lab failover'],
  simulate: ['simulate --seed 7 --runs 100', 'simulate --faults --runs 10 --json'],
  bench: ['bench --list', 'bench attach --json'],
  'load send': [
    'load send --interface eth1 --from 198.51.100.7 --to 192.0.2.1 --next-hop 02:00:00:00:00:01 --mac 02:00:5e:11:22:33 --address 100.64.3.9',
  ],
  'load receive': ['load receive --interface eth2 --seconds 10'],
};

/** Ends the help of each command below this one with its examples. */
export function addExamples(root: Command, path: readonly string[] = []): void {
  for (const command of root.commands) {
    const words = [...path, command.name()];
    const lines = examples[words.join(' ')]?.map((example) => `  samog ${example}\n`);
    if (lines !== undefined)
      command.addHelpText('after', `\nExample${lines.length > 1 ? 's' : ''}:\n${lines.join('')}`);
    addExamples(command, words);
  }
}
