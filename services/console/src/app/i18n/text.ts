/** The shape of a dictionary with any wording: what the second language must fill, key by key, or it does not compile. */
export type Wording<T> = { readonly [K in keyof T]: T[K] extends string ? string : Wording<T[K]> };
