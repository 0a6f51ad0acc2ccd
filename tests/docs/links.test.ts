import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const pages = execFileSync('git', ['ls-files', '*.md'], { cwd: root, encoding: 'utf8' }).trim().split('\n');

/** A link of a page to another one of the project, or to a heading. */
interface Link {
  readonly target: string;
  readonly heading: string | undefined;
}

/** Links to elsewhere, and what only looks like one inside code, are none of these. */
function linksOf(text: string): Link[] {
  const prose = text.replaceAll(/^```[\s\S]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, address]) => address!)
    .filter((address) => !/^[a-z]+:/.test(address))
    .map((address) => {
      const [target, heading] = address.split('#') as [string, string?];
      return { target, heading };
    });
}

/** The anchors of a page's headings, as forges make them. */
function anchorsOf(text: string): Set<string> {
  const headings = text.replaceAll(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ +(.+)$/gm);
  const anchors = new Set<string>();
  for (const [, heading] of headings) {
    const plain = heading!.replaceAll(/\]\([^)]*\)|[[\]`*]/g, '').toLowerCase();
    anchors.add(plain.replaceAll(/[^\p{Letter}\p{Number} _-]/gu, '').replaceAll(' ', '-'));
  }
  for (const [, id] of text.matchAll(/<a (?:id|name)="([^"]+)"/g)) anchors.add(id!);
  return anchors;
}

/** The links of a page that lead nowhere. */
function brokenOf(page: string, text: string): string[] {
  return linksOf(text).flatMap(({ target, heading }) => {
    const path = target === '' ? page : relative(root, join(root, dirname(page), target));
    if (path !== page && !existsSync(join(root, path))) return `${page}: ${target}`;
    if (heading === undefined || !path.endsWith('.md')) return [];
    const there = path === page ? text : readFileSync(join(root, path), 'utf8');
    return anchorsOf(there).has(heading) ? [] : `${page}: ${target}#${heading}`;
  });
}

describe('a link of a page', () => {
  it('leads to a file of the project, and to a heading there', () => {
    expect(pages.length).toBeGreaterThan(50);
    expect(pages.flatMap((page) => brokenOf(page, readFileSync(join(root, page), 'utf8')))).toEqual([]);
  });

  it.each([
    ['to no file', 'see [this](no-such-file.md)', ['docs/x.md: no-such-file.md']],
    ['to no heading', '[that](../README.md#no-such-heading)', ['docs/x.md: ../README.md#no-such-heading']],
    ['to no heading of its own', '# One, `two`\n[1](#one-two) [2](#one)', ['docs/x.md: #one']],
    ['elsewhere, or in code', '[a](https://example.org/b) `[c](d.md)`\n```\n[e](f.md)\n```\n', []],
  ])('%s', (_what, text, broken) => {
    expect(brokenOf('docs/x.md', text)).toEqual(broken);
  });
});
