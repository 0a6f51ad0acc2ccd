import * as linux from './sockets/linux.ts';

/** sockaddr_un (linux/un.h): the family, then a path of up to 108 octets, or an abstract name after a zero octet. */
const sockaddrUn = { pathAt: 2, pathOctetsMax: 108 } as const;
const afUnix = 1;

/**
 * What the service manager that started this process wants to hear (sd_notify(3)): that it is ready, that it stops, and that
 * its event loop goes on. Without one nothing is told.
 */
export class ServiceManager {
  readonly #address: Uint8Array | undefined;
  readonly #watchdogMs: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param environment its NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID count */
  constructor(environment: NodeJS.ProcessEnv, pid: number) {
    this.#address = addressOf(environment['NOTIFY_SOCKET']);
    this.#watchdogMs = watchdogMsOf(environment, pid);
  }

  /** The service is up; from now on it gives signs of life, twice as often as it has to. */
  ready(): void {
    this.#tell('READY=1');
    if (this.#watchdogMs === undefined || this.#address === undefined) return;
    this.#tell('WATCHDOG=1');
    this.#timer = setInterval(() => this.#tell('WATCHDOG=1'), this.#watchdogMs / 2);
    this.#timer.unref();
  }

  /** The service is going down; signs of life go on until the process ends. */
  stopping(): void {
    this.#tell('STOPPING=1');
  }

  /** A service manager that cannot be reached changes nothing: it will find out by itself. */
  #tell(message: string): void {
    if (this.#address === undefined) return;
    const fd = linux.socket(afUnix, linux.sockDgram | linux.sockCloexec | linux.sockNonblock, 0);
    if (fd < 0) return;
    const text = Buffer.from(message);
    linux.sendto(fd, text, text.length, 0, this.#address, this.#address.length);
    linux.close(fd);
  }
}

function addressOf(path: string | undefined): Uint8Array | undefined {
  if (path === undefined || !/^[/@]/.test(path)) return undefined;
  const name = Buffer.from(path);
  if (name.length >= sockaddrUn.pathOctetsMax) return undefined;
  if (path.startsWith('@')) name[0] = 0;
  const address = Buffer.alloc(sockaddrUn.pathAt + name.length + (path.startsWith('@') ? 0 : 1));
  address.writeUInt16LE(afUnix, 0);
  name.copy(address, sockaddrUn.pathAt);
  return address;
}

/** WATCHDOG_PID says whose signs of life are meant; absent, everybody's. */
function watchdogMsOf(environment: NodeJS.ProcessEnv, pid: number): number | undefined {
  const microseconds = Number(environment['WATCHDOG_USEC']);
  const meant = environment['WATCHDOG_PID'];
  if (!Number.isFinite(microseconds) || microseconds <= 0) return undefined;
  return meant === undefined || Number(meant) === pid ? microseconds / 1000 : undefined;
}
