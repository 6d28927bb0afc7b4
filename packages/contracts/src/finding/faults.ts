import { defineFindings } from './define.ts';

/** What went wrong with a machine, a tool or a network. What the program itself said comes along as `said`. */
export const faultFindings = defineFindings({
  vault_not_found: {
    facts: { said: 'said' },
    zh: '存储库中没有这个版本。',
    en: 'The vault has no such version.',
  },
  vault_corrupt: {
    facts: { said: 'said' },
    zh: '存储库中的内容与写入时不符。',
    en: 'What the vault holds is not what was stored.',
  },
  vault_unavailable: {
    facts: { said: 'said' },
    zh: '存储库暂时无法应答。',
    en: 'The vault could not be asked.',
  },
  vault_exists: { facts: { said: 'said' }, zh: '存储位置已被占用。', en: 'The place in the vault is taken.' },
  vault_retained: {
    facts: { said: 'said' },
    zh: '存储库仍在锁定期内，不允许删除。',
    en: 'The vault still retains it and lets nobody delete it.',
  },
  vault_held: { facts: { said: 'said' }, zh: '存储库中仍有依法保全。', en: 'The vault holds it under a legal hold.' },
  vault_no_space: { facts: { said: 'said' }, zh: '存储库空间已满。', en: 'The vault is full.' },
  vault_read_only: {
    facts: { said: 'said' },
    zh: '存储库拒绝本服务写入，请检查权限或挂载。',
    en: 'The vault does not let this service write; mend permissions or the mount.',
  },
  vault_part_mismatch: {
    facts: { said: 'said' },
    zh: '存储库中的分片与登记的不符。',
    en: 'The parts in the vault are not those on record.',
  },
  vault_incomplete: {
    facts: { said: 'said' },
    zh: '存储库中的内容少于应有的。',
    en: 'The vault holds fewer bytes than it should.',
  },
  vault_superseded: {
    facts: { said: 'said' },
    zh: '另一个进程已接手写入。',
    en: 'Another process has taken over the writing.',
  },
  vault_invalid: {
    facts: { said: 'said' },
    zh: '存储库不接受这个请求。',
    en: 'The vault does not take the request as it was made.',
  },
  work_vault_unfit: {
    facts: { said: 'said' },
    zh: '存储库不具备封存所需的能力。',
    en: 'The vault does not do what sealing rests on.',
  },
  work_lock_missing: {
    facts: { said: 'said' },
    zh: '存储库没有显示所要求的锁定。在它显示之前不会封存，请检查存储库。',
    en: 'The vault does not show the lock that was asked for; nothing is sealed until it does. Check the vault.',
  },
  work_object_incomplete: {
    facts: { said: 'said' },
    zh: '存储库给出的内容少于对象的大小，请检查存储库。',
    en: 'The vault gave fewer bytes than the object has. Check the vault.',
  },
  work_hold_missing: {
    facts: { said: 'said' },
    zh: '存储库没有显示所要求的保全，请检查存储库。',
    en: 'The vault does not show the legal hold as it was asked for. Check the vault.',
  },
  work_replica_missing: {
    facts: { said: 'said' },
    zh: '备份存储库中有第二份副本，但本服务没有配置备份存储库。',
    en: 'There is a second copy in a replica vault, and this service was given none.',
  },
  work_no_good_copy: {
    facts: { said: 'said' },
    zh: '没有任何一份副本已知完好。请先再次验证，再修复损坏的副本。',
    en: 'No copy in any vault is known to be good. Verify the item, then repair what is damaged.',
  },
  work_copy_unread: {
    facts: { said: 'said' },
    zh: '副本已存入但无法回读，因此不计；存储库应答后会重做。',
    en: 'A copy was stored and could not be read back, so it does not count; it is made again when the vault answers.',
  },
  work_copy_differs: {
    facts: { said: 'said' },
    zh: '副本已存入，但回读与封存的内容不符，因此不计。请检查存储库和网络。',
    en: 'A copy was stored and is not what was sealed when read back, so it does not count. Check vaults and network.',
  },
  work_copy_under_way: {
    facts: { said: 'said' },
    zh: '正在制作一份副本，完成后再进行。',
    en: 'A copy of the item is just being made; what is asked for is done after that.',
  },
  work_seal_contradicted: {
    facts: { said: 'said' },
    zh: '目录库与日志对封存内容的记载不一致，因此不能认定任何副本完好。请从备份恢复目录库。',
    en: 'Catalogue and log do not agree on what was sealed, so no copy can be called good. Restore the catalogue from a backup.',
  },
  work_taken_over: {
    facts: { said: 'said' },
    zh: '另一个工作进程已接手。',
    en: 'Another worker has taken this work over.',
  },
  unexpected: {
    facts: { said: 'said' },
    zh: '发生了意外错误。',
    en: 'An unexpected error came up.',
  },
  ledger_history_differs: {
    facts: { said: 'said' },
    zh: '日志的哈希瓦片推不出已签名的树根；在审计员检查数据库之前，日志不再签名。',
    en: 'The tiles do not lead to the root that was signed; nothing is signed until an auditor has looked at the database.',
  },
  ledger_log_went_back: {
    facts: { said: 'said' },
    zh: '数据库中的日志条目少于此密钥已签名的条数；请恢复较新的数据库，切勿在其上继续签名。',
    en: 'The database knows fewer entries than this key has signed; restore the newer database, never sign over it.',
  },
  delivery_timed_out: {
    facts: { ms: 'number' },
    zh: '{ms} 毫秒内没有应答。',
    en: 'No reply within {ms} ms.',
  },
  delivery_refused_address: {
    facts: { address: 'text' },
    zh: '{address} 不是允许发送的地址。',
    en: '{address} is not an address to send to.',
  },
  delivery_no_address: { facts: {}, zh: '这不是一个地址。', en: 'This is not an address.' },
  delivery_with_password: {
    facts: {},
    zh: '地址中含有密码，不予发送。',
    en: 'There is a password in the address; nothing is sent to it.',
  },
  delivery_needs_https: {
    facts: {},
    zh: '只通过 https 发送到其他机器。',
    en: 'Only https is spoken to other machines.',
  },
  delivery_no_connection: {
    facts: { said: 'said' },
    zh: '无法建立连接，或连接中断。',
    en: 'No connection could be made, or it broke.',
  },
});
