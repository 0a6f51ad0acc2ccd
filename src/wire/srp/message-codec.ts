import { type Decoded, decoded, failed } from '../bytes/decoded.ts';
import { FieldSource } from '../checkpoint/source.ts';
import { type SrpMessage, type SrpMessageKind, srpMessages } from './messages.ts';

const kinds = Object.keys(srpMessages) as SrpMessageKind[];
const byType: ReadonlyMap<number, (source: FieldSource) => SrpMessage> = new Map(
  kinds.map((kind) => {
    const { number, record } = srpMessages[kind];
    return [number, record.readerWith({ kind }) as (source: FieldSource) => SrpMessage];
  }),
);

/** The type octet of a message's frame. */
export function messageType(kind: SrpMessageKind): number {
  return srpMessages[kind].number;
}

/** False for a type of a newer protocol: such a message is skipped and counted. */
export function isMessageType(type: number): boolean {
  return byType.has(type);
}

/** The body of a message's frame; `messageType` gives the octet that names it. */
export function encodeMessage(message: SrpMessage): Uint8Array {
  const record = srpMessages[message.kind].record as { encode(value: SrpMessage): Uint8Array };
  return record.encode(message);
}

/** Reads the body of a frame. Fails as `RecordCodec.decode` does, and with `unsupported` for an unknown type. */
export function decodeMessage(type: number, body: Uint8Array): Decoded<SrpMessage> {
  const read = byType.get(type);
  if (read === undefined) return failed('unsupported', 0);
  const source = new FieldSource(body);
  const message = read(source);
  return source.failure ?? decoded(message);
}
