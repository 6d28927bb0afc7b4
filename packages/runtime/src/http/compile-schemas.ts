import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import stringifierOf, { type Schema } from 'fast-json-stringify';
import type { FastifySchemaCompiler, FastifySerializerCompiler } from 'fastify';

const strict = withFormats(new Ajv({ allErrors: false, coerceTypes: false, useDefaults: true, strict: false }));
// Query strings and path parameters are text; numbers and booleans in them have to be read from it.
const coercing = withFormats(new Ajv({ allErrors: false, coerceTypes: true, useDefaults: true, strict: false }));

function withFormats(ajv: Ajv): Ajv {
  // ajv-formats is CommonJS: under Node's ESM the function is the namespace's `default`.
  (addFormats as unknown as { default: (ajv: Ajv) => void }).default(ajv);
  return ajv;
}

/** The check of one part of a request. Throws where the schema is not one. */
export const validatorOf = (schema: object, httpPart?: string): ValidateFunction =>
  (httpPart === 'body' ? strict : coercing).compile(schema);

/** What writes a reply, dropping whatever the schema does not name. Throws where the schema is not one. */
export const serializerOf = (schema: object): ((reply: unknown) => string) => stringifierOf(schema as Schema);

/**
 * `validatorOf`, made when the first request needs it. The routes of a site are more than a thousand functions to generate: at the start
 * they cost two thirds of its processor time and a fifth of its memory, mostly for routes that nobody asks today.
 */
export const compileValidator: FastifySchemaCompiler<object> = ({ schema, httpPart }) => {
  let compiled: ValidateFunction | undefined;
  const validate = (value: unknown): boolean => {
    compiled ??= validatorOf(schema, httpPart);
    const valid = compiled(value);
    validate.errors = compiled.errors ?? null;
    return valid;
  };
  /** What was wrong, where Fastify looks for it after a refusal. */
  validate.errors = null as ErrorObject[] | null;
  return validate;
};

/** `serializerOf`, made for the first reply. */
export const compileSerializer: FastifySerializerCompiler<object> = ({ schema }) => {
  let compiled: ((reply: unknown) => string) | undefined;
  return (reply) => {
    compiled ??= serializerOf(schema);
    return compiled(reply);
  };
};
