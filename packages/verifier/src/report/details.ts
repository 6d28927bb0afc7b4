import type { Text } from './report.ts';

/**
 * What a leg can have to say: the closed set of codes, in words for the two audiences. `{name}` stands for the fact of that name. A program
 * reads code and facts (`--json`), a person the words.
 */
export const detailWords = {
  // the receipt and its entry
  receipt_format: { zh: '{format}', en: '{format}' },
  receipt_unreadable: { zh: '回执无法读取。', en: 'The receipt cannot be read.' },
  entry_sealed: { zh: 'evidence.sealed，{at}', en: 'evidence.sealed, {at}' },
  entry_malformed: { zh: '条目不合格式（{said}）', en: '{said}' },
  entry_unreadable: { zh: '条目无法读取。', en: 'The entry cannot be read.' },
  not_checked: { zh: '未核验。', en: 'Not checked.' },
  // the file
  no_content: { zh: '没有读取文件内容。', en: 'No content was read.' },
  size_same: { zh: '{size} 字节，全部读取', en: '{size} bytes, all of them read' },
  size_short: {
    zh: '封存时 {sealed} 字节，此文件 {found} 字节：少 {missing} 字节，被截断或不是同一文件',
    en: '{sealed} bytes were sealed, this file has {found}: {missing} missing, it was cut short or is another file',
  },
  size_long: {
    zh: '封存时 {sealed} 字节，此文件 {found} 字节：多 {extra} 字节',
    en: '{sealed} bytes were sealed, this file has {found}: {extra} too many',
  },
  algorithm_missing: {
    zh: '此处的密码库不提供该算法；请换一台机器核验。',
    en: 'The cryptographic library here does not offer this algorithm; verify on another machine.',
  },
  digest_same: { zh: '{found}', en: '{found}' },
  digest_differs: {
    zh: '此文件为 {found}，封存的是 {sealed}：不是同一文件，或被改动',
    en: 'this file has {found}, sealed was {sealed}: another file, or altered',
  },
  tree_not_computed: {
    zh: '没有按 {leafSize} 字节的分块计算。',
    en: 'The tree was not computed over leaves of {leafSize} bytes.',
  },
  tree_differs: {
    zh: '此文件的树根为 {found}，封存的是 {sealed}',
    en: "this file's root is {found}, sealed was {sealed}",
  },
  // declared, received, read back
  declared_differs: {
    zh: '条目中申报的摘要与封存的摘要不同',
    en: 'the declared digest in the entry differs from the sealed one',
  },
  received_differs: {
    zh: '条目中接收时的摘要与回读的摘要不同',
    en: 'the digest at reception in the entry differs from the one read back',
  },
  read_back_short: {
    zh: '封存时只回读了 {read} 字节，应为 {size} 字节',
    en: 'only {read} of {size} bytes were read back at sealing',
  },
  declared_same: {
    zh: '回读 {read} 字节与接收时一致，与申报一致',
    en: '{read} bytes read back, the same as received, and the same as declared',
  },
  declared_same_by_parts: {
    zh: '回读 {read} 字节，接收时逐块核对（{parts} 块），与申报一致',
    en: '{read} bytes read back, compared part by part ({parts}) with what was received, and the same as declared',
  },
  not_declared: {
    zh: '发送方没有申报摘要；回读 {read} 字节与接收时一致',
    en: 'the sender declared no digest; {read} bytes read back, the same as received',
  },
  not_declared_by_parts: {
    zh: '发送方没有申报摘要；回读 {read} 字节，接收时逐块核对（{parts} 块）',
    en: 'the sender declared no digest; {read} bytes read back, compared part by part ({parts}) with what was received',
  },
  // the log
  not_included: {
    zh: '条目不能由此证明归入检查点（序号 {index}，共 {size} 条）',
    en: 'the proof does not lead from this entry, at {index} of {size}, to the checkpoint',
  },
  included_unsigned: {
    zh: '计算相符，但检查点没有有效签名，因此不证明任何事。',
    en: 'The arithmetic agrees, but the checkpoint bears no valid signature, so it proves nothing.',
  },
  included: {
    zh: '序号 {index}（自 0 起），检查点共 {size} 条',
    en: 'entry {index} in a checkpoint of {size}',
  },
  signature_invalid: {
    zh: '{origin} 的签名无效：检查点或签名被改动、损坏或伪造',
    en: 'the signature of {origin} does not verify: checkpoint or signature was altered, damaged or forged',
  },
  no_key_at_hand: {
    zh: '没有 {origin} 的公钥能对应检查点上的签名。',
    en: 'No key of {origin} is at hand for any signature on the checkpoint.',
  },
  checkpoint_signed: { zh: '由 {by} 签署', en: 'signed by {by}' },
  no_trusted_key: {
    zh: '没有给出您信任的日志公钥；回执自带的公钥不能证明自己。',
    en: 'No log key that you trust was given; the keys inside a receipt cannot vouch for themselves.',
  },
  nothing_to_trust: {
    zh: '签名无效，无从判断。',
    en: 'The signature is invalid, so there is nothing to trust.',
  },
  key_trusted: { zh: '{keys} 在您信任之列', en: '{keys} is among those you trust' },
  key_not_trusted: {
    zh: '检查点出自 {origin}，不是由您信任的任何公钥签署：公钥文件不对，或回执出自别的日志',
    en: 'the checkpoint is of {origin} and not signed by any key you trust: the keys file is the wrong one, or the receipt comes from another log',
  },
  cosignature_invalid: {
    zh: '有见证方联署无效：被改动、损坏或伪造',
    en: 'a cosignature does not verify: it was altered, damaged or forged',
  },
  cosignatures_unknown: {
    zh: '检查点上另有公钥不明的签名，未能核验：{keys}',
    en: 'the checkpoint bears signatures whose keys are unknown here: {keys}',
  },
  cosigned: { zh: '{counted}/{expected} 个见证方联署：{by}', en: 'cosigned by {counted} of {expected}: {by}' },
  none_cosigned: {
    zh: '您信任的 {expected} 个见证方都没有联署。',
    en: 'None of the {expected} witnesses you trust cosigned.',
  },
  cosigned_untrusted: {
    zh: '有 {keys} 的联署，但您没有给出信任的见证方公钥。',
    en: 'Cosigned by {keys}, but no witness key that you trust was given.',
  },
  not_cosigned: { zh: '检查点没有见证方联署。', en: 'The checkpoint bears no cosignature.' },
  no_timestamp: { zh: '回执中没有可信时间戳。', en: 'The receipt holds no trusted timestamp.' },
  // personal values
  opening_differs: {
    zh: '{path} 所示的值与条目中的承诺不符',
    en: 'the value shown for {path} is not the one committed to',
  },
  openings_withheld: {
    zh: '{committed} 项个人信息未随回执出示。',
    en: '{committed} personal values are withheld.',
  },
  no_commitments: { zh: '条目中没有个人信息承诺。', en: 'The entry commits to no personal value.' },
  openings_match: {
    zh: '{matched}/{committed} 项相符：{paths}',
    en: '{matched} of {committed} match: {paths}',
  },
  // the lock, as the receipt repeats it
  lock_none: {
    zh: '按回执所述：{driver} 存储，封存时未锁定；是否仍锁定只有服务器能查。',
    en: 'As stated: {driver} vault, not locked at sealing; only the server can tell whether it still is.',
  },
  lock_none_advisory: {
    zh: '按回执所述：{driver} 存储，封存时未锁定（提示性保护，不能阻止系统管理员）；是否仍锁定只有服务器能查。',
    en: 'As stated: {driver} vault, not locked at sealing (advisory: it does not stop a system administrator); only the server can tell whether it still is.',
  },
  lock_open: {
    zh: '按回执所述：{driver} 存储，封存时已锁定；是否仍锁定只有服务器能查。',
    en: 'As stated: {driver} vault, locked at sealing; only the server can tell whether it still is.',
  },
  lock_open_advisory: {
    zh: '按回执所述：{driver} 存储，封存时已锁定（提示性保护，不能阻止系统管理员）；是否仍锁定只有服务器能查。',
    en: 'As stated: {driver} vault, locked at sealing (advisory: it does not stop a system administrator); only the server can tell whether it still is.',
  },
  lock_until: {
    zh: '按回执所述：{driver} 存储，封存时已锁定至 {until}；是否仍锁定只有服务器能查。',
    en: 'As stated: {driver} vault, locked at sealing until {until}; only the server can tell whether it still is.',
  },
  lock_until_advisory: {
    zh: '按回执所述：{driver} 存储，封存时已锁定至 {until}（提示性保护，不能阻止系统管理员）；是否仍锁定只有服务器能查。',
    en: 'As stated: {driver} vault, locked at sealing until {until} (advisory: it does not stop a system administrator); only the server can tell whether it still is.',
  },
} as const satisfies Record<string, Text>;

export type DetailCode = keyof typeof detailWords;

type Names<S extends string> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;
/** The facts that the words of a code name. */
type FactsOf<C extends DetailCode> = { readonly [N in Names<(typeof detailWords)[C]['en' | 'zh']>]: string | number };

/** One thing said by a leg: code and facts for programs, words for people. Texts out of a receipt have to be `printable` already. */
export interface Detail {
  /** of `detailWords`, or of the package's errors where the receipt could not be read */
  readonly code: string;
  readonly facts: Readonly<Record<string, string | number>>;
  readonly text: Text;
}

/** Says a code with its facts. */
export function say<C extends DetailCode>(
  code: C,
  ...[facts]: [Names<(typeof detailWords)[C]['en' | 'zh']>] extends [never] ? [] : [facts: FactsOf<C>]
): Detail {
  const known: Readonly<Record<string, string | number>> = facts ?? {};
  const fill = (words: string) => words.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(known[name] ?? ''));
  const { zh, en } = detailWords[code];
  return { code, facts: known, text: { zh: fill(zh), en: fill(en) } };
}
