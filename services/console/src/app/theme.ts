import type { ThemeConfig } from 'antd';

const sans =
  '"Inter", "Segoe UI", "PingFang SC", "HarmonyOS Sans SC", "MiSans", "Microsoft YaHei", "Source Han Sans SC", "Noto Sans CJK SC", "Noto Sans SC", sans-serif';
const mono =
  '"JetBrains Mono", "Cascadia Mono", "SFMono-Regular", Consolas, "Liberation Mono", "Noto Sans Mono CJK SC", monospace';

/** Deep blue and neutral greys, one accent for the seal; dense, square, without shadows. Text contrast is AA throughout. */
export const theme: ThemeConfig = {
  hashed: false,
  token: {
    colorPrimary: '#1c4f8f',
    colorInfo: '#1c4f8f',
    colorLink: '#1c4f8f',
    colorSuccess: '#1b7347',
    colorWarning: '#8f5b00',
    colorError: '#b3261e',
    colorInfoBg: '#f2f7fd',
    colorInfoBorder: '#bdd1ea',
    colorErrorBg: '#fdf3f2',
    colorErrorBorder: '#ecb8b4',
    colorWarningBg: '#fdf8ec',
    colorWarningBorder: '#e6cf9f',
    colorTextBase: '#172334',
    colorTextSecondary: '#4a586b',
    colorTextTertiary: '#5c6a7d',
    colorTextPlaceholder: '#5f6d80',
    colorTextDescription: '#55637a',
    colorBorder: '#c5cedb',
    colorBorderSecondary: '#e1e6ed',
    colorBgLayout: '#f2f4f7',
    borderRadius: 4,
    borderRadiusLG: 6,
    borderRadiusSM: 3,
    fontFamily: sans,
    fontFamilyCode: mono,
    fontSize: 14,
    controlHeight: 32,
    boxShadowTertiary: 'none',
    motionDurationMid: '0.12s',
    motionDurationSlow: '0.18s',
  },
  components: {
    Table: {
      headerBg: '#f7f8fa',
      headerColor: '#4a586b',
      headerSplitColor: 'transparent',
      cellPaddingBlock: 9,
      cellPaddingInline: 12,
      rowHoverBg: '#f3f7fc',
    },
    Button: { primaryShadow: 'none', defaultShadow: 'none', fontWeight: 500 },
    Form: { labelColor: '#4a586b', itemMarginBottom: 18 },
    Progress: { defaultColor: '#1c4f8f' },
    Alert: { withDescriptionPadding: '12px 16px' },
  },
};
