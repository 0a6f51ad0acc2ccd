/**
 * The house rules that neither compiler nor linter knows. Each is a function of the files alone, and `rules.test.ts`
 * shows it a violation: a rule that was never seen to fail is not in force.
 */
import { impurities, layers, samogComposer, samogComposers, samogFolder } from './layers.ts';
import { codeOf, commentsOf, importsOf, resolveImport, type SourceFile } from './source-text.ts';

export interface Violation {
  readonly path: string;
  /** What is wrong, and what to do instead. */
  readonly message: string;
}

export interface Rule {
  readonly name: string;
  readonly check: (files: readonly SourceFile[]) => Violation[];
}

const isTypeScript = (file: SourceFile): boolean => /\.tsx?$/.test(file.path);
const isTest = (file: SourceFile): boolean => file.path.endsWith('.test.ts');

function folderOf(path: string): string | undefined {
  return /^src\/([^/]+)\//.exec(path)?.[1];
}

/** A rule that looks at one TypeScript file at a time. */
function perFile(name: string, check: (file: SourceFile) => readonly string[]): Rule {
  return {
    name,
    check: (files) =>
      files.filter(isTypeScript).flatMap((file) => check(file).map((message) => ({ path: file.path, message }))),
  };
}

function packageOf(specifier: string): string {
  if (specifier.startsWith('node:')) return 'node:*';
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

const layering = perFile('a folder imports only what is below it', (file) => {
  const folder = folderOf(file.path);
  const layer = folder === undefined ? undefined : layers[folder];
  if (folder === undefined || layer === undefined) return [];
  return importsOf(file).flatMap((specifier) => {
    if (!specifier.startsWith('.')) {
      if (isTest(file) || layer.packages.includes(packageOf(specifier))) return [];
      const allowed = layer.packages.length === 0 ? 'no package' : layer.packages.join(', ');
      return [`imports ${specifier}: src/${folder} may import ${allowed}; let the host do it and pass the result in`];
    }
    const target = resolveImport(file.path, specifier);
    const targetFolder = folderOf(target);
    if (targetFolder === folder) return [];
    if (targetFolder === undefined) {
      return isTest(file) ? [] : [`imports ${target}: src/ stands on its own; move what is shared into src/kernel`];
    }
    // A test beside the code may use a pure helper of any folder as its oracle; what ships may not.
    if (layer.folders.includes(targetFolder) || isTest(file)) return [];
    const allowed = layer.folders.map((name) => `src/${name}`).join(', ') || 'nothing else';
    return [`imports ${target}: src/${folder} may import ${allowed}; pass it in as an argument, or move it down`];
  });
});

const featureFolders = perFile('features of the SaMOG service do not know each other', (file) => {
  const feature = (path: string): string | undefined =>
    path.startsWith(samogFolder) && path.slice(samogFolder.length).includes('/')
      ? path.slice(samogFolder.length).split('/')[0]
      : undefined;
  const own = feature(file.path);
  if (own === undefined || samogComposers.includes(own)) return [];
  return importsOf(file).flatMap((specifier) => {
    const target = resolveImport(file.path, specifier);
    const other = specifier.startsWith('.') ? feature(target) : undefined;
    if (other === undefined || other === own) return [];
    return [
      `imports ${target}: let ${samogFolder}${samogComposer}/ compose ${own} and ${other}, or share a file beside them`,
    ];
  });
});

const noCycles: Rule = {
  name: 'imports have no cycle',
  check: (files) => {
    const sources = new Map(files.filter(isTypeScript).map((file) => [file.path, file]));
    const done = new Set<string>();
    const violations: Violation[] = [];
    const visit = (path: string, trail: readonly string[]): void => {
      const file = sources.get(path);
      if (!file || done.has(path)) return;
      if (trail.includes(path)) {
        const cycle = [...trail.slice(trail.indexOf(path)), path].join(' → ');
        violations.push({ path, message: `imports itself: ${cycle}; move what they share into a file of its own` });
        return;
      }
      for (const specifier of importsOf(file)) {
        if (specifier.startsWith('.')) visit(resolveImport(path, specifier), [...trail, path]);
      }
      done.add(path);
    };
    for (const path of sources.keys()) visit(path, []);
    return violations;
  },
};

const purity = perFile('pure folders know no time, chance, or output but what they are given', (file) => {
  if (isTest(file) || !layers[folderOf(file.path) ?? '']?.pure) return [];
  const code = codeOf(file.text);
  return impurities.flatMap(({ pattern, instead }) => {
    const found = pattern.exec(code);
    if (!found) return [];
    const line = code.slice(0, found.index).split('\n').length;
    return [`line ${line} uses ${found[0].trim()}: ${instead}`];
  });
});

const noBarrels = perFile('no file only passes on what others export', (file) => {
  const instead = 'import from the file that defines it';
  if (/(?:^|\/)index\.ts$/.test(file.path)) return [`is called index.ts: name it after what it holds, and ${instead}`];
  return /\bexport\s+(?:type\s+)?(?:\*|\{[^}]*\}\s*from)/.test(codeOf(file.text)) ? [`re-exports: ${instead}`] : [];
});

