/** Return an address, or null for a text that is none. Not every supported browser has `URL.canParse`. */
export function addressOf(text: string, base?: string): URL | null {
  try {
    return new URL(text, base);
  } catch {
    return null;
  }
}
