import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { createClient } from '@fengcun/contracts';
import { DockError } from '../errors.ts';
import type { Enrolment, Home } from '../home/home.ts';

/** Makes this dock's Ed25519 key, sends the public half with the one-time code, and keeps what the server answers. */
export async function enrol(home: Home, url: string, code: string): Promise<Enrolment> {
  const origin = originOf(url);
  const { privateKey } = generateKeyPairSync('ed25519');
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' });
  if (!x) throw new TypeError('An Ed25519 JWK has an x');
  const { dock, audience, logKeys } = await createClient({ baseUrl: origin }).call('enrolDock', {
    body: { code: code.trim(), publicKey: x },
  });
  const enrolment = { url: origin, dock: { id: dock.id, name: dock.name }, audience, logKeys };
  await home.saveEnrolment(enrolment, privateKey);
  return enrolment;
}

function originOf(url: string): string {
  const parsed = URL.parse(url);
  if (!parsed || !/^https?:$/.test(parsed.protocol)) {
    throw new DockError('usage', {
      zh: `“${url}”不是服务器地址；地址以 https:// 或 http:// 开头`,
      en: `"${url}" is not a server address; it starts with https:// or http://`,
    });
  }
  return parsed.origin;
}
