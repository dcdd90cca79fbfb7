// Control and format characters, spaces, and marks without a letter.
const INVISIBLE = /^[\p{C}\p{Z}\p{M}]*/u;

/** Return the first visible letter or symbol of a name. Without `Intl.Segmenter` it lacks accents that are characters of their own. */
export function initialOf(name: string): string {
  const visible = name.replace(INVISIBLE, "");
  // Not every supported browser has it.
  if (!("Segmenter" in Intl)) return Array.from(visible)[0] ?? "";
  return new Intl.Segmenter().segment(visible)[Symbol.iterator]().next().value?.segment ?? "";
}
