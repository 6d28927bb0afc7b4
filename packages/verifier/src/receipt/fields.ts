import { isJsonObject, type JsonObject, type JsonValue } from '@fengcun/tlog';
import { VerifierError } from '../errors.ts';

/** Reads members out of attacker-controlled JSON; every refusal names the member. */
export class Fields {
  readonly #object: JsonObject;
  readonly #path: string;

  constructor(value: JsonValue | undefined, path: string) {
    if (!isJsonObject(value)) throw wrong(path, '对象', 'an object');
    this.#object = value;
    this.#path = path;
  }

  /** Refuses members other than these: what nobody checks must not stand in a receipt. */
  only(...names: readonly string[]): this {
    for (const name of Object.keys(this.#object)) {
      if (!names.includes(name)) {
        const shown = JSON.stringify(name.slice(0, 60));
        throw malformed(`${this.#path} 中有未知成员 ${shown}`, `${this.#path} has an unknown member ${shown}`);
      }
    }
    return this;
  }

  raw(name: string): JsonValue | undefined {
    return Object.hasOwn(this.#object, name) ? this.#object[name] : undefined;
  }

  text(name: string): string {
    const value = this.raw(name);
    if (typeof value !== 'string') throw wrong(this.#at(name), '文本', 'text');
    return value;
  }

  /** 64 lower-case hexadecimal digits */
  digest(name: string): string {
    const value = this.raw(name);
    if (typeof value !== 'string' || !/^[0-9a-f]{64}$/.test(value)) {
      throw wrong(this.#at(name), '64 位小写十六进制摘要', 'a digest of 64 lower-case hexadecimal digits');
    }
    return value;
  }

  /** whole, from 0 to 2^53 - 1 */
  count(name: string): number {
    const value = this.raw(name);
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
      throw wrong(this.#at(name), '非负整数', 'a whole number');
    return value;
  }

  list(name: string, maxLength: number): readonly JsonValue[] {
    const value = this.raw(name);
    if (!Array.isArray(value) || value.length > maxLength) {
      throw wrong(this.#at(name), `不超过 ${maxLength} 项的列表`, `a list of at most ${maxLength}`);
    }
    return value;
  }

  object(name: string): Fields {
    return new Fields(this.raw(name), this.#at(name));
  }

  /** null, or absent */
  missing(name: string): boolean {
    return (this.raw(name) ?? null) === null;
  }

  #at(name: string): string {
    return `${this.#path}.${name}`;
  }
}

export function malformed(zh: string, en: string, cause?: unknown): VerifierError {
  return new VerifierError('receipt_malformed', { zh: `${zh}。`, en: `${en}.` }, { cause });
}

function wrong(path: string, zh: string, en: string): VerifierError {
  return malformed(`${path} 应为${zh}`, `${path} should be ${en}`);
}
