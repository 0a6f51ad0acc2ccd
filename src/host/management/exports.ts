import { setTimeout as rest } from 'node:timers/promises';
import type { ApiCounter } from '../../operations/access/api-counters.ts';
import type { Principal } from '../../operations/access/role.ts';
import { apiOperations } from '../../operations/api/operations.ts';
import type { AuditTrail } from '../../operations/audit/audit.ts';
import { type ExportRun, type ExportState, exportsMax } from '../../operations/export/export-run.ts';
import {
  type ExportSlice,
  type ExportWish,
  exportHead,
  exportSlice,
  exportWishOf,
} from '../../operations/export/subscriber-export.ts';
import { type Refusal, refuse, type ViewOutcome, type ViewSource, viewed } from '../../operations/views/view.ts';
import { now, wallClock } from '../clock.ts';
import type { ApiRequest } from './answer.ts';

/** Exports that are over and still told of. */
const keptMax = 10;
/** For each slice it rests so many times as long as that took: it has a quarter of the thread at most. */
const restFactor = 3;
const restLeastMs = 1;
/** Whoever reads nothing for so long has gone. */
const stalledMs = 30_000;
/** What is gathered before it is sent. */
const chunkOctets = 16_384;

const contentTypes: Readonly<Record<ExportWish['format'], string>> = {
  csv: 'text/csv; charset=utf-8; header=present',
  jsonl: 'application/jsonl; charset=utf-8',
};

type Run = { -readonly [Key in keyof ExportRun]: ExportRun[Key] };
type Refused = { readonly ok: false; readonly refusal: Refusal };

/**
 * Files of subscribers, made while they are sent: a slice of the sessions at a time, the next when the reader has taken what there
 * is. Nothing of it is kept, whatever the number of sessions; who reads slowly, or no more, costs nothing but a place.
 */
export class Exports {
  readonly #counters: { add(name: ApiCounter): void };
  readonly #trail: AuditTrail;
  readonly #stalledMs: number;
  readonly #runs: Run[] = [];
  readonly #ends = new Map<number, (state: ExportState) => void>();
  #begun = 0;

  constructor(counters: { add(name: ApiCounter): void }, trail: AuditTrail, afterMs = stalledMs) {
    this.#counters = counters;
    this.#trail = trail;
    this.#stalledMs = afterMs;
  }

  /** The latest first. */
  get runs(): readonly ExportRun[] {
    return this.#runs;
  }

  /** False if no such export is under way. */
  cancel(number: number): boolean {
    const end = this.#ends.get(number);
    end?.('cancelled');
    return end !== undefined;
  }

  /** Begins one. What is wrong with the request is known before anything is sent. */
  async begin(
    source: ViewSource,
    { principal, query, cut }: Pick<ApiRequest, 'principal' | 'query' | 'cut'>,
  ): Promise<Response | Refused> {
    const wish = exportWishOf(query);
    if (!wish.ok) return wish;
    const crowd = this.#crowdFor(principal);
    if (crowd !== undefined) return crowd;
    this.#begun += 1;
    const { format, which } = wish.value;
    const { size } = source.manager.registry;
    const run: Run = {
      ...{ number: this.#begun, who: principal.name, state: 'running', format, which, total: size },
      ...{ looked: 0, rows: 0, octets: 0, begunAt: now(), endedAt: undefined },
    };
    // Its place is taken before anything is waited for.
    this.#runs.unshift(run);
    const first = await sliceOf(source, wish.value, undefined).catch(failed);
    if (!first.ok) {
      this.#runs.splice(this.#runs.indexOf(run), 1);
      return first;
    }
    this.#counters.add('api.exports');
    this.#forget();
    const { chassis } = source.config;
    return new Response(this.#stream(run, source, wish.value, first.data, { principal, cut }), {
      headers: {
        'content-type': contentTypes[format],
        'content-disposition': `attachment; filename="${chassis.name.replace(/[^\w.-]/g, '_')}-subscribers.${format}"`,
        'x-samog-export': String(run.number),
      },
    });
  }

