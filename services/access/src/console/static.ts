import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import { Problem } from '@fengcun/runtime';
import type { FastifyInstance, FastifyRequest } from 'fastify';

const config = { rule: { who: 'public' } } as const;

/** Places that belong to programs: an address under them that is not there is an error, not a page. */
const programs = /^\/(?:api|files|ledger|health|metrics|assets)(?:\/|$|\?)/;

/**
 * Serves the built console. Vite names what is in `assets/` by its content, so that may be kept for ever; `index.html` names them and is
 * asked for each time. Any other address a browser navigates to is a page of the console.
 */
export async function consoleFiles(
  app: FastifyInstance,
  { consoleDir }: { readonly consoleDir: string },
): Promise<void> {
  const page = await readFile(join(consoleDir, 'index.html'));
  await app.register(fastifyStatic, {
    root: consoleDir,
    serve: false,
    index: false,
    dotfiles: 'ignore',
    cacheControl: false,
    setHeaders(reply, path) {
      const hashed = path.startsWith(join(consoleDir, 'assets/'));
      reply.header('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  app.get('/', { config }, (_request, reply) =>
    reply.type('text/html; charset=utf-8').header('cache-control', 'no-cache').send(page),
  );
  app.get<{ Params: { '*': string } }>('/*', { config }, async (request, reply) => {
    const path = request.params['*'];
    if (path === 'index.html') return reply.redirect('/', 308);
    if (/\.[a-z0-9]{1,8}$/i.test(path)) {
      if (programs.test(request.url) && !path.startsWith('assets/')) throw nothingHere();
      return reply.sendFile(path);
    }
    if (programs.test(request.url) || !isNavigation(request)) throw nothingHere();
    return reply.type('text/html; charset=utf-8').header('cache-control', 'no-cache').send(page);
  });
}

function isNavigation(request: FastifyRequest): boolean {
  const mode = request.headers['sec-fetch-mode'];
  if (mode !== undefined) return mode === 'navigate';
  return (request.headers.accept ?? '').includes('text/html');
}

const nothingHere = () =>
  new Problem({
    status: 404,
    code: 'no_such_route',
    title: 'Not found',
    detail: 'There is nothing at this address; see /api/openapi.json.',
  });
