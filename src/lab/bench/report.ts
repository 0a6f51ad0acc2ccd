import { arch, cpus, release, totalmem, type } from 'node:os';

/** One measurement. Figures that not every benchmark has are there by name. */
export interface BenchRow {
  readonly name: string;
  /** How much of `unit` there was. */
  readonly rate: number;
  readonly unit: string;
  /** CPU time of the process under test for one unit of work. */
  readonly cpuMicroseconds?: number;
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  readonly [figure: string]: number | string | undefined;
}

/** What every benchmark prints with `--json`. */
export interface BenchReport {
  readonly bench: string;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryGiB: number;
    readonly node: string;
    readonly kernel: string;
    /** The socket driver under test; `none` where the benchmark has no sockets. */
    readonly driver: string;
  };
  readonly rows: readonly BenchRow[];
}

/** Puts the machine beside the rows, whose figures it rounds: a figure says nothing without it. */
export function benchReport(bench: string, driver: string, rows: readonly BenchRow[]): BenchReport {
  const processors = cpus();
  return {
    bench,
    machine: {
      cpu: processors[0]?.model ?? arch(),
      cores: processors.length,
      memoryGiB: rounded(totalmem() / 2 ** 30),
      node: process.versions.node,
      kernel: `${type()} ${release()}`,
      driver,
    },
    rows: rows.map(roundedRow),
  };
}

const columns = ['name', 'rate', 'unit', 'cpuMicroseconds', 'p50Ms', 'p99Ms'] as const;

/** The report as text for people: the common figures in columns, the others behind them by name. */
export function formatReport({ bench, machine, rows }: BenchReport): string {
  const lines = [['row', 'rate', 'unit', 'CPU µs', 'p50 ms', 'p99 ms', '']];
  for (const row of rows) {
    const others = Object.entries(row).filter(([name]) => !columns.some((column) => column === name));
    const cells = columns.map((column) => String(row[column] ?? '-'));
    lines.push([...cells, others.map(([name, value]) => `${name} ${value}`).join(', ')]);
  }
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const isText = (column: number): boolean => column === 0 || column === 2 || column === columns.length;
  const table = lines.map((line) =>
    line
      .map((cell, column) => (isText(column) ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd(),
  );
  const { cpu, cores, memoryGiB, node, kernel, driver } = machine;
  const head = `bench ${bench}: ${cpu}, ${cores} cores, ${memoryGiB} GiB, Node ${node}, ${kernel}, driver ${driver}`;
  return [head, '', ...table, ''].join('\n');
}

function roundedRow(row: BenchRow): BenchRow {
  const figures = Object.entries(row).map(([name, value]) => [
    name,
    typeof value === 'number' ? rounded(value) : value,
  ]);
  return Object.fromEntries(figures) as BenchRow;
}

/** Four significant digits; whole numbers stay whole. */
function rounded(value: number): number {
  return Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(4));
}
