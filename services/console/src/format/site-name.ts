import type { TFunction } from 'i18next';
import { commonZh } from '../app/i18n/common.ts';

/** Whether the site was given a name; one that was not is called what the product is called in Chinese. */
export const hasOwnName = (name: string): boolean => name !== commonZh.product;

/** What the site calls itself; without a name of its own it bears the product's, which has one in each language. */
export const siteName = (name: string, t: TFunction): string => (hasOwnName(name) ? name : t('common.product'));
