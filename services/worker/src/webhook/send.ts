import { createHmac } from 'node:crypto';
import { lookup as resolve } from 'node:dns';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { type Finding, finding } from '@fengcun/contracts';

export interface OutgoingMessage {
  readonly id: string;
  readonly url: string;
  /** HMAC key */
  readonly secret: Uint8Array;
  readonly body: string;
}

export interface SendOptions {
  /** plain HTTP to this machine itself, for programs beside this one; otherwise HTTPS to other machines only */
  readonly allowLoopback: boolean;
  readonly timeoutMs: number;
  readonly now: Date;
  readonly signal?: AbortSignal;
}

/** What came of it: a status for a reply, whatever it is, or why there was none. */
export type SendOutcome =
  | { readonly status: number; readonly findings: null }
  | { readonly status: null; readonly findings: readonly Finding[] };

/** `t=<Unix seconds>,v1=<hex HMAC-SHA256 over "<t>.<body>">`: what was signed cannot be sent again later as new. */
export function signatureOf(secret: Uint8Array, body: string, at: Date): string {
  const t = Math.floor(at.getTime() / 1000);
  return `t=${t},v1=${createHmac('sha256', secret).update(`${t}.${body}`).digest('hex')}`;
}

/**
 * Sends one message and reads no more of the reply than its status. Follows no redirection. Whoever may name an address must not make this
 * machine talk to itself or to what only it can reach (SSRF): the address is judged as the name resolves at the moment of connecting, so that
 * it cannot resolve to something else a moment later.
 */
export function send(message: OutgoingMessage, options: SendOptions): Promise<SendOutcome> {
  const { promise, resolve: settle } = Promise.withResolvers<SendOutcome>();
  const failed = (why: Finding) => settle({ status: null, findings: [why] });
  const target = targetOf(message.url, options.allowLoopback);
  if ('refused' in target) {
    failed(target.refused);
    return promise;
  }
  const { url } = target;
  const timeout = AbortSignal.timeout(options.timeoutMs);
  const signal = options.signal ? AbortSignal.any([timeout, options.signal]) : timeout;
  const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
    method: 'POST',
    agent: false,
    signal,
    lookup: guardedLookup(options.allowLoopback),
    headers: {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(message.body),
      'user-agent': 'fengcun',
      'fengcun-delivery': message.id,
      'fengcun-signature': signatureOf(message.secret, message.body, options.now),
    },
  });
  request.on('error', (error: NodeJS.ErrnoException) =>
    failed(
      timeout.aborted
        ? finding('delivery_timed_out', { ms: options.timeoutMs })
        : error instanceof AddressRefused
          ? finding('delivery_refused_address', { address: error.address })
          : finding('delivery_no_connection', { said: error.code ?? error.message }),
    ),
  );
  request.on('response', (response) => {
    settle({ status: response.statusCode ?? 0, findings: null });
    // A body may have no end.
    response.destroy();
  });
  request.end(message.body);
  return promise;
}

/** The address as it may be sent to, or why not. */
export function targetOf(text: string, allowLoopback: boolean): { readonly url: URL } | { readonly refused: Finding } {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url) return { refused: finding('delivery_no_address') };
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const own = host === 'localhost' || (isIP(host) !== 0 && isOwn(host));
  if (url.username !== '' || url.password !== '') return { refused: finding('delivery_with_password') };
  if (url.protocol === 'http:' && !(own && allowLoopback)) return { refused: finding('delivery_needs_https') };
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return { refused: finding('delivery_needs_https') };
  if (isIP(host) !== 0 && !mayReach(host, allowLoopback))
    return { refused: finding('delivery_refused_address', { address: host }) };
  return { url };
}

/** What a name leads to is not an address to send to. */
class AddressRefused extends Error {
  readonly address: string;

  constructor(address: string) {
    super(`${address} is not an address to send to`);
    this.address = address;
  }
}

function guardedLookup(allowLoopback: boolean): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, [], 0);
      const refused = addresses.find(({ address }) => !mayReach(address, allowLoopback));
      if (refused || addresses.length === 0) {
        return callback(new AddressRefused(refused ? `${hostname} (${refused.address})` : hostname), [], 0);
      }
      if (options.all) return callback(null, addresses);
      return callback(null, addresses[0]?.address ?? '', addresses[0]?.family ?? 4);
    });
  };
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Never another machine: unspecified, link-local (where clouds keep their keys), multicast, broadcast. Private networks are a bureau's own. */
const nowhere = new BlockList();
nowhere.addSubnet('0.0.0.0', 8, 'ipv4');
nowhere.addSubnet('169.254.0.0', 16, 'ipv4');
nowhere.addSubnet('224.0.0.0', 3, 'ipv4');
nowhere.addAddress('::', 'ipv6');
nowhere.addSubnet('fe80::', 10, 'ipv6');
nowhere.addSubnet('ff00::', 8, 'ipv6');
// Where clouds answer for IPv6, in what is otherwise a private range.
nowhere.addAddress('fd00:ec2::254', 'ipv6');

/** Both lists know IPv4 addresses in their IPv6 spelling (`::ffff:127.0.0.1`) too. */
const on = (list: BlockList, address: string) => list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
const isOwn = (address: string) => on(loopback, address);
const mayReach = (address: string, allowLoopback: boolean) =>
  !on(nowhere, address) && (allowLoopback || !isOwn(address));
