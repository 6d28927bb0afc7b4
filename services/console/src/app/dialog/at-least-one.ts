/**
 * A rule for a group of check boxes. Not `required`: that would put `aria-required` on a plain group, where ARIA does not allow it.
 */
export function atLeastOne(message: string) {
  return {
    validator: (_: unknown, value: unknown) =>
      Array.isArray(value) && value.length > 0 ? Promise.resolve() : Promise.reject(new Error(message)),
  };
}
