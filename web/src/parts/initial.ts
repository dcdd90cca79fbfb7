/** Return the first letter of a name. Without `Intl.Segmenter` it lacks accents that are characters of their own. */
export function initialOf(name: string): string {
  // Not every supported browser has it.
  if (!("Segmenter" in Intl)) return Array.from(name)[0] ?? "";
  return new Intl.Segmenter().segment(name)[Symbol.iterator]().next().value?.segment ?? "";
}
