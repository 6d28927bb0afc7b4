import { type Api, api } from '../api.ts';
import { Problem } from './problem.ts';
import type { RouteContract } from './route.ts';

/** The OpenAPI 3.1 document of every route under `/api` (JSON Schema 2020-12, as TypeBox makes it). */
export function openApiDocument(info: { readonly version: string; readonly title?: string }): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [name, route] of Object.entries(api) as [keyof Api, RouteContract][]) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(name, route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: info.title ?? 'Fengcun', version: info.version },
    paths,
    components: {
      schemas: { Problem },
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'fengcun_session' },
        dock: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT (EdDSA)' },
      },
    },
  };
}

function operation(name: string, route: RouteContract): Record<string, unknown> {
  const success = route.reply
    ? { description: 'OK', content: { 'application/json': { schema: route.reply } } }
    : route.media
      ? { description: 'OK', content: { [route.media]: {} } }
      : { description: 'Done' };
  return {
    operationId: name,
    summary: route.summary,
    tags: [route.tag],
    security: securityOf(route),
    'x-fengcun-rule': route.rule,
    parameters: [...parametersOf(route.params, 'path'), ...parametersOf(route.query, 'query')],
    ...(route.body ? { requestBody: { required: true, content: { 'application/json': { schema: route.body } } } } : {}),
    responses: {
      [route.status]: success,
      default: {
        description: ['A problem document', ...route.problems].join('; '),
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  };
}

function securityOf({ rule }: RouteContract): Record<string, string[]>[] {
  switch (rule.who) {
    case 'public':
      return [];
    case 'dock':
      return [{ dock: [] }];
    case 'person':
      return [{ session: [] }];
    case 'dock-or-person':
      return [{ dock: [] }, { session: [] }];
  }
}

function parametersOf(schema: unknown, place: 'path' | 'query'): unknown[] {
  if (typeof schema !== 'object' || schema === null || !('properties' in schema)) return [];
  const { properties, required = [] } = schema as { properties: Record<string, unknown>; required?: string[] };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: required.includes(name),
    schema: property,
  }));
}