const noDefaultExports = perFile('no default exports', (file) => {
  if (file.path === 'vitest.config.ts') return [];
  const found = /\bexport\s+default\b|\bas\s+default\b/.test(codeOf(file.text));
  return found ? ['has a default export: export it by its name'] : [];
});

const linesMax = 600;

const fileSize = perFile(`files have at most ${linesMax} lines`, (file) => {
  // A generated reference is as long as what it is of.
  if (file.path.startsWith('docs/reference/')) return [];
  const lines = file.text.split('\n').length - (file.text.endsWith('\n') ? 1 : 0);
  return lines > linesMax ? [`has ${lines} lines: split it by responsibility`] : [];
});

const kebabCase: Rule = {
  name: 'files and folders are named in kebab-case',
  check: (files) =>
    files
      .filter(({ path }) => /^(?:src|tests|tools|config|bpf)\//.test(path))
      .filter(({ path }) => !path.split('/').every((part) => /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+)*$/.test(part)))
      .map(({ path }) => ({ path, message: 'is not kebab-case: use lower case and hyphens, as in slow-path.test.ts' })),
};

const knownFolders: Rule = {
  name: 'every file of src/ is in a folder of the house',
  check: (files) =>
    files
      .filter(({ path }) => path.startsWith('src/') && layers[folderOf(path) ?? ''] === undefined)
      .map(({ path }) => ({
        path,
        message: `is in no known folder: use one of ${Object.keys(layers).join(', ')}, or add a line to tests/house-rules/layers.ts`,
      })),
};

