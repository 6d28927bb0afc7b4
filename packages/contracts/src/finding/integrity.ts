import { defineFindings } from './define.ts';

/** What a verification or a seal finds out about stored bytes, their lock and their place in the log. */
export const integrityFindings = defineFindings({
  read_of: {
    facts: { read: 'number', size: 'number' },
    zh: '共 {size} 字节，读取了 {read} 字节。',
    en: '{read} of {size} bytes were read.',
  },
  nothing_compared: { facts: {}, zh: '因此没有可比对的内容。', en: 'So nothing was compared.' },
  size_same: { facts: { size: 'number' }, zh: '{size} 字节，与封存时一致。', en: '{size} bytes, as sealed.' },
  size_differs: {
    facts: { sealed: 'number', found: 'number' },
    zh: '封存时为 {sealed} 字节，现为 {found} 字节。',
    en: 'Sealed: {sealed} bytes. Found now: {found} bytes.',
  },
  digest_same: {
    facts: { found: 'text', read: 'number' },
    zh: '{found}，读取全部 {read} 字节算得。',
    en: '{found}, over all {read} bytes.',
  },
  digest_differs: {
    facts: { sealed: 'text', found: 'text', read: 'number' },
    zh: '封存时为 {sealed}；现为 {found}（读取 {read} 字节）。',
    en: 'Sealed: {sealed}. Found now: {found}, over {read} bytes.',
  },
  row_differs: {
    facts: {},
    zh: '存储的内容与日志所载一致，但目录库中的记录与日志不符。',
    en: 'The stored bytes are those of the log, but the catalogue says something else.',
  },
  tree_other_leaf: {
    facts: { leafSize: 'number' },
    zh: '封存时按每块 {leafSize} 字节计算哈希树，本版本不支持这种分块。',
    en: 'The tree was sealed over leaves of {leafSize} bytes, which this version does not compute.',
  },
  not_declared: { facts: {}, zh: '发送方没有申报摘要。', en: 'The sender declared no digest.' },
  declared_same: {
    facts: {},
    zh: '存储的内容与发送前申报的一致。',
    en: 'What is stored is what the sender declared before sending.',
  },
  declared_differs: {
    facts: { declared: 'text', found: 'text' },
    zh: '发送方申报的 SHA-256 为 {declared}；收到并存储的为 {found}。',
    en: 'The sender declared SHA-256 {declared}; what arrived and is stored has {found}.',
  },
  declared_size_differs: {
    facts: { declared: 'number', found: 'number' },
    zh: '发送方申报 {declared} 字节，实际收到 {found} 字节。',
    en: 'The sender announced {declared} bytes; {found} arrived.',
  },
  object_size_differs: {
    facts: { found: 'number', received: 'number' },
    zh: '存储的对象为 {found} 字节，而接收时确认了 {received} 字节。',
    en: 'The stored object has {found} bytes; {received} were acknowledged while receiving.',
  },
  object_size_unexpected: {
    facts: { found: 'number', received: 'number', expected: 'number' },
    zh: '存储的对象为 {found} 字节；接收时确认了 {received} 字节，上传应为 {expected} 字节。',
    en: 'The stored object has {found} bytes; {received} were acknowledged in parts, and the upload was to have {expected}.',
  },
  parts_differ: {
    facts: { wrong: 'number', parts: 'number', first: 'number' },
    zh: '回读时，{parts} 个分片中有 {wrong} 个与接收时的摘要不符，第一个是第 {first} 片。',
    en: 'Read back, {wrong} of {parts} parts do not have the digest they were received with, the first of them part {first}.',
  },
  received_differs: {
    facts: { received: 'text', found: 'text' },
    zh: '接收时整体 SHA-256 为 {received}；回读为 {found}。',
    en: 'As received the whole had SHA-256 {received}; read back it has {found}.',
  },
  no_copy_yet: { facts: {}, zh: '这个存储库中还没有副本。', en: 'There is no copy in this vault yet.' },
  second_copy_pending: { facts: {}, zh: '第二份副本尚未制作完成。', en: 'The second copy has not been made yet.' },
  replica_unknown: {
    facts: {},
    zh: '存在第二份副本，但本服务没有配置它的存储位置。',
    en: 'There is a second copy, but this service was not told where.',
  },
  copy_same: {
    facts: { read: 'number' },
    zh: '大小、SHA-256 和 SM3 均与封存时一致，读取了全部 {read} 字节。',
    en: 'Size, SHA-256 and SM3 are those that were sealed, over all {read} bytes.',
  },
  copy_differs: {
    facts: { sealed: 'text', found: 'text', read: 'number' },
    zh: '读取 {read} 字节，SHA-256 为 {found}；封存的为 {sealed}。',
    en: 'SHA-256 is {found} over {read} bytes; {sealed} was sealed.',
  },
  copy_unreadable: { facts: {}, zh: '副本无法读取。', en: 'The copy could not be read.' },
  sealed_unlocked: {
    facts: {},
    zh: '封存时所用的存储不提供锁定。',
    en: 'The original was sealed in a vault that does not lock.',
  },
  lock_gone: { facts: {}, zh: '封存时已锁定，现在没有锁定。', en: 'Sealed under a lock; now there is none.' },
  lock_shorter: {
    facts: { promised: 'instant', until: 'instant' },
    zh: '封存时锁定至 {promised}，现在只锁定至 {until}。',
    en: 'Locked until {promised} at sealing; now until {until}.',
  },
  lock_dateless: {
    facts: { promised: 'instant' },
    zh: '封存时锁定至 {promised}，现在没有期限。',
    en: 'Locked until {promised} at sealing; now until no date.',
  },
  locked_until: { facts: { until: 'instant' }, zh: '锁定至 {until}。', en: 'Locked until {until}.' },
  locked: { facts: {}, zh: '已锁定，未设期限。', en: 'Locked until further notice.' },
  lock_enforced: { facts: {}, zh: '由存储引擎强制执行。', en: 'The storage engine enforces it.' },
  lock_advisory: {
    facts: {},
    zh: '仅由本软件执行，不能阻止系统最高权限（root）。',
    en: 'This software alone enforces it, which does not stop root.',
  },
  seal_missing: {
    facts: {},
    zh: '目录库中没有封存该证据的日志条目。',
    en: 'The event that sealed the item is not in the catalogue.',
  },
  seal_other_type: {
    facts: { type: 'text' },
    zh: '被指为封存的日志条目不是封存，而是 {type}。',
    en: "The event named as the item's seal is no seal but {type}.",
  },
  seal_other_item: {
    facts: {},
    zh: '被指为封存的日志条目属于另一件证据。',
    en: 'The event named as the seal is the seal of another item.',
  },
  seal_unreadable: {
    facts: { said: 'said' },
    zh: '封存该证据的日志条目已无法解读：它在日志之外被改动过。',
    en: "The entry that sealed the item cannot be read any more: it was altered behind the log's back.",
  },
  nothing_to_compare: { facts: {}, zh: '没有可比对的封存记录。', en: 'There is no seal to compare with.' },
  seal_not_placed: {
    facts: {},
    zh: '封存尚未排入日志，请几秒后再试。',
    en: 'The seal has not been placed in the log yet; try again in a few seconds.',
  },
  seal_not_published: {
    facts: {},
    zh: '还没有签名检查点覆盖这次封存，请几秒后再试。',
    en: 'No signed checkpoint covers the seal yet; try again in a few seconds.',
  },
  no_checkpoint: { facts: {}, zh: '没有可用于证明的检查点。', en: 'There is no checkpoint to prove it against.' },
  checkpoint_too_small: {
    facts: { size: 'number', index: 'number' },
    zh: '签名检查点只覆盖 {size} 条，不包括第 {index} 条。',
    en: 'The signed checkpoint covers {size} entries only, not entry {index}.',
  },
  no_log_key: {
    facts: {},
    zh: '本服务没有配置日志公钥，无法核对签名。',
    en: 'This service was given no key of the log to check signatures with.',
  },
  checkpoint_signed: {
    facts: { size: 'number', by: 'text' },
    zh: '检查点共 {size} 条，由 {by} 签名。',
    en: 'Checkpoint of {size} entries, signed by {by}.',
  },
  checkpoint_refused: {
    facts: { said: 'said' },
    zh: '检查点的签名无效：检查点或签名被改动、损坏，或不是由可信的日志密钥签署。',
    en: 'The signature of the checkpoint does not hold: it was altered, damaged, or is not of a log key that is trusted.',
  },
  proof_refused: {
    facts: { said: 'said' },
    zh: '日志条目不能由此证明归入检查点。',
    en: 'The entry does not lead to the root of the checkpoint.',
  },
  included: {
    facts: { index: 'number', size: 'number' },
    zh: '第 {index} 条（共 {size} 条，自 0 起），已用日志的哈希瓦片证明。',
    en: "Entry {index} of {size}, proved with the log's tiles.",
  },
  included_unsigned: {
    facts: { index: 'number', size: 'number' },
    zh: '第 {index} 条（共 {size} 条）可推得树根，但树根是否由日志签名没有核对。',
    en: 'Entry {index} of {size} leads to the root, but whether the log signed that root was not checked.',
  },
  log_not_asked: { facts: {}, zh: '未能查询日志。', en: 'The log could not be asked.' },
  no_witnesses: { facts: {}, zh: '本站点还没有见证方。', en: 'This site has no witnesses yet.' },
  no_timestamps: { facts: {}, zh: '本站点还没有可信时间戳机构。', en: 'This site has no timestamp authority yet.' },
  content_disposed: {
    facts: { at: 'instant' },
    zh: '内容已于 {at} 销毁，无可读取。',
    en: 'Its content was disposed of on {at}; there is nothing to read.',
  },
  disposal_missing: { facts: {}, zh: '日志中没有这次销毁的条目。', en: 'The log has no entry about this disposal.' },
  disposal_other_type: {
    facts: { type: 'text' },
    zh: '被指为销毁的日志条目不是销毁，而是 {type}。',
    en: 'The entry named as the disposal is not one but {type}.',
  },
  disposal_other_item: {
    facts: {},
    zh: '该日志条目是另一件证据的销毁。',
    en: 'The entry is about the disposal of another item.',
  },
  disposal_other_digests: {
    facts: {},
    zh: '该日志条目所载摘要与封存时不同。',
    en: 'The entry names other digests than were sealed.',
  },
  disposal_one_person: {
    facts: {},
    zh: '按该日志条目，申请人与批准人是同一人。',
    en: 'By the entry, one and the same person has requested and decided it.',
  },
  disposal_decided: {
    facts: { index: 'number' },
    zh: '由两人分别申请和批准；日志第 {index} 条，摘要与封存时一致。',
    en: 'Requested and decided by two people; entry {index} of the log, with the sealed digests.',
  },
});
