import { type ChildProcess, execFileSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { endProcess, type Namespaces } from '../endtoend/namespaces.ts';
import { type ArchivedFile, cpioArchive } from './archive.ts';
import type { Kernel } from './kernel.ts';

/**
 * What runs in the machine first, and stays: it loads the modules, then takes a script a line from the test and answers with its exit code and what
 * it printed, on a port that is neither a terminal nor a network.
 */
const init = `#!/bin/busybox sh
/bin/busybox mkdir -p /bin /sbin /proc /sys /dev /run /tmp /var
/bin/busybox ln -s /run /var/run
/bin/busybox --install -s /bin
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
for module in $(cat /modules/order); do insmod /modules/$module.ko $(cat /modules/$module.parameters 2>/dev/null); done
ip link set lo up
exec 3<>/dev/vport0p1
echo ready >&3
while read -r line <&3; do
  echo "$line" | base64 -d > /run/script
  sh -e /run/script > /run/printed 2>&1 < /dev/null
  code=$?
  echo "$code $(base64 -w 0 < /run/printed)" >&3
done
poweroff -f
`;

/** Without what only guards against other users of the processor: emulated, it takes half of the time. */
const kernelParameters = 'console=ttyS0 quiet panic=-1 mitigations=off';

export interface MachineOptions {
  readonly kernel: Kernel;
  /** Modules, each with its parameters. */
  readonly modules: Readonly<Record<string, string>>;
  /** Programs of this host, which it has with their libraries. */
  readonly programs: readonly string[];
  readonly files: Readonly<Record<string, string>>;
  /** The TAP interfaces, in the namespace, at the other end of its `eth0`, `eth1` and so on. */
  readonly taps: readonly string[];
}

/**
 * A machine of its own, with Debian's kernel, in the memory of QEMU. It is emulated and does not need /dev/kvm, which is there in many a
 * container and does not work.
 */
export class Machine {
  readonly #child: ChildProcess;
  readonly #log: string;
  readonly #waiting: { resolve: (answer: string) => void; reject: (error: Error) => void }[] = [];
  readonly #ready: Promise<string>;
  #complaints = '';
  #ended: Error | undefined;

  constructor(namespaces: Namespaces, namespace: string, { kernel, taps, ...content }: MachineOptions) {
    const initramfs = join(namespaces.folder, 'initramfs');
    this.#log = join(namespaces.folder, 'kernel.log');
    writeFileSync(initramfs, cpioArchive(filesOf({ kernel, ...content })));
    const networks = taps.flatMap((tap, index) => [
      ...['-netdev', `tap,id=${tap},ifname=${tap},script=no,downscript=no`],
      // Checksums are in the packets, as on a wire: the raw socket of the gateway has them from nowhere else.
      ...['-device', `virtio-net-pci,netdev=${tap},mac=02:00:00:00:70:0${index},csum=off,guest_csum=off,romfile=`],
    ]);
    const command = [
      ...['qemu-system-x86_64', '-accel', 'tcg', '-m', '512', '-nodefaults', '-no-user-config', '-display', 'none'],
      ...['-kernel', kernel.image, '-initrd', initramfs, '-append', kernelParameters, '-no-reboot'],
      ...['-serial', `file:${this.#log}`, '-device', 'virtio-serial-pci', '-chardev', 'stdio,id=test,signal=off'],
      ...['-device', 'virtserialport,chardev=test', ...networks],
    ];
    this.#child = namespaces.start(namespace, command, { stdio: ['pipe', 'pipe', 'pipe'] });
    createInterface({ input: this.#child.stdout! }).on('line', (line) => this.#waiting.shift()?.resolve(line));
    this.#child.stderr!.setEncoding('utf8').on('data', (text) => (this.#complaints += text));
    this.#child.once('exit', () => {
      this.#ended = new Error(`the machine has ended:\n${this.log}`);
      for (const { reject } of this.#waiting.splice(0)) reject(this.#ended);
    });
    // It may end with a script on the way; the exit tells.
    this.#child.stdin!.on('error', () => {});
    this.#ready = this.#answer();
    this.#ready.catch(() => {});
  }

  async ready(): Promise<void> {
    await this.#ready;
  }

  /** Runs a script of its shell, up to the first command that fails; what it printed. @throws Error if one fails */
  async run(script: string): Promise<string> {
    const answer = this.#answer();
    this.#child.stdin!.write(`${Buffer.from(script).toString('base64')}\n`);
    const [code, printed = ''] = (await answer).split(' ');
    const text = Buffer.from(printed, 'base64').toString();
    if (code !== '0') throw new Error(`${script}\nends with ${code}:\n${text}`);
    return text;
  }

  /** What its kernel, and QEMU, have said. */
  get log(): string {
    return this.#complaints + (existsSync(this.#log) ? readFileSync(this.#log, 'utf8') : '');
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null) await endProcess(this.#child);
  }

  #answer(): Promise<string> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }
}

function filesOf({ kernel, modules, programs, files }: Omit<MachineOptions, 'taps'>): ArchivedFile[] {
  const text = (path: string, content: string, mode = 0o644): ArchivedFile => {
    return { path, mode, data: Buffer.from(content) };
  };
  const loaded = kernel.modules(Object.keys(modules));
  return [
    text('init', init, 0o755),
    text('modules/order', [...loaded.keys()].join('\n')),
    ...[...loaded].map(([name, data]) => ({ path: `modules/${name}.ko`, mode: 0o644, data })),
    ...Object.entries(modules).map(([name, parameters]) => text(`modules/${name}.parameters`, parameters)),
    ...[...withLibraries(programs)].map(([path, from]) => ({
      path: path.slice(1),
      mode: 0o755,
      data: readFileSync(from),
    })),
    ...Object.entries(files).map(([path, content]) => text(path, content, 0o755)),
  ];
}

/** Programs and all libraries that they need, as found by the loader: where each is to be, and where it is. */
function withLibraries(programs: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const program of programs) {
    const path = (process.env['PATH'] ?? '')
      .split(delimiter)
      .map((folder) => join(folder, program))
      .find(existsSync)!;
    found.set(program === 'busybox' ? '/bin/busybox' : `/usr/bin/${program}`, realpathSync(path));
    const libraries = execFileSync('ldd', [path], { encoding: 'utf8' });
    for (const [library] of libraries.matchAll(/(?<=\s)\/\S+/g)) found.set(library, realpathSync(library));
  }
  return found;
}
