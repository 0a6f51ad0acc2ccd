import { Counter, Gauge, Registry } from 'prom-client';
import type { Metric } from '../../operations/metrics/metric.ts';
import { metrics } from '../../operations/metrics/registry.ts';
import { type Moment, shownBy, type ViewSource } from '../../operations/views/view.ts';
import { now, wallClock } from '../clock.ts';

/** What Prometheus is told of the format. */
export const expositionContentType = 'text/plain; version=0.0.4; charset=utf-8';

/** Every metric of the gateway in Prometheus' text format. Nothing is counted twice: values are read when they are asked for. */
export class Exposition {
  readonly #registry = new Registry();
  readonly #source: ViewSource;
  /** Of the scrape under way: one moment for all. */
  #at: Moment = { now: 0, wallClock: 0 };

  /** @param version the release */
  constructor(source: ViewSource, version: string) {
    this.#source = source;
    for (const metric of metrics) this.#add(metric);
    this.#addProcess(version);
  }

  /** All values are read in one go, before anything else happens. */
  async text(): Promise<string> {
    return shownBy(this.#source, {}, () => {
      this.#at = { now: now(), wallClock: wallClock() };
      return this.#registry.metrics();
    });
  }

  #add({ name, type, help, labels, samples }: Metric): void {
    const common = { name, help, labelNames: [...labels], registers: [this.#registry] };
    const read = () => samples(this.#source, this.#at);
    if (type === 'counter') {
      new Counter({
        ...common,
        collect() {
          this.reset();
          for (const sample of read()) this.inc({ ...sample.labels }, sample.value);
        },
      });
      return;
    }
    new Gauge({
      ...common,
      collect() {
        this.reset();
        for (const sample of read()) this.set({ ...sample.labels }, sample.value);
      },
    });
  }

  /** What every process tells under the same names, and which release this is. */
  #addProcess(version: string): void {
    const registers = [this.#registry];
    new Gauge({
      name: 'samog_build_info',
      help: 'Which release this is; always 1.',
      labelNames: ['version'],
      registers,
    }).set({ version }, 1);
    const startedSeconds = Date.now() / 1000 - process.uptime();
    new Gauge({ name: 'process_start_time_seconds', help: 'Start of the process, in Unix time.', registers }).set(
      startedSeconds,
    );
    new Gauge({
      name: 'process_resident_memory_bytes',
      help: 'Memory of the process that is in RAM.',
      registers,
      collect() {
        this.set(process.memoryUsage.rss());
      },
    });
    new Counter({
      name: 'process_cpu_seconds_total',
      help: 'Processor time of the process.',
      registers,
      collect() {
        const { user, system } = process.cpuUsage();
        this.reset();
        this.inc((user + system) / 1e6);
      },
    });
  }
}
