import { defineFindings } from './define.ts';

/** How an alarm begins; what was found follows. */
export const alarmFindings = defineFindings({
  item_fails: {
    facts: { item: 'text' },
    zh: '“{item}”再次验证未通过。',
    en: '{item} did not pass its verification.',
  },
  leg_failed: { facts: { leg: 'leg' }, zh: '{leg}：', en: '{leg}:' },
  numbers_missing: {
    facts: { device: 'text', numbers: 'list' },
    zh: '设备 {device} 没有交出序号 {numbers}。请在采集批次页面说明缺失原因。',
    en: "Device {device} did not hand over numbers {numbers}. Explain the gap on the offload's page.",
  },
  more_numbers_missing: {
    facts: { device: 'text', numbers: 'list', more: 'number' },
    zh: '设备 {device} 没有交出序号 {numbers} 以及另外 {more} 处。请在采集批次页面说明缺失原因。',
    en: "Device {device} did not hand over numbers {numbers}, and {more} more. Explain the gap on the offload's page.",
  },
  lost_device_seen: {
    facts: { device: 'text' },
    zh: '已登记为丢失的设备 {device} 交来了录像，录像已照常接收。请查明设备在谁手中，并更正其状态。',
    en: 'Device {device} is noted as lost and hands recordings over; they are taken. Find out who has it, and put its state right.',
  },
  retired_device_seen: {
    facts: { device: 'text' },
    zh: '已停用的设备 {device} 交来了录像，录像已照常接收。请查明设备为何仍在使用，并更正其状态。',
    en: 'Device {device} was retired and hands recordings over; they are taken. Find out why it is still used, and put its state right.',
  },
  retention_not_applied: {
    facts: {},
    zh: '存储库没有接受该证据的保管期限或保全，将继续重试。',
    en: 'The vault does not take over how long, or whether held, an item is to be kept; it is tried again.',
  },
  replica_not_made: {
    facts: {},
    zh: '已封存证据的第二份副本无法制作，将继续重试。',
    en: 'The second copy of a sealed recording cannot be made; it is tried again.',
  },
  disposal_not_done: {
    facts: {},
    zh: '已批准的销毁无法执行，将继续重试。',
    en: 'An approved disposition cannot be carried out; it is tried again.',
  },
  seal_not_done: {
    facts: {},
    zh: '已接收的录音录像无法封存；内容已保留，将继续重试。',
    en: 'A received recording cannot be sealed; it is kept and will be tried again.',
  },
  object_hidden: {
    facts: { marker: 'text', key: 'text', since: 'instant' },
    zh: '自 {since} 起，存储库中的对象 {key} 被删除标记（{marker}）隐藏。内容仍在，仍可读取；请查明是谁设置的标记，收回其权限，并移除标记。',
    en: 'A delete marker ({marker}) has hidden the object {key} in the vault since {since}. Its content is still there and still read; find out who set the marker, take their rights away, and remove it.',
  },
  urgent_unconfirmed: {
    facts: { number: 'text', opener: 'text', approver: 'text' },
    zh: '{opener} 以申请 {number} 紧急调阅，{approver} 未在限期内确认。',
    en: 'Request {number} was opened urgently by {opener} and not confirmed by {approver} in time.',
  },
});
