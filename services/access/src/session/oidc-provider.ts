import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  buildEndSessionUrl,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  None,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import type { OidcConfig } from '../config.ts';

/** What has to be remembered between sending the browser away and its return. */
export interface OidcAttempt {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** Somebody whom the provider vouches for. */
export interface OidcPerson {
  readonly issuer: string;
  readonly subject: string;
  /** the claim that names the login, where one is configured and sent */
  readonly login: string | undefined;
}

const timeoutSeconds = 10;

/** An OpenID provider: authorization code with PKCE, state and nonce (OpenID Connect Core 3.1, RFC 7636, RFC 9700). */
export class OidcProvider {
  readonly config: OidcConfig;
  #discovered: Promise<Configuration> | undefined;

  constructor(config: OidcConfig) {
    this.config = config;
  }

  async authorizationUrl(redirectUri: string): Promise<{ readonly url: URL; readonly attempt: OidcAttempt }> {
    const discovered = await this.#discover();
    const attempt = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier() };
    const url = buildAuthorizationUrl(discovered, {
      redirect_uri: redirectUri,
      scope: this.config.claim === null ? 'openid' : 'openid profile email',
      state: attempt.state,
      nonce: attempt.nonce,
      code_challenge: await calculatePKCECodeChallenge(attempt.verifier),
      code_challenge_method: 'S256',
    });
    return { url, attempt };
  }

  /** Whom the provider sent back; `returned` is the address with its query. Rejects where anything about it does not hold. */
  async personAt(returned: URL, { state, nonce, verifier }: OidcAttempt): Promise<OidcPerson> {
    const tokens = await authorizationCodeGrant(await this.#discover(), returned, {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: verifier,
      idTokenExpected: true,
    });
    const claims = tokens.claims();
    if (!claims) throw new Error('The provider sent no ID token');
    const login = this.config.claim === null ? undefined : claims[this.config.claim];
    // The configured name, not the token's: openid-client has found them equal, up to what discovery allows.
    return { issuer: this.config.issuer, subject: claims.sub, login: typeof login === 'string' ? login : undefined };
  }

  /** Where a browser signs out at the provider (OpenID Connect RP-Initiated Logout 1.0); undefined where it offers none. */
  async endUrl(returnTo: string): Promise<URL | undefined> {
    const discovered = await this.#discover();
    if (discovered.serverMetadata().end_session_endpoint === undefined) return undefined;
    return buildEndSessionUrl(discovered, { post_logout_redirect_uri: returnTo });
  }

  /** Asked once; asked again after a failure. */
  #discover(): Promise<Configuration> {
    this.#discovered ??= this.#ask().catch((error: unknown) => {
      this.#discovered = undefined;
      throw error;
    });
    return this.#discovered;
  }

  async #ask(): Promise<Configuration> {
    const { issuer, clientId, clientSecret } = this.config;
    const server = new URL(issuer);
    const plain = server.protocol === 'http:' && loopback.has(server.hostname);
    return discovery(
      server,
      clientId,
      clientSecret ?? undefined,
      clientSecret === null ? None() : undefined,
      // Without TLS only to a provider on this very machine.
      { timeout: timeoutSeconds, ...(plain ? { execute: [allowInsecureRequests] } : {}) },
    );
  }
}

const loopback = new Set(['127.0.0.1', '[::1]', 'localhost']);