const noFocus = perFile('no test hides the others', (file) => {
  const found = /\b(?:it|test|describe|suite)(?:\.\w+)*\.only\b|(?<![\w.])(?:fit|fdescribe)\s*\(/.exec(
    codeOf(file.text),
  );
  return found && isTest(file) ? [`has ${found[0]}: run one file with ./samog-tool test PATH -t NAME instead`] : [];
});

const skipsHaveReasons = perFile('a skipped test says why', (file) => {
  if (!isTest(file)) return [];
  const code = codeOf(file.text);
  const fixed = /\b(?:it|test|describe|suite)(?:\.\w+)*\.(?:skip|todo)\b|(?<![\w.])(?:xit|xdescribe)\s*\(/.exec(code);
  if (fixed) return [`has ${fixed[0]}: mend it, remove it, or use skipIf(!requireTool(…)), which prints the reason`];
  if (/\.skip\(\s*\)/.test(code)) return ['skips without a reason: give skip() the reason as its argument'];
  const conditional = /\.(?:skipIf|runIf)\b/.test(code) && !/\brequireTool\s*\(/.test(code);
  return conditional ? ['skips on a condition: use requireTool (tests/support), which prints the reason'] : [];
});

/** Assembled from parts, so that this file does not violate its own rule. */
const foreignPlaces: readonly { readonly pattern: RegExp; readonly instead: string }[] = [
  {
    pattern: /(?<![\w.~-])\/(?:work|root|tmp|home\/\w+|Users\/\w+)\/[\w.-]/,
    instead: 'derive paths from the file’s own, and temporary ones from the platform (mkdtemp, mktemp)',
  },
  {
    pattern:
      /https?:\/\/(?:registry|npm|nexus|artifactory|pypi|proxy|mirror)[\w.-]*\.\w+|\bregistry\s*=\s*["']?https?:|"resolved"\s*:/,
    instead: 'leave the registry to whoever installs (.npmrc has omit-lockfile-registry-resolved)',
  },
];

const noForeignPlaces: Rule = {
  name: 'no file names a machine’s folders or a package registry',
  check: (files) =>
    files.flatMap(({ path, text }) =>
      foreignPlaces.flatMap(({ pattern, instead }) => {
        const found = pattern.exec(text);
        if (!found) return [];
        const line = text.slice(0, found.index).split('\n').length;
        return [{ path, message: `line ${line} has ${found[0]}: ${instead}` }];
      }),
    ),
};

/** In force as soon as there is an ARCHITECTURE.md, as the next rule is. */
const architectureIsComplete: Rule = {
  name: 'ARCHITECTURE.md mentions every folder of src/, and every folder in one',
  check: (files) => {
    const architecture = files.find(({ path }) => path === 'ARCHITECTURE.md');
    if (!architecture) return [];
    const { path, text } = architecture;
    const folders = new Set(files.flatMap((file) => folderOf(file.path) ?? []));
    const missing = [...folders].filter((folder) => !new RegExp(String.raw`\b${folder}/|\bsrc/${folder}\b`).test(text));
    const inner = new Set(
      files.flatMap((file) => /^src\/(?:services\/samog|[^/]+)\/[^/]+(?=\/)/.exec(file.path)?.[0] ?? []),
    );
    const unsaid = [...inner].filter((folder) => {
      const [, outer, name] = /^src\/([^/]+).*\/([^/]+)$/.exec(folder)!;
      const section = text.split(/^##+ /m).find((part) => part.startsWith(`\`src/${outer}/\``));
      return section !== undefined && !new RegExp(`\`(?:[\\w-]+/)*${name}/?\``).test(section);
    });
    return [...missing.map((folder) => `src/${folder}`), ...unsaid].map((folder) => ({
      path,
      message: `does not mention ${folder}: say what it is for`,
    }));
  },
};

const isIdentifier = (name: string): boolean => /^(?:[A-Z][a-z]\w*|[a-z]+[A-Z]\w*)$/.test(name);

/** Pages about the code. Decision records are not: they say what was so when it was decided. */
const aboutTheCode = /^(?:ARCHITECTURE|CONTRIBUTING|docs\/(?:operations\/)?[\w-]+)\.md$/;

const pagesNameWhatIsThere: Rule = {
  name: 'pages about the code name only what is there',
  check: (files) => {
    const words = new Set<string>();
    for (const { path, text } of files) {
      if (path.startsWith('src/')) for (const [word] of text.matchAll(/[A-Za-z_]\w*/g)) words.add(word);
    }
    const isFile = (name: string): boolean => files.some(({ path }) => path === name || path.endsWith(`/${name}`));
    return files
      .filter(({ path }) => aboutTheCode.test(path))
      .flatMap(({ path, text }) => {
        const names = [...text.replaceAll(/^```[\s\S]*?^```/gm, '').matchAll(/`([\w./-]+)(?:\(\))?`/g)].map(
          ([, name]) => name!,
        );
        const gone = names.filter((name) => {
          if (/\.(?:tsx?|c|h)$/.test(name)) return !isFile(name);
          const parts = name.split('.');
          return isIdentifier(parts[0]!) && parts.some((word) => !words.has(word));
        });
        return gone.map((name) => ({ path, message: `names ${name}, which is not there: say what it is called now` }));
      });
  },
};

const commentsNameWhatIsThere: Rule = {
  name: 'comments name only what is there',
  check: (files) => {
    const sources = files.filter((file) => file.path.startsWith('src/') && isTypeScript(file) && !isTest(file));
    const words = new Set<string>();
    for (const { text } of sources) {
      let from = 0;
      for (const { at, text: comment } of [...commentsOf(text), { at: text.length, text: '' }]) {
        for (const [word] of text.slice(from, at).matchAll(/[A-Za-z_]\w*/g)) words.add(word);
        from = at + comment.length;
      }
    }
    return sources.flatMap(({ path, text }) =>
      commentsOf(text).flatMap(({ at, text: comment }) => {
        const names = [...comment.matchAll(/`(\w+(?:\.#?\w+)*)(?:\(\))?`/g)].map(([, name]) => name!);
        const gone = names.filter((name) => name.split(/\.#?/).some((part) => isIdentifier(part) && !words.has(part)));
        const line = text.slice(0, at).split('\n').length;
        return gone.map((name) => ({
          path,
          message: `line ${line} names ${name} in a comment, which is not there: say what it is called now`,
        }));
      }),
    );
  },
};

/** Words that make no sentence of a name. */
const fillers = new Set([
  'a',
  'an',
  'the',
  'of',
  'to',
  'is',
  'are',
  'for',
  'in',
  'on',
  'by',
  'its',
  'it',
  'this',
  'that',
]);

/** `encodes` and `encoded` begin alike. */
const beginningLength = 5;

/** What a text says, as the beginnings of its words: `Encodes an ARP message` has those of `encodeArpMessage`. */
function wordsOf(text: string): string[] {
  const words =
    text
      .replaceAll(/([a-z0-9])(?=[A-Z])/g, '$1 ')
      .toLowerCase()
      .match(/[a-z0-9]+/g) ?? [];
  return words.filter((word) => !fillers.has(word)).map((word) => word.slice(0, beginningLength));
}

const exportedFunctionOrClass =
  /^export (?:async )?(?:(?:function\*?|(?:abstract )?class) (\w+)|const (\w+)(?:: [^=\n]*(?:=>[^=\n]*)?)? = (?:async )?(?:function\b|\w+ =>|(?:<[^>]*>)?\([^()]*\)(?:: [^=;]+)? =>))/gm;

const docstrings = perFile('every exported function and class of src/ says what its name does not', (file) => {
  if (!file.path.startsWith('src/') || isTest(file)) return [];
  const instead =
    'say in /** … */ right above it what is taken and given, in which unit, and what undefined or an error means';
  const seen = new Set<string>();
  return [...codeOf(file.text).matchAll(exportedFunctionOrClass)].flatMap((match) => {
    const name = (match[1] ?? match[2])!;
    // What overloads have in common stands above the first.
    if (seen.has(name)) return [];
    seen.add(name);
    const above = file.text.slice(0, match.index).replace(/(?:(?<=\n)\/\/ biome-ignore [^\n]*\n)+$/, '');
    const docstring = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n$/.exec(above)?.[1];
    const line = file.text.slice(0, match.index).split('\n').length;
    if (docstring === undefined) return [`line ${line} exports ${name} without a docstring: ${instead}`];
    const known = new Set(wordsOf(name));
    if (wordsOf(docstring).some((word) => !known.has(word))) return [];
    return [`line ${line} has a docstring of ${name} that says its name again: ${instead}`];
  });
});

export const rules: readonly Rule[] = [
  layering,
  featureFolders,
  noCycles,
  purity,
  noBarrels,
  noDefaultExports,
  fileSize,
  kebabCase,
  knownFolders,
  noFocus,
  skipsHaveReasons,
  noForeignPlaces,
  architectureIsComplete,
  pagesNameWhatIsThere,
  docstrings,
  commentsNameWhatIsThere,
];
