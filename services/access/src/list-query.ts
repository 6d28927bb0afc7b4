/** What the queries of lists have in common. */

/** entries of a page where the query does not say */
export const defaultLimit = 50;

/** The span of time that a list is narrowed to, as the catalogue takes it. */
export const timesOf = ({ from, to }: { readonly from?: string | undefined; readonly to?: string | undefined }) => ({
  ...(from === undefined ? {} : { from: new Date(from) }),
  ...(to === undefined ? {} : { to: new Date(to) }),
});
