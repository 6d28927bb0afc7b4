import type { TFunction } from 'i18next';
import { commonZh } from '../app/i18n/common.ts';

/** What the site calls itself; one that was given no name of its own bears the product's, which has one in each language. */
export const siteName = (name: string, t: TFunction): string =>
  name === commonZh.product ? t('common.product') : name;
