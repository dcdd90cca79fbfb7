import type { en } from "./en";
import type { Plural } from "./plural";

/** A text of the shape of an English one. Each language has plural forms of its own. */
type Translated<T> = T extends (...parameters: infer P) => string
  ? (...parameters: P) => string
  : T extends string
    ? string
    : [keyof T] extends [keyof Plural]
      ? Plural
      : { [Key in keyof T]: Translated<T[Key]> };

/** The texts of one language. */
export type Catalog = Translated<typeof en>;
