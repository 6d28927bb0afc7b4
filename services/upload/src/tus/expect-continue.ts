import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { filesPath } from './context.ts';

const waiting = new WeakMap<IncomingMessage, ServerResponse>();

/**
 * "The Client SHOULD include the Expect: 100-continue header in the request to receive early feedback from the Server on whether it will
 * accept the creation request, before attempting to transfer the first chunk." (Creation With Upload) So for uploads the go-ahead is given
 * when the body is first read, not, as Node does by itself, before anybody has looked at the request.
 */
export function continueOnDemand({ server }: FastifyInstance): void {
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    const path = (request.url ?? '').split('?', 1)[0];
    if (path === filesPath || path?.startsWith(`${filesPath}/`)) waiting.set(request, response);
    else response.writeContinue();
    server.emit('request', request, response);
  });
}

/** Gives the go-ahead for a body that waits for it. */
export function readyForBody(request: IncomingMessage): void {
  waiting.get(request)?.writeContinue();
  waiting.delete(request);
}

/** Whether the client still waits for the go-ahead: it has sent nothing, and there is nothing to discard. */
export const isWaiting = (request: IncomingMessage): boolean => waiting.has(request);
