import { meantInstead } from '../config/spelling.ts';
import { type BulkstatReading, bulkstatVariable, bulkstatVariableNames } from './variables.ts';

export type ReadFormat =
  | { readonly ok: true; readonly parts: readonly (string | BulkstatReading)[] }
  | { readonly ok: false; readonly message: string; readonly hint: string };

/**
 * Reads a line with variables in it: its text, and what reads each variable, in turn. Such as
 * `EMS,%date%,%time%,%session.setup%`; `%%` is a percent sign.
 */
export function readFormat(text: string): ReadFormat {
  const parts: (string | BulkstatReading)[] = [];
  const pieces = text.split('%');
  if (pieces.length % 2 === 0) {
    return { ok: false, message: 'has a % that is not closed', hint: 'write %variable%, or %% for a percent sign' };
  }
  for (const [index, piece] of pieces.entries()) {
    if (index % 2 === 0) {
      if (piece !== '') parts.push(piece);
    } else if (piece === '') {
      parts.push('%');
    } else {
      const variable = bulkstatVariable(piece);
      if (variable === undefined) {
        const meant = meantInstead(piece, bulkstatVariableNames);
        const hint =
          meant === undefined ? 'docs/operations/interface.md tells what there is' : `did you mean %${meant}%?`;
        return { ok: false, message: `has no variable %${piece}% to fill in`, hint };
      }
      parts.push(variable);
    }
  }
  return { ok: true, parts };
}
