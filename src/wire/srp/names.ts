/** Enumerations of SRP messages. Numbers are given once and never reused. */
export const chassisStates = { INIT: 1, PENDING_STANDBY: 2, STANDBY: 3, PENDING_ACTIVE: 4, ACTIVE: 5 } as const;
export type ChassisState = keyof typeof chassisStates;

export const chassisModes = { primary: 1, backup: 2 } as const;
export type ChassisMode = keyof typeof chassisModes;

/** What a chassis was in the service that its call recovery store follows last: with no READY standby, beside one, or that one. */
export const storeRoles = { alone: 1, active: 2, standby: 3 } as const;
export type StoreRole = keyof typeof storeRoles;

/** Why an active hands over or is asked to. `other` stands for what a newer peer says and this one does not know. */
export const switchoverReasons = {
  other: 1,
  manual: 2,
  'aaa-probe': 3,
  'peer-reachability': 4,
  bgp: 5,
  bfd: 6,
  diameter: 7,
  upgrade: 8,
  fenced: 9,
  'dual-active': 10,
  shutdown: 11,
  'session-manager': 12,
  'service-ports': 13,
} as const;
export type SwitchoverReason = keyof typeof switchoverReasons;

/** Why the standby did not apply a checkpoint. The active answers each with a full checkpoint, but for the last. */
export const nackReasons = {
  other: 1,
  'unknown-session': 2,
  'unknown-object': 3,
  'unresolved-name': 4,
  conflict: 5,
  malformed: 6,
  'unknown-command': 7,
  'no-resources': 8,
  /** It did: but it has served, too, and has changed the UE's binding at the LMA. The active registers it again. */
  'bound-alone': 9,
} as const;
export type NackReason = keyof typeof nackReasons;

/** Why a standby is sent all sessions again. `other` stands for what a newer peer says and this one does not know. */
export const resyncReasons = {
  other: 1,
  'first-connection': 2,
  'backlog-overrun': 3,
  'epoch-unknown': 4,
  audit: 5,
  requested: 6,
} as const;
export type ResyncReason = keyof typeof resyncReasons;

/** `request` asks for a switchover; the asked one accepts or refuses; `barrier` says after what nothing more will come. */
export const switchoverPhases = { request: 1, accepted: 2, refused: 3, barrier: 4 } as const;
export type SwitchoverPhase = keyof typeof switchoverPhases;

/** Why a side closes the connection. `other` stands for what a newer peer says and this one does not know. */
export const goodbyeReasons = {
  other: 1,
  shutdown: 2,
  'version-mismatch': 3,
  'wrong-peer': 4,
  'already-paired': 5,
  'protocol-failure': 6,
  'handshake-timeout': 7,
  'configuration-changed': 8,
  'dead-interval': 9,
} as const;
export type GoodbyeReason = keyof typeof goodbyeReasons;

/** A newer one is `critical`: who has taken on less has not taken that on. */
export const alarmSeverities = { warning: 1, critical: 2 } as const;

/** How bodies may be compressed. A name rather than a bit: what the peer does not know is left out of the choice. */
export const compressions = { zstd: 1, deflate: 2 } as const;
export type CompressionName = keyof typeof compressions | 'unknown';
