import type { DatabaseSync } from 'node:sqlite';
import type { StoreFailure } from './store-messages.ts';

/** The store cannot be opened, read or written. */
export class StoreError extends Error {
  readonly failure: StoreFailure;

  constructor(failure: StoreFailure) {
    super(failure.text);
    this.name = 'StoreError';
    this.failure = failure;
  }
}

/** Says "the call recovery store of a SaMOG gateway" in the file's header ("SaMG"). */
const applicationId = 0x53614d47;
/** Of the tables; a file of a later version belongs to the release that has it, and is left alone. */
const schemaVersion = 2;

const callTables = `
  CREATE TABLE sessions (
    row INTEGER PRIMARY KEY, call_id INTEGER NOT NULL, revision INTEGER NOT NULL, written_at INTEGER NOT NULL,
    checksum INTEGER NOT NULL, payload BLOB NOT NULL
  ) STRICT;
  CREATE TABLE usage (
    row INTEGER PRIMARY KEY, uplink_packets INTEGER NOT NULL, uplink_octets INTEGER NOT NULL,
    downlink_packets INTEGER NOT NULL, downlink_octets INTEGER NOT NULL, last_activity_at INTEGER,
    written_at INTEGER NOT NULL
  ) STRICT;
  PRAGMA user_version = ${schemaVersion};`;

const allTables = `${callTables}
  CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  PRAGMA application_id = ${applicationId};`;

/** In version 1 the rows of sessions and usage had no number but the identifier of the session. */
const fromVersion1 = `
  ALTER TABLE sessions RENAME TO former_sessions;
  ALTER TABLE usage RENAME TO former_usage;
  ${callTables}
  INSERT INTO sessions (call_id, revision, written_at, checksum, payload)
    SELECT call_id, revision, written_at, checksum, payload FROM former_sessions;
  INSERT INTO usage
    SELECT s.row, u.uplink_packets, u.uplink_octets, u.downlink_packets, u.downlink_octets, u.last_activity_at, u.written_at
    FROM sessions s CROSS JOIN former_usage u USING (call_id);
  DROP TABLE former_sessions;
  DROP TABLE former_usage;`;

/** The statement that writes a row, in the place of the one that has the same key. */
export const replace = (table: string, columns: string): string =>
  `INSERT OR REPLACE INTO ${table} (${columns}) VALUES (${columns.replace(/\w+/g, '?')})`;

/**
 * Makes the tables of a new file, makes those of an old one such as they are now, and makes sure that they are this chassis's.
 *
 * @throws StoreError if they are another's, or of a later release
 */
export function prepare(db: DatabaseSync, chassisName: string): void {
  const tables = db.prepare('SELECT count(*) AS count FROM sqlite_schema').get()?.['count'];
  if (tables === 0) {
    inTransaction(db, allTables, () => {
      const meta = db.prepare(replace('meta', 'key, value'));
      meta.run('chassis', chassisName);
      meta.run('clean', '0');
    });
    return;
  }
  const pragma = (name: string): unknown => db.prepare(`PRAGMA ${name}`).get()?.[name];
  const foreign = (text: string) => new StoreError({ trouble: 'foreign', text });
  if (pragma('application_id') !== applicationId) throw foreign('it is not a call recovery store');
  const version = pragma('user_version');
  if (typeof version === 'number' && version > schemaVersion) {
    const text = `its schema version is ${version}, and this release knows none after ${schemaVersion}`;
    throw new StoreError({ trouble: 'later', text });
  }
  if (version !== schemaVersion && version !== 1)
    throw foreign(`its schema version is ${version}, not ${schemaVersion}`);
  const owner = db.prepare("SELECT value FROM meta WHERE key = 'chassis'").get()?.['value'];
  if (owner !== chassisName) throw foreign(`it is the store of chassis ${owner}, not of ${chassisName}`);
  if (version === 1) inTransaction(db, fromVersion1);
}

/** The file is closed by whoever is told of a failure, and is as before then. */
function inTransaction(db: DatabaseSync, statements: string, work: () => void = () => {}): void {
  db.exec(`BEGIN IMMEDIATE; ${statements}`);
  work();
  db.exec('COMMIT');
}
