import { Counter, Gauge, Registry } from 'prom-client';
import type { Metric, Sample } from '../../operations/metrics/metric.ts';
import { metrics } from '../../operations/metrics/registry.ts';
import { shownBy, type ViewSource } from '../../operations/views/view.ts';
import { now, wallClock } from '../clock.ts';

/** What Prometheus is told of the format. */
export const expositionContentType = 'text/plain; version=0.0.4; charset=utf-8';

/** How long the text is written at a time: packets go on in between. */
const sliceMs = 0.5;

/** Every metric of the gateway in Prometheus' text format. Nothing is counted twice: values are read when they are asked for. */
export class Exposition {
  readonly #registry = new Registry();
  readonly #source: ViewSource;
  /** Takes the values that were read of each metric, before its text is made. */
  readonly #takers: ((samples: readonly Sample[]) => void)[] = [];
  /** Scrapes share the registry: one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  /** @param version the release */
  constructor(source: ViewSource, version: string) {
    this.#source = source;
    for (const metric of metrics) this.#add(metric);
    this.#addProcess(version);
  }

  /** All values are read in one go, before anything else happens; their text is made in slices. */
  text(): Promise<string> {
    const text = this.#last.then(() => this.#read()).then((samples) => this.#write(samples));
    this.#last = text.catch(() => {});
    return text;
  }

  #read(): Promise<(readonly Sample[])[]> {
    return shownBy(this.#source, {}, () => {
      const at = { now: now(), wallClock: wallClock() };
      return metrics.map(({ samples }) => samples(this.#source, at));
    });
  }

  async #write(samples: readonly (readonly Sample[])[]): Promise<string> {
    const texts: string[] = [];
    // What was read took its time in this turn.
    let sliceEnds = now();
    for (const [index, { name }] of this.#registry.getMetricsAsArray().entries()) {
      if (now() >= sliceEnds) {
        await new Promise((resolve) => setImmediate(resolve));
        sliceEnds = now() + sliceMs;
      }
      this.#takers[index]?.(samples[index]!);
      texts.push(await this.#registry.getSingleMetricAsString(name));
    }
    return `${texts.join('\n\n')}\n`;
  }

  #add({ name, type, help, labels }: Metric): void {
    const common = { name, help, labelNames: [...labels], registers: [this.#registry] };
    if (type === 'counter') {
      const counter = new Counter(common);
      this.#takers.push((samples) => {
        counter.reset();
        for (const sample of samples) counter.inc({ ...sample.labels }, sample.value);
      });
      return;
    }
    const gauge = new Gauge(common);
    this.#takers.push((samples) => {
      gauge.reset();
      for (const sample of samples) gauge.set({ ...sample.labels }, sample.value);
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
