import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/** Every module that a page importing `entry` would load, and what it imports from outside the workspace. */
function importsOf(entry: URL): { readonly modules: Set<string>; readonly outside: Set<string> } {
  const modules = new Set<string>();
  const outside = new Set<string>();
  const visit = (url: URL): void => {
    if (modules.has(url.href)) return;
    modules.add(url.href);
    const source = readFileSync(fileURLToPath(url), 'utf8');
    for (const [, names, specifier = ''] of source.matchAll(/(?:^|\n)(?:import|export)\s([^;]*?)from\s'([^']+)'/g)) {
      if (names?.startsWith('type ')) continue;
      if (specifier.startsWith('.')) visit(new URL(specifier, url));
      else if (specifier.startsWith('@fengcun/')) visit(new URL(import.meta.resolve(specifier)));
      else outside.add(specifier);
    }
    expect(source, url.href).not.toMatch(/\b(?:Buffer|process|require|__dirname)\b[.(]/);
  };
  visit(entry);
  return { modules, outside };
}

describe('the pure part', () => {
  it('loads nothing that a browser lacks: no node: module, no digest threads, no schema library', () => {
    const { modules, outside } = importsOf(new URL('./index.ts', import.meta.url));
    expect(modules.size).toBeGreaterThan(20);
    expect([...outside].sort()).toEqual(['@noble/curves/ed25519.js', '@noble/hashes/sha2.js', 'canonicalize']);
  });
});
