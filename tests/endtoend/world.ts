import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GatewayProcess } from './gateway-process.ts';
import { type FastPathUnderTest, interfacesOfGateway, Surroundings, serviceConfig } from './surroundings.ts';

/**
 * A gateway on real interfaces, the networks around it and everybody in them. It has one interface for each side:
 *
 *     UEs ~ TAP ~ access nodes ── acc0 ┤ gateway ├ s2a0 ── LMA ~ TUN ~ host
 *                                              └ aaa0 ── AAA server
 */
export class World extends Surroundings {
  readonly gw = this.namespaces.add('gw');
  readonly gateway: GatewayProcess;
  readonly #fastPath: FastPathUnderTest;
  #failed = false;

  /**
   * @param blocks further blocks of the gateway's configuration
   * @param pinFolder a BPF file system, for what is to outlive the gateway in the kernel
   */
  constructor(fastPath: FastPathUnderTest = 'off', blocks = '', pinFolder?: string) {
    super();
    this.#fastPath = fastPath;
    this.join(this.gw);
    this.gateway = new GatewayProcess(
      this.namespaces,
      this.gw,
      'gateway',
      (socket) => gatewayConfig(socket, fastPath, pinFolder) + blocks,
    );
  }

  async start(): Promise<void> {
    await this.startNodes();
    if (this.#fastPath === 'native') await this.startPassingAll();
    await this.gateway.start();
  }

  /**
   * Captures what the gateway receives and sends; call the result to end the capture and get its file. What XDP forwards is not
   * seen on the gateway, but by those around it.
   */
  async captureAroundGateway(filter: string): Promise<() => Promise<string>> {
    if (this.#fastPath === 'off') return this.capture(this.gw, 'gateway', filter);
    const ends = [await this.capture(this.access, 'access', filter), await this.capture(this.core, 'core', filter)];
    return async () => {
      const merged = join(this.folder, 'around.pcap');
      const paths = await Promise.all(ends.map((end) => end()));
      execFileSync('mergecap', ['-F', 'pcap', '-w', merged, ...paths]);
      return merged;
    };
  }

  /** To be called when a test has failed: writes down what the gateway says, and has the folder kept. */
  noteFailure(): void {
    if (!this.#failed) writeFileSync(join(this.folder, 'statistics.txt'), this.gateway.lastWords());
    this.#failed = true;
  }

  /** Ends everything; after a failure the folder with logs and captures stays, and is named. */
  async stop(): Promise<void> {
    if (this.#failed) console.error(`log, statistics and captures are in ${this.folder}\n${this.gateway.logTail()}`);
    await this.end(this.#failed);
  }
}

function gatewayConfig(managementSocket: string, fastPath: FastPathUnderTest, pinFolder = '/sys/fs/bpf'): string {
  return `
chassis:
  name: end-to-end
management:
  socket: ${managementSocket}
logging:
  level: info
fast-path:
  mode: ${fastPath}
  pin-folder: ${pinFolder}
${serviceConfig(interfacesOfGateway)}`;
}
