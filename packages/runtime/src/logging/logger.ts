import { type DestinationStream, type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/** Keys whose values never reach a log, wherever they stand in the first levels of an object. */
const secretKeys = [
  'authorization',
  'cookie',
  'set-cookie',
  'password',
  'passwordHash',
  'password_hash',
  'token',
  'enrolmentCode',
  'secret',
  'privateKey',
  'signingKey',
  'logSigningKey',
  'connectionString',
  'salt',
];

/** Depth to which secrets are looked for; logs are flat by habit. */
const levels = ['', '*.', '*.*.', '*.*.*.'];

export interface LoggerOptions {
  /** the service's name */
  readonly name: string;
  readonly level?: string;
  readonly destination?: DestinationStream;
}

/** JSON lines with secrets redacted. */
export function createLogger(options: LoggerOptions): Logger {
  const settings = {
    name: options.name,
    level: options.level ?? 'info',
    redact: {
      paths: levels.flatMap((level) =>
        secretKeys.map((key) => (/^\w+$/.test(key) ? `${level}${key}` : `${level}["${key}"]`.replace('.[', '['))),
      ),
      censor: '[redacted]',
    },
  };
  return options.destination ? pino(settings, options.destination) : pino(settings);
}
