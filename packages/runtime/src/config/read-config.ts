/** What was wrong with one environment variable; the message names it, what was found and what is allowed. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly variable: string;

  constructor(variable: string, found: string | undefined, allowed: string) {
    super(`${variable} is ${found === undefined ? 'not set' : `"${found}"`}; allowed: ${allowed}`);
    this.variable = variable;
  }
}

/** Reads one variable: its name, what it allows (for the error), how to parse (undefined = refused), and an optional default. */
export interface Setting<T> {
  readonly variable: string;
  readonly allowed: string;
  readonly parse: (text: string) => T | undefined;
  readonly fallback?: T;
  /** never shown in an error */
  readonly secret?: boolean;
}

type Values<S extends Record<string, Setting<unknown>>> = {
  readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never;
};

/** Parses all settings once into one frozen object. Throws `ConfigError` for the first bad or missing one. */
export function readConfig<S extends Record<string, Setting<unknown>>>(
  env: Readonly<Record<string, string | undefined>>,
  settings: S,
): Values<S> {
  const values = Object.entries(settings).map(([key, setting]) => {
    const text = env[setting.variable];
    if (text === undefined || text === '') {
      if ('fallback' in setting) return [key, setting.fallback];
      throw new ConfigError(setting.variable, undefined, setting.allowed);
    }
    const value = setting.parse(text);
    if (value === undefined)
      throw new ConfigError(setting.variable, setting.secret ? '(secret)' : text, setting.allowed);
    return [key, value];
  });
  return Object.freeze(Object.fromEntries(values)) as Values<S>;
}

type Options<T> = { readonly fallback?: T; readonly secret?: boolean };

export const text = (variable: string, options: Options<string> = {}): Setting<string> => ({
  variable,
  allowed: 'any text',
  parse: (value) => value,
  ...options,
});

export const oneOf = <const V extends readonly string[]>(
  variable: string,
  values: V,
  options: Options<V[number]> = {},
): Setting<V[number]> => ({
  variable,
  allowed: values.join(', '),
  parse: (value) => values.find((v) => v === value),
  ...options,
});

/** A whole number in [min, max]. Underscores may group digits. */
export const integer = (
  variable: string,
  range: { readonly min: number; readonly max: number },
  options: Options<number> = {},
): Setting<number> => ({
  variable,
  allowed: `a whole number from ${range.min} to ${range.max}`,
  parse: (value) => {
    const number = /^-?\d[\d_]*$/.test(value) ? Number(value.replaceAll('_', '')) : Number.NaN;
    return Number.isSafeInteger(number) && number >= range.min && number <= range.max ? number : undefined;
  },
  ...options,
});

export const port = (variable: string, options: Options<number> = {}): Setting<number> =>
  integer(variable, { min: 0, max: 65_535 }, options);

export const url = (
  variable: string,
  protocols: readonly string[],
  options: Options<string> = {},
): Setting<string> => ({
  variable,
  allowed: `a URL starting with ${protocols.map((p) => `${p}://`).join(' or ')}`,
  parse: (value) =>
    URL.canParse(value) && protocols.includes(new URL(value).protocol.slice(0, -1)) ? value : undefined,
  ...options,
});

/**
 * Runs `main`; a `ConfigError`, or whatever else names the `variable` that has to be mended, ends the process with one clear line (exit 78,
 * EX_CONFIG) instead of a stack.
 */
export async function exitOnConfigError(main: () => Promise<unknown>): Promise<void> {
  try {
    await main();
  } catch (error) {
    if (!isAboutConfiguration(error)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(78);
  }
}

/** Also errors of packages that know only from trying what a value is worth, such as the vault's. */
const isAboutConfiguration = (error: unknown): error is Error =>
  error instanceof ConfigError || (error instanceof Error && 'variable' in error && typeof error.variable === 'string');
