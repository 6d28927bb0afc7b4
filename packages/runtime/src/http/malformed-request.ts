import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Problem } from './problem.ts';

/** bytes of all headers of a request: room for 16 KiB of upload metadata beside everything else */
export const maxHeaderBytes = 64 * 1024;

/**
 * Answers what is not even HTTP with a problem document too, and closes: such a request never reaches a route, and nothing that follows on
 * its connection can be trusted.
 */
export function refuseMalformed(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, ...problem } = malformed(error.code).toDocument();
  const body = JSON.stringify({ ...problem, status });
  const head = [
    `HTTP/1.1 ${status} ${problem.title}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  // The sender may still be writing: what it sends is thrown away until it has had the chance to read the answer.
  socket.resume();
  socket.setTimeout(2_000, () => socket.destroy());
}

/** "A server that receives an Expect field value containing a member other than 100-continue MAY respond with a 417" (RFC 9110, 10.1.1). */
export function refuseExpectation(_request: IncomingMessage, response: ServerResponse): void {
  const problem = new Problem({
    status: 417,
    code: 'expectation_failed',
    title: 'Expectation Failed',
    detail: 'The only expectation met here is "100-continue"; send the request without another.',
  });
  const body = JSON.stringify(problem.toDocument());
  // The body that may follow is not read: nothing after it on this connection can be told from it.
  response.writeHead(417, {
    'content-type': 'application/problem+json',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  });
  response.end(body);
}

function malformed(code: string | undefined): Problem {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new Problem({
        status: 431,
        code: 'headers_too_large',
        title: 'Request Header Fields Too Large',
        detail: `The headers of a request may have ${maxHeaderBytes} bytes in all; send less metadata.`,
      });
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new Problem({
        status: 408,
        code: 'request_timeout',
        title: 'Request Timeout',
        detail: 'The headers did not arrive in time; send the request again.',
      });
    default:
      return new Problem({
        status: 400,
        code: 'malformed_request',
        title: 'Bad Request',
        detail: 'This is not a well-formed HTTP request; correct it and send it again.',
      });
  }
}
