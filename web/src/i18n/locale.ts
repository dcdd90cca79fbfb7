/** Return the locale of a language in the visitor's region, which the browser's languages name. */
export function formatLocale(shown: string, accepted: readonly string[]): string {
  const own = accepted.find((tag) => tag.toLowerCase().split("-")[0] === shown);
  if (own) return own;
  const region = accepted.map(regionOf).find(Boolean);
  return region ? `${shown}-${region}` : shown;
}

function regionOf(tag: string): string | undefined {
  try {
    return new Intl.Locale(tag).region;
  } catch {
    // Some browsers name a locale of their system, such as "en-US@posix".
    return undefined;
  }
}
