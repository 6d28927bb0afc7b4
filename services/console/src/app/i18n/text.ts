/**
 * The shape of a dictionary with any wording: what the second language must fill, key by key, or it does not compile. Chinese has no plural;
 * a language that has one may add a `<key>_one` (i18next chooses by `count`).
 */
export type Wording<T> = { readonly [K in keyof T]: T[K] extends string ? string : Wording<T[K]> } & {
  readonly [K in keyof T & string as T[K] extends string ? `${K}_one` : never]?: string;
};
