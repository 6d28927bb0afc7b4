/** The keys of a dictionary with any wording: what its second language must fill, key by key, or it does not compile. */
export type SameKeys<T> = { readonly [K in keyof T]: T[K] extends string ? string : SameKeys<T[K]> };
