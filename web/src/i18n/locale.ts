/** Return the locale of a language in the visitor's region, which the browser's languages name. */
export function formatLocale(shown: string, accepted: readonly string[]): string {
  const own = accepted.find((tag) => tag.toLowerCase().split("-")[0] === shown);
  if (own) return own;
  const region = accepted.map((tag) => new Intl.Locale(tag).region).find(Boolean);
  return region ? `${shown}-${region}` : shown;
}
