import { computed, signal } from "@preact/signals";
import type { Catalog } from "./catalog";
import { en } from "./en";
import { formatLocale } from "./locale";

export type { Catalog } from "./catalog";

/** The languages with a catalog, by their own names. A catalog is loaded when it is chosen. */
export const LANGUAGES = { en: "English", de: "Deutsch", ar: "العربية" } as const;

export type Language = keyof typeof LANGUAGES;

const CATALOGS: Record<Language, () => Promise<Catalog>> = {
  en: async () => en,
  de: async () => (await import("./de")).de,
  ar: async () => (await import("./ar")).ar,
};
const RIGHT_TO_LEFT: readonly Language[] = ["ar"];
const CHOSEN = "lockstep-language";

/** The language of the page. Texts follow it. */
export const language = signal<Language>("en");

/** The locale of numbers, dates and times, such as "ar-EG" or "en-DE". */
export const locale = computed(() => formatLocale(language.value, navigator.languages));

/** The texts of the page. */
export const texts = signal<Catalog>(en);

let wanted: Language = "en";

/** Return the chosen language, or the first of the browser's with a catalog. */
export function preferredLanguage(chosen: string | null, accepted: readonly string[]): Language {
  const known = [chosen ?? "", ...accepted].map((tag) => tag.toLowerCase().split("-")[0] ?? "");
  return (known.find((tag) => Object.hasOwn(LANGUAGES, tag)) as Language | undefined) ?? "en";
}

/** Load the catalog of the preferred language and show the page in it. */
export async function startLanguage(): Promise<void> {
  const preferred = preferredLanguage(rememberedLanguage(), navigator.languages);
  // Without its catalog the page starts in English.
  await showLanguage(preferred, CATALOGS[preferred]).catch(() => undefined);
}

/** Show the page in another language from now on. Throws where its catalog does not load. */
export async function chooseLanguage(chosen: Language, load = CATALOGS[chosen]): Promise<void> {
  await showLanguage(chosen, load);
  try {
    localStorage.setItem(CHOSEN, chosen);
  } catch {
    // A browser that stores nothing shows the language until the page closes.
  }
}

function rememberedLanguage(): string | null {
  try {
    return localStorage.getItem(CHOSEN);
  } catch {
    return null;
  }
}

async function showLanguage(shown: Language, load: () => Promise<Catalog>): Promise<void> {
  wanted = shown;
  const catalog = await load();
  // A catalog that loads after a later choice leaves the page in that language.
  if (wanted !== shown) return;
  texts.value = catalog;
  language.value = shown;
  document.documentElement.lang = shown;
  document.documentElement.dir = RIGHT_TO_LEFT.includes(shown) ? "rtl" : "ltr";
}

/** Return a name between characters that keep its direction apart from the text around it. */
export function isolated(name: string): string {
  return `\u2068${name}\u2069`;
}
