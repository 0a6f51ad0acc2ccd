import { text, u32 } from '../../wire/checkpoint/codec.ts';
import { type PayloadCodec, payloadOf } from '../../wire/checkpoint/payload.ts';
import { type FieldValues, field, list, recordOf } from '../../wire/checkpoint/record.ts';

const apnFields = { apnId: field(1, u32), apnName: field(2, text) };
/** An APN that the configuration names, under its number on the chassis that tells it. */
export type ApnMapping = FieldValues<typeof apnFields>;

const serviceFields = {
  serviceId: field(1, u32),
  /** `samog`, `cgw`, ...: a service is known by its kind and its name. */
  kind: field(2, text),
  contextName: field(3, text),
  serviceName: field(4, text),
};
export type ServiceMapping = FieldValues<typeof serviceFields>;

const vpnFields = {
  vpnId: field(1, u32),
  contextName: field(2, text),
  pools: field(3, list(text)),
  natRealms: field(4, list(text)),
};
/** A context (VPN), and what addresses are taken from in it. */
export type VpnMapping = FieldValues<typeof vpnFields>;

/** What a chassis calls by numbers, which need not be its peer's: checkpoints are read by name. */
export interface IdentifierMaps {
  readonly apns: readonly ApnMapping[];
  readonly services: readonly ServiceMapping[];
  readonly vpns: readonly VpnMapping[];
}

/** Payloads of the three macro-checkpoints that map identifiers. A map has no revision: it replaces the former. */
export const mapCodecs: {
  readonly [K in keyof IdentifierMaps]: PayloadCodec<{ readonly entries: IdentifierMaps[K] }>;
} = {
  apns: payloadOf(1, recordOf({ entries: field(1, list(recordOf(apnFields))) })),
  services: payloadOf(1, recordOf({ entries: field(1, list(recordOf(serviceFields))) })),
  vpns: payloadOf(1, recordOf({ entries: field(1, list(recordOf(vpnFields))) })),
};

/** The names in the maps, as an operator knows them: what the two chassis have to have in common. */
export function namesIn({ apns = [], services = [], vpns = [] }: Partial<IdentifierMaps>): readonly string[] {
  return [
    ...apns.map(({ apnName }) => `APN ${apnName}`),
    ...services.map(({ kind, serviceName }) => `${kind}-service ${serviceName}`),
    ...vpns.map(({ contextName }) => `context ${contextName}`),
  ];
}

const digestFields = {
  /** Which of the macro-checkpoints without a CMD-ID. */
  nameIndex: field(1, u32),
  /** FNV-1a of its payload, 64 bits. */
  high: field(2, u32),
  low: field(3, u32),
};
/**
 * Payload of INSTANCE LEVEL CHECKPOINT as the framework sends it: no record itself, but the digest of each, so that the
 * standby can ask for what differs.
 */
export const instanceLevelPayload = payloadOf(1, recordOf({ digests: field(1, list(recordOf(digestFields))) }));
