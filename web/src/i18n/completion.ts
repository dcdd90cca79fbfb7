import type { Catalog, PartialCatalog } from "./catalog";

type Texts = { readonly [key: string]: unknown };

/** Return a catalog with the texts of another one in place of those that it lacks. */
export function completed(partial: PartialCatalog, fallback: Catalog): Catalog {
  return filled(partial as Texts, fallback as unknown as Texts) as unknown as Catalog;
}

function filled(partial: Texts, fallback: Texts): Texts {
  const entries = Object.entries(fallback).map(([key, text]) => {
    const own = partial[key];
    const isGroup = typeof text === "object" && text !== null && typeof own === "object" && own !== null;
    return [key, isGroup ? filled(own as Texts, text as Texts) : (own ?? text)];
  });
  return { ...partial, ...Object.fromEntries(entries) };
}
