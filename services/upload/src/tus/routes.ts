import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import { problem, problemOf } from '../problems.ts';
import { filesPath, type TusContext, type TusHandler } from './context.ts';
import { handleDelete } from './delete.ts';
import { handleHead } from './head.ts';
import { requireVersion, single, tusVersion } from './headers.ts';
import { handleOptions } from './options.ts';
import { handlePatch } from './patch.ts';
import { handlePost } from './post.ts';
import { discardRest } from './unread-body.ts';

/** What sends bytes has its own limit (`limitActive`): a file that comes in many pieces is no flood. */
const limited = (request: FastifyRequest) => (methodOf(request) === 'PATCH' ? null : 'upload');

/** Archivists send scans of letters and identity documents, sealed like any evidence. */
const senders = {
  rule: { who: 'dock-or-person', roles: ['officer', 'supervisor', 'archivist'], scope: 'upload' },
  rate: limited,
} as const;
const anybody = { rule: { who: 'public' }, rate: 'upload' } as const;

/** Verbs of the address where uploads are created, and of an upload's own. */
const atCollection: Readonly<Record<string, TusHandler>> = { POST: handlePost, OPTIONS: handleOptions };
const atUpload: Readonly<Record<string, TusHandler>> = {
  HEAD: handleHead,
  PATCH: handlePatch,
  DELETE: handleDelete,
  OPTIONS: handleOptions,
};

/** tus 1.0 (tus.io/protocols/resumable-upload): a thin adapter over `UploadSessions`. In a scope of its own: bodies are not parsed. */
export function tusRoutes(app: FastifyInstance, context: TusContext): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  app.addHook('onSend', async (request, reply) => {
    // "The Tus-Resumable header MUST be included in every request and response except for OPTIONS requests."
    reply.header('tus-resumable', tusVersion);
    discardRest(request, reply);
  });

  const methods: HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];
  const add = (url: string, method: HTTPMethods[], config: typeof senders | typeof anybody, verbs: typeof atUpload) =>
    app.route({ method, url, config, handler: (request, reply) => dispatch(context, verbs, request, reply) });
  for (const url of [filesPath, `${filesPath}/`]) {
    add(url, methods, senders, atCollection);
    add(url, ['OPTIONS'], anybody, { OPTIONS: handleOptions });
  }
  add(`${filesPath}/:id`, methods, senders, atUpload);
  add(`${filesPath}/:id`, ['OPTIONS'], anybody, { OPTIONS: handleOptions });
}

/**
 * "The X-HTTP-Method-Override request header MUST be a string which MUST be interpreted as the request's method by the Server, if the header is
 * presented. The actual method of the request MUST be ignored."
 */
const methodOf = ({ headers, method }: FastifyRequest): string =>
  (single(headers, 'x-http-method-override') ?? method).toUpperCase();

async function dispatch(
  context: TusContext,
  verbs: Readonly<Record<string, TusHandler>>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const method = methodOf(request);
  if (method !== 'OPTIONS') requireVersion(request.headers);
  const handle = Object.hasOwn(verbs, method) ? verbs[method] : undefined;
  // There is nothing to read at either address, and no upload at the collection's.
  if (!handle && (method === 'GET' || verbs === atCollection)) throw problem('upload_unknown');
  if (!handle) throw problem('method_unsupported', { headers: { allow: Object.keys(verbs).join(', ') } });
  try {
    return await handle(context, request, reply);
  } catch (error) {
    throw problemOf(error);
  }
}
