import type { Ladder } from './ladder.ts';
import { columnTitle, rungLabel, sinceText } from './ladder-text.ts';

/** A ladder as a sequence diagram in Mermaid's language, for tickets and wikis. */
export function mermaidLines({ columns, rungs }: Ladder): string[] {
  return [
    'sequenceDiagram',
    ...columns.map((column, place) => `  participant p${place} as ${plain(columnTitle(column))}`),
    ...rungs.map((rung) => {
      const label = plain(`${sinceText(rung.sinceFirstMs)} ${rungLabel(rung)}`);
      return rung.from === rung.to ? `  Note over p${rung.from}: ${label}` : `  p${rung.from}->>p${rung.to}: ${label}`;
    }),
  ];
}

/** What the language would take as its own is written by its code (`#59;` for a semicolon). */
function plain(text: string): string {
  return text.replace(/[#;<>"\p{Cc}]/gu, (sign) => `#${sign.codePointAt(0)};`);
}