  #crowdFor({ name }: Principal): Refused | undefined {
    const running = this.#runs.filter(({ state }) => state === 'running');
    const isOwn = running.some(({ who }) => who === name);
    if (!isOwn && running.length < exportsMax) return undefined;
    this.#counters.add('api.refused.exports');
    const what = isOwn ? 'an export of yours is under way' : `${running.length} exports are under way`;
    return refuse('too-many', what, 'show exports tells how far; clear export ends one');
  }

  #forget(): void {
    while (this.#runs.length > keptMax + exportsMax) {
      this.#runs.splice(
        this.#runs.findLastIndex(({ state }) => state !== 'running'),
        1,
      );
    }
  }

  #stream(
    run: Run,
    source: ViewSource,
    wish: ExportWish,
    first: ExportSlice,
    { principal, cut }: Pick<ApiRequest, 'principal' | 'cut'>,
  ) {
    const encoder = new TextEncoder();
    let waiting: ExportSlice | undefined = first;
    let cursor: string | null = null;
    let text = exportHead(wish);
    let readAt = now();
    let controller: ReadableStreamDefaultController<Uint8Array>;
    const watch = setInterval(() => {
      if (now() - readAt >= this.#stalledMs) end('gone');
    }, this.#stalledMs / 4);
    watch.unref();
    const end = (state: ExportState): void => {
      if (run.state !== 'running') return;
      clearInterval(watch);
      this.#ends.delete(run.number);
      run.state = state;
      run.endedAt = now();
      if (state === 'done') controller.close();
      // The reader is to see that it has not got all.
      else if (cut === undefined) controller.error(new Error(`export ${state}`));
      else cut();
      void this.#noteEnd(run, principal);
    };
    this.#ends.set(run.number, end);
    const send = (): void => {
      const octets = encoder.encode(text);
      text = '';
      run.octets += octets.length;
      controller.enqueue(octets);
    };
    const pull = async (): Promise<void> => {
      readAt = Number.POSITIVE_INFINITY;
      while (run.state === 'running') {
        const slice: ExportSlice | Refused = waiting ?? (await pausedSlice(source, wish, cursor));
        // It may have been ended meanwhile.
        if (run.state !== 'running') return;
        if ('refusal' in slice) return end('failed');
        waiting = undefined;
        text += slice.text;
        cursor = slice.nextCursor;
        run.looked += slice.looked;
        run.rows += slice.rows;
        if (cursor === null || text.length >= chunkOctets) {
          if (text !== '') send();
          readAt = now();
          if (cursor === null) end('done');
          return;
        }
      }
    };
    return new ReadableStream<Uint8Array>(
      {
        start: (given) => {
          controller = given;
        },
        pull,
        cancel: () => end('gone'),
      },
      { highWaterMark: 0 },
    );
  }

  async #noteEnd({ number, state, looked, rows, octets }: Run, { name, via, from }: Principal): Promise<void> {
    const { method, path } = apiOperations.exportSubscribers;
    const who = { who: name, via, from, request: `${method} ${path}` };
    const subject = { number, looked, rows, octets };
    await this.#trail.append({ kind: 'noted', of: null, ...who, subject, result: state, what: null }).catch(() => {});
  }
}

function sliceOf(source: ViewSource, wish: ExportWish, cursor: string | undefined): Promise<ViewOutcome<ExportSlice>> {
  return viewed(exportSlice(wish, cursor), source, () => ({ now: now(), wallClock: wallClock() }), wish.which);
}

/** The slice after a cursor, and then a rest, so that packets have most of the time. */
async function pausedSlice(
  source: ViewSource,
  wish: ExportWish,
  cursor: string | null,
): Promise<ExportSlice | Refused> {
  const begunAt = now();
  const outcome = await sliceOf(source, wish, cursor ?? undefined).catch(failed);
  await rest(Math.max(restLeastMs, restFactor * (now() - begunAt)));
  return outcome.ok ? outcome.data : outcome;
}

function failed(error: unknown): Refused {
  return refuse('failed', error instanceof Error ? error.message : String(error), 'report it as a bug');
}
