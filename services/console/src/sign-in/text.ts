import type { Wording } from '../app/i18n/text.ts';

export const signInZh = {
  title: '登录',
  login: '账号',
  password: '密码',
  submit: '登录',
  loginRequired: '请输入账号',
  passwordRequired: '请输入密码',
  promise: '执法音像证据的接收、封存与核验',
  points: {
    sealed: '原始资料一经封存，任何改动都会被发现',
    recorded: '每一次登录、查看、播放都记入日志',
    verifiable: '封存回执可以离线独立核验',
  },
  notice: '仅限经授权的人员使用。登录成功与失败均会记录。',
  version: '版本 {{version}}',
} as const;

export const signInEn: Wording<typeof signInZh> = {
  title: 'Sign in',
  login: 'Login',
  password: 'Password',
  submit: 'Sign in',
  loginRequired: 'Enter your login',
  passwordRequired: 'Enter your password',
  promise: 'Receiving, sealing and verifying law-enforcement recordings',
  points: {
    sealed: 'Once an original is sealed, any change to it shows',
    recorded: 'Every sign-in, look and play goes on record',
    verifiable: 'Receipts can be verified offline, without us',
  },
  notice: 'Authorised persons only. Successful and failed sign-ins are recorded.',
  version: 'Version {{version}}',
};
