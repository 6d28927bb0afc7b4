import type { Rate, RouteContract, RouteRule, StaticOf } from '@fengcun/contracts';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import { type HealthCheck, reportHealth } from '../health/health.ts';
import type { Logger } from '../logging/logger.ts';
import type { Registry } from '../metrics/metrics.ts';
import { compileSerializer, compileValidator } from './compile-schemas.ts';
import { maxHeaderBytes, refuseExpectation, refuseMalformed } from './malformed-request.ts';
import { Problem } from './problem.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call this route. A route without a rule keeps the server from starting. */
    rule?: RouteRule;
    /** which limit callers are held to; none for what has no contract: pages, health. Asked where it depends on the request */
    rate?: Rate | ((request: FastifyRequest) => Rate | null);
  }
}

export interface HttpServerOptions {
  readonly logger: Logger;
  readonly metrics: Registry;
  readonly health: readonly HealthCheck[];
  /** trust X-Forwarded-* from this proxy (address or CIDR); none by default */
  readonly trustProxy?: string;
}

/**
 * A Fastify server with what every service needs: problem documents for every error, /health/live, /health/ready, /metrics, strict
 * validation (bodies are never coerced, unknown fields are refused), and the refusal of routes without a rule.
 */
export function createHttpServer(options: HttpServerOptions): FastifyInstance {
  const app = Fastify({
    loggerInstance: options.logger as FastifyBaseLogger,
    trustProxy: options.trustProxy ?? false,
    logController: new LogController({ disableRequestLogging: true }),
    requestIdHeader: false,
    bodyLimit: 4 * 1024 * 1024,
    // Long uploads are bounded by idle time, not by total time; the upload service enforces it per read.
    requestTimeout: 0,
    routerOptions: { maxParamLength: 300 },
    forceCloseConnections: true,
    http: { maxHeaderSize: maxHeaderBytes },
    clientErrorHandler: refuseMalformed,
    // What is wrong with an address before any route is found: it too is answered with a problem document.
    frameworkErrors: (error, request, reply) => replyWithProblem(error, request, reply as FastifyReply),
  }) as unknown as FastifyInstance;
  app.server.on('checkExpectation', refuseExpectation);
  app.setValidatorCompiler(compileValidator);
  app.setSerializerCompiler(compileSerializer);
  app.setErrorHandler(replyWithProblem);
  app.setNotFoundHandler((request, reply) => sendProblem(request, reply, noSuchRoute()));
  app.addHook('onRoute', (route) => {
    if (!route.config?.rule)
      throw new Error(`Route ${route.method} ${route.url} has no rule: say in its config who may call it`);
  });
  addOperationRoutes(app, options);
  return app;
}

function addOperationRoutes(app: FastifyInstance, { metrics, health }: HttpServerOptions): void {
  const config = { rule: { who: 'public' } } as const;
  app.get('/health/live', { config }, () => ({ live: true }));
  app.get('/health/ready', { config }, async (_request, reply) => {
    const report = await reportHealth(health);
    return reply.code(report.ready ? 200 : 503).send(report);
  });
  app.get('/metrics', { config }, async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.metrics()),
  );
}

/** A request whose parts have been validated against the contract. */
export interface ContractRequest<C extends RouteContract> {
  readonly params: StaticOf<C['params']>;
  readonly query: StaticOf<C['query']>;
  readonly body: StaticOf<C['body']>;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** Registers a contract's route: method, path, schema, rule and success status come from the contract. */
export function route<C extends RouteContract>(
  app: FastifyInstance,
  contract: C,
  handler: (input: ContractRequest<C>) => Promise<StaticOf<C['reply']> | FastifyReply>,
): void {
  app.route({
    method: contract.method,
    url: contract.path,
    config: { rule: contract.rule, rate: contract.rate },
    schema: {
      ...(contract.params ? { params: contract.params } : {}),
      ...(contract.query ? { querystring: contract.query } : {}),
      ...(contract.body ? { body: contract.body } : {}),
      ...(contract.reply ? { response: { [contract.status]: contract.reply } } : {}),
    },
    handler: async (request, reply) => {
      reply.code(contract.status);
      const { params, query, body } = request;
      return handler({ params, query, body, request, reply } as unknown as ContractRequest<C>);
    },
  });
}

function replyWithProblem(error: FastifyError | Problem, request: FastifyRequest, reply: FastifyReply): void {
  const problem = problemOf(error);
  if (problem.status >= 500) request.log.error({ err: error }, 'request failed');
  sendProblem(request, reply, problem);
}

function problemOf(error: FastifyError | Problem): Problem {
  if (error instanceof Problem) return error;
  if (error.validation) return invalidInput(error);
  if (error.statusCode && error.statusCode >= 400 && error.statusCode < 500) return refused(error);
  return internalFault();
}

function sendProblem(request: FastifyRequest, reply: FastifyReply, problem: Problem): void {
  void reply
    .code(problem.status)
    .headers(problem.headers)
    .type('application/problem+json')
    .serializer(JSON.stringify)
    .send(problem.toDocument(request.id));
}

function invalidInput(error: FastifyError): Problem {
  const errors = (error.validation ?? []).map(({ instancePath, message }) => ({
    path: instancePath || '/',
    message: message ?? 'invalid',
  }));
  return new Problem({
    status: 400,
    code: 'invalid_input',
    title: 'Invalid input',
    detail: `Correct the ${error.validationContext ?? 'request'}: ${errors.map((e) => `${e.path} ${e.message}`).join('; ')}`,
    extensions: { errors },
    cause: error,
  });
}

function refused(error: FastifyError): Problem {
  return new Problem({
    status: error.statusCode ?? 400,
    code: (error.code ?? 'bad_request').replace(/^FST_ERR_/, '').toLowerCase(),
    title: 'Request refused',
    detail: error.message,
    cause: error,
  });
}

const noSuchRoute = () =>
  new Problem({
    status: 404,
    code: 'no_such_route',
    title: 'Not found',
    detail: 'There is nothing at this address; see /api/openapi.json.',
  });

const internalFault = () =>
  new Problem({
    status: 500,
    code: 'internal_fault',
    title: 'Internal fault',
    detail: 'The server failed and has logged why under this request id. Nothing was acknowledged; try again.',
  });
